"""Embedded emissions with precursors: against the formula, the oracle, and bad input."""

from decimal import Decimal
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.cbam.embedded import Precursor, Production, embedded_emissions
from mriocarbon.errors import InputError, UnknownNameError

SEE = st.decimals(min_value=0, max_value=20, places=4)
MASS = st.decimals(min_value=0, max_value=3, places=4)


def chain() -> Production:
    ore = Production("sinter", "26011200", "0.2", "0.02")
    iron = Production("hot metal", "7201", "1.3", "0.05", [Precursor(ore, "1.5")])
    slab = Production("slab", "72071210", "0.2", "0.03", [Precursor(iron, "0.95")])
    return Production("coil", "7208", "0.1", "0.1", [Precursor(slab, "1.04")])


def test_recursion_by_hand() -> None:
    found = embedded_emissions(chain())
    iron = Decimal("1.3") + Decimal("1.5") * Decimal("0.2")
    slab = Decimal("0.2") + Decimal("0.95") * iron
    assert found.direct == Decimal("0.1") + Decimal("1.04") * slab
    iron_i = Decimal("0.05") + Decimal("1.5") * Decimal("0.02")
    slab_i = Decimal("0.03") + Decimal("0.95") * iron_i
    assert found.indirect == Decimal("0.1") + Decimal("1.04") * slab_i
    assert found.total == found.direct  # steel: direct only, Annex II
    assert found.scope == "direct"
    assert found.tree[0].embedded.tree[0].embedded.name == "hot metal"
    assert len(list(found.lines())) == 4


@given(st.lists(st.tuples(MASS, SEE, SEE, st.booleans()), max_size=5), SEE, SEE)
def test_agrees_with_oracle(precursors, direct, indirect) -> None:
    from opencbam.engine.see import compute_see
    from opencbam.engine.types import AttributionResult, PrecursorInput, ProductionProcess, Sector

    inputs = [
        PrecursorInput(mass=m * 1000, see_direct=d, see_indirect=i, eu_origin=e)
        for m, d, i, e in precursors
    ]
    process = ProductionProcess(Sector.IRON_STEEL, Decimal(1000), precursors=inputs)
    attribution = AttributionResult(direct=direct * 1000, indirect=indirect * 1000)
    expected = compute_see(process, attribution)
    found = embedded_emissions(
        Production(
            "good",
            "7208",
            direct,
            indirect,
            [
                Precursor(Production(f"p{k}", "72071210", d, i, eu_origin=e), m)
                for k, (m, d, i, e) in enumerate(precursors)
            ],
        )
    )
    assert found.direct == expected.see_direct
    assert found.indirect == expected.see_indirect
    assert found.precursor_direct == expected.precursor_direct
    assert found.precursor_indirect == expected.precursor_indirect
    assert found.own_direct + found.precursor_direct == found.direct
    assert found.own_indirect + found.precursor_indirect == found.indirect


def test_indirect_counts_by_the_scope_of_the_good() -> None:
    hydrogen = Production("hydrogen", "28041000", 10, 2)
    ammonia = embedded_emissions(
        Production("ammonia", "28141000", 1, "0.5", [Precursor(hydrogen, "0.18")])
    )
    assert ammonia.scope == "direct+indirect"
    assert ammonia.total == Decimal(1) + Decimal("1.8") + Decimal("0.5") + Decimal("0.36")
    assert embedded_emissions(hydrogen).total == 10


def test_european_precursors_carry_nothing() -> None:
    slab = Production("slab", "72071210", 2, 1, eu_origin=True)
    found = embedded_emissions(Production("coil", "7208", "0.1", 0, [Precursor(slab, 1)]))
    assert found.direct == Decimal("0.1")
    assert not found.tree[0].counted
    assert "not counted" in "\n".join(found.lines())


def test_named_precursors_and_cycles() -> None:
    known = {
        "a": Production("a", "7201", 1, 0, [Precursor("b", "0.5")]),
        "b": Production("b", "7203", 2, 0),
    }
    assert embedded_emissions(known["a"], known).direct == 2
    known["b"] = Production("b", "7203", 2, 0, [Precursor("a", "0.1")])
    with pytest.raises(InputError, match="a <- b <- a"):
        embedded_emissions(known["a"], known)
    with pytest.raises(UnknownNameError, match="production 'd'"):
        embedded_emissions(Production("c", "7201", 1, 0, [Precursor("d", 1)]), known)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"direct": 2330}, "divide by 1000"),
        ({"direct": nan}, "is nan"),
        ({"direct": inf}, "is inf"),
        ({"direct": "1.234,5"}, "not a number"),
        ({"indirect": -1}, "less than 0"),
        ({"cn": "72O8"}, "72O8"),
        ({"direct": True}, "not a number"),
    ],
)
def test_bad_production(change, message) -> None:
    with pytest.raises(InputError, match=message):
        Production(**{"name": "x", "cn": "7208", "direct": 1, "indirect": 0, **change})


def test_bad_amounts_of_precursors() -> None:
    slab = Production("slab", "72071210", 2)
    with pytest.raises(InputError, match="less than 0"):
        Precursor(slab, -1)
    with pytest.raises(InputError, match="negative"):
        embedded_emissions(Production("coil", "7208", -3, 0, [Precursor(slab, 1)]))
