"""Random pairs of tables, and the effects of every order of change."""

import itertools

import numpy as np
from hypothesis import strategies as st

from tests.properties.tables import random_case

SIX = ("intensity", "technology", "trade", "origin", "mix", "level")


@st.composite
def pairs(draw, *, categories: int = 1, negative: bool = True, max_regions: int = 5):
    """Two random cases over the same labels, with zeros and negative demand in either."""
    R = draw(st.integers(1, max_regions), label="regions")
    S = draw(st.integers(1, 4), label="sectors")
    found = []
    for name in ("before", "after"):
        found.append(
            random_case(
                draw(st.integers(0, 2**32 - 1), label=f"seed {name}"), R, S,
                categories=categories,
                zeros=draw(st.integers(0, R * S // 4), label=f"idle {name}"),
                negative_demand=negative and draw(st.booleans(), label=f"negative {name}"),
                density=draw(st.sampled_from([1.0, 0.3]), label=f"density {name}"), decades=1.0,
            )
        )  # fmt: skip
    return tuple(found)


def brute(values, n):
    """Effects of every order of change, shape (n!, n, ...)."""
    out = []
    for order in itertools.permutations(range(n)):
        mask, effects = 0, np.zeros((n, *values.shape[1:]))
        for i in order:
            effects[i] = values[mask | 1 << i] - values[mask]
            mask |= 1 << i
        out.append(effects)
    return np.stack(out)
