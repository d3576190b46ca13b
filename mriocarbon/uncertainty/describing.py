"""An error model in words, for every result that rests on it."""

from __future__ import annotations

from mriocarbon.uncertainty.distributions import Dirichlet
from mriocarbon.uncertainty.errormodel import Correlation, ErrorModel

__all__ = ["described"]


def described(errors: ErrorModel) -> str:
    """Return an error model in words: basis, distribution, what is shared, what is held.

    Parameters
    ----------
    errors : ErrorModel

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> described(ErrorModel(stressor=0.05))
    'errors: assumed; lognormal; no correlation; row balance (output follows its uses)'
    """
    held = {
        "row balance": "row balance (output follows its uses)",
        "fixed output": "fixed output (drawn tables do not balance)",
        "gras": "balanced by GRAS to the table's own margins",
    }[errors.balance]
    words = {"TruncatedNormal": "truncated normal"}
    kind = type(errors.distribution).__name__
    kind = words.get(kind, kind.lower())
    shared = [
        f"{part} {_shares(shares)}"
        for part, shares in (
            ("stressor", errors.stressor_shared),
            ("flows", errors.flows_shared),
            ("demand", errors.demand_shared),
        )
        if shares.own < 1
    ]
    if isinstance(errors.stressor, Dirichlet):
        shared = [s for s in shared if not s.startswith("stressor")]
        shared.insert(0, "stressor split by Dirichlet shares")
    together = "shared variance: " + ", ".join(shared) if shared else "no correlation"
    return f"errors: {errors.basis}; {kind}; {together}; {held}"


def _shares(c: Correlation) -> str:
    named = (("country", c.country), ("industry", c.industry), ("all", c.source))
    return "/".join(f"{name} {share:.2g}" for name, share in named if share > 0)
