"""The obligation: the formula, its limits, the oracle, and bad input."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.cbam.embedded import Precursor, Production, embedded_emissions
from mriocarbon.cbam.obligation import certificates_due, de_minimis, obligation
from mriocarbon.errors import InputError, NotAvailableError, UnitError, UnknownNameError

TONNES = st.decimals(min_value=0, max_value=10**6, places=3)
SEE = st.decimals(min_value=0, max_value=30, places=3)


def test_hot_rolled_coil_of_china_by_hand() -> None:
    due = obligation("7208", 1000, origin="CHN", year=2026, price="75.36")
    assert due.see == Decimal("3.506")  # the annex's own column, not 3.187 x 1.1 = 3.5057
    assert due.sefa == Decimal("0.975") * Decimal("1.370")
    assert due.certificates == 1000 * (Decimal("3.506") - Decimal("1.33575"))
    assert due.gross_eur == Decimal("264212.16")
    assert due.net_eur == Decimal("163550.04")
    assert due.markup_eur == Decimal("24039.84")  # 1000 x 0.319 x 75.36
    assert due.route == "C"
    assert any("provisional" in note for note in due.notes)
    assert any("2025/2621" in source for source in due.sources)
    assert any("2025/2620" in source for source in due.sources)


@pytest.mark.parametrize(
    ("year", "factor"),
    [
        (2026, "0.975"),
        (2027, "0.95"),
        (2028, "0.90"),
        (2029, "0.775"),
        (2030, "0.515"),
        (2031, "0.39"),
        (2032, "0.265"),
        (2033, "0.14"),
        (2034, "0"),
    ],
)
def test_factor_of_free_allocation(year, factor) -> None:
    due = obligation("7208", 1, origin="India", year=year, price=100)
    assert due.sefa == Decimal(factor) * Decimal("1.370")
    assert due.certificates == due.see - due.sefa


def test_column_a_for_actual_data_and_precursors() -> None:
    """Slab by the blast furnace: 0.188 in column A, 1.364 in column B."""
    share = Decimal("0.975")
    iron = (Decimal("1.08"), share * Decimal("1.089"))
    due = obligation(
        "72071210", 100, origin="CHN", year=2026, see=2, data="actual", route="C", price=80,
        precursor_allocation=[iron],
    )  # fmt: skip
    assert due.sefa == share * Decimal("0.188") + iron[0] * iron[1]
    assert due.markup_eur == 0
    plain = obligation(
        "72071210", 100, origin="CHN", year=2026, see=2, data="actual", route="C", price=80
    )
    assert plain.certificates - due.certificates == 100 * iron[0] * iron[1]
    default = obligation("72071210", 100, origin="CHN", year=2026, price=80, route="C")
    assert default.sefa == share * Decimal("1.364")


def test_cross_sectoral_correction() -> None:
    half = obligation("7208", 1, origin="CHN", year=2026, price=80, cross_sectoral="0.5")
    whole = obligation("7208", 1, origin="CHN", year=2026, price=80)
    assert half.sefa * 2 == whole.sefa
    assert not any("cross-sectoral" in note for note in half.notes)
    with pytest.raises(InputError, match="more than 1"):
        obligation("7208", 1, origin="CHN", year=2026, cross_sectoral=1.1)


def test_scope_of_embedded_emissions() -> None:
    slab = Production("slab", "72071210", 2, 1)
    coil = embedded_emissions(Production("coil", "7208", "0.1", "0.2", [Precursor(slab, 1)]))
    due = obligation("7208", 10, origin="CHN", year=2026, see=coil, data="actual", price=80)
    assert due.see == Decimal("2.1")  # direct only
    with pytest.raises(InputError, match="those of 7208"):
        obligation("7601", 10, origin="CHN", year=2026, see=coil, data="actual", route="K")


def test_price_paid_abroad() -> None:
    none = obligation("7208", 1000, origin="CHN", year=2026, price=80)
    paid = obligation("7208", 1000, origin="CHN", year=2026, price=80, paid_abroad=16000)
    assert paid.paid_abroad_tonnes == 200
    assert none.certificates - paid.certificates == 200
    assert none.net_eur - paid.net_eur == 16000
    assert any("provisional" in n and "Article 9" in n for n in paid.notes)
    much = obligation("7208", 1000, origin="CHN", year=2026, price=80, paid_abroad=10**9)
    assert much.certificates == 0 and much.net_eur == 0 and much.markup_eur == 0
    assert much.gross_eur == none.gross_eur


@given(TONNES, SEE, SEE, SEE, st.decimals(min_value=1, max_value=500, places=2))
def test_agrees_with_oracle(tonnes, see, sefa, paid, price) -> None:
    """The oracle's credit is capped at the embedded emissions, ours at zero certificates."""
    from opencbam.engine import financial
    from opencbam.engine.types import Sector

    expected = financial.compute_certificates(
        mass=tonnes,
        see_direct=see,
        see_indirect=Decimal(7),
        indirect_in_scope=False,
        sefa=sefa,
        sector=Sector.IRON_STEEL,
        certificate_price=price,
        carbon_price_paid_per_tonne=paid,
    )
    credit = paid * tonnes * see / price
    found = certificates_due(tonnes, see, sefa, credit)
    assert abs(found - expected.certificates_due) < Decimal("1e-18")


@pytest.mark.parametrize(
    "cn", ["72081000", "73081000", "76011010", "28141000", "28080000", "28041000"]
)
@pytest.mark.parametrize("year", [2026, 2028])
def test_sefa_agrees_with_oracle(cn, year) -> None:
    from opencbam.engine import constants, reference
    from opencbam.engine.types import DataSource

    due = obligation(cn, 1, origin="CHN", year=year, price=80)
    route = reference.Route(due.route) if due.route else None
    bench = reference.get_benchmark(cn, data_source=DataSource.DEFAULT, route=route, year=year)
    assert due.sefa == constants.cbam_factor(year) * bench


@given(TONNES, SEE, SEE, st.decimals(min_value=0, max_value=10**6, places=2))
def test_floor_and_monotony(tonnes, see, sefa, credit) -> None:
    found = certificates_due(tonnes, see, sefa, credit)
    assert found >= 0
    assert certificates_due(tonnes, see + 1, sefa, credit) >= found
    assert certificates_due(tonnes, see, sefa + 1, credit) <= found
    assert found <= tonnes * see


def test_zero_mass_costs_nothing() -> None:
    due = obligation("7208", 0, origin="CHN", year=2026)
    assert due.net_eur == due.gross_eur == due.certificates == 0


def test_clinker_is_told() -> None:
    due = obligation("25232900", 10, origin="CHN", year=2026, price=80)
    assert any("clinker" in note for note in due.notes)
    assert due.see > Decimal("1.42")  # marked up; with indirect emissions


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"tonnes": -1}, InputError, "less than 0"),
        ({"tonnes": float("nan")}, InputError, "is nan"),
        ({"tonnes": "1.234,5"}, InputError, "decimal point"),
        ({"tonnes": 30_000_000}, UnitError, "kilograms"),
        ({"tonnes": 1_000_000, "value_eur": 900_000}, UnitError, "kilograms"),
        ({"tonnes": 1, "value_eur": 900_000}, UnitError, "tonnes already"),
        ({"mass_unit": "lb"}, UnitError, "lb"),
        ({"cn": "72x8"}, InputError, "72x8"),
        ({"cn": "9999"}, UnknownNameError, "9999"),
        ({"origin": "Chnia"}, UnknownNameError, "China"),
        ({"origin": "Norway"}, NotAvailableError, "Annex III"),
        ({"origin": "Germany"}, NotAvailableError, "member state"),
        ({"year": 2025}, NotAvailableError, "2026"),
        ({"year": "2026"}, InputError, "no year"),
        ({"data": "typical"}, InputError, "typical"),
        ({"data": "actual"}, InputError, "embedded emissions"),
        ({"see": 2}, InputError, "default data"),
        ({"data": "actual", "see": 2300}, InputError, "divide by 1000"),
        ({"data": "actual", "see": -1}, InputError, "less than 0"),
        ({"precursor_allocation": [(1, 1)]}, InputError, "column B"),
        ({"price": 0}, InputError, "zero"),
        ({"paid_abroad": -5}, InputError, "less than 0"),
        ({"paid_abroad": "1e99999999"}, InputError, "1e\\+99999999, which no"),
        ({"price": "1e30"}, InputError, "1e\\+30, which no"),
        ({"price": "1e-99999999", "paid_abroad": 5}, InputError, "count its zeros"),
        ({"tonnes": "1e400"}, InputError, "1e\\+400, which no"),
    ],
)
def test_bad_input(change, error, message) -> None:
    good = {"cn": "7208", "tonnes": 1, "origin": "CHN", "year": 2026}
    with pytest.raises(error, match=message):
        obligation(**{**good, **change})


def test_the_largest_amounts_are_exact_to_the_cent() -> None:
    due = obligation("7208", 20_000_000, origin="CHN", year=2026, price="9.99e15", paid_abroad="0")
    assert due.gross_eur == Decimal(20_000_000) * due.see * Decimal("9.99e15")
    assert due.gross_eur.as_tuple().exponent == -2


def test_kilograms() -> None:
    kilograms = obligation("7208", 5000, origin="CHN", year=2026, mass_unit="kg")
    assert kilograms.tonnes == 5


def test_route_that_the_benchmarks_do_not_list() -> None:
    """7225 19 90 of China is route F (low alloy), its benchmarks are those of C, D and E."""
    due = obligation("72251990", 10, origin="CHN", year=2026, price=80)
    assert due.sefa == Decimal("0.975") * Decimal("1.488")  # the highest, point 5.1
    assert any("no benchmark for route F" in note for note in due.notes)


def test_later_nomenclature() -> None:
    due = obligation("3102 10 19", 10, origin="China", year=2026, price=80)
    assert due.see == Decimal("2.879")  # 2.850 x 1.01, half up


def test_de_minimis() -> None:
    assert de_minimis({"7208": "49.999", "7601": "0.001"}).exempt  # exactly 50 t
    above = de_minimis({"7208": "49.999", "7601": "0.002"})
    assert not above.exempt and above.owing == ("7208", "7601")
    hydrogen = de_minimis({"7208": 10, "28041000": "0.5", "2716 00 00": 1})
    assert hydrogen.exempt and hydrogen.owing == ("28041000", "27160000")
    assert hydrogen.tonnes == 10  # hydrogen and electricity do not use the threshold up
    assert de_minimis({}).exempt
    with pytest.raises(UnknownNameError):
        de_minimis({"9999": 1})
    with pytest.raises(InputError, match="less than 0"):
        de_minimis({"7208": -1})


def test_de_minimis_agrees_with_oracle() -> None:
    from opencbam.engine.financial import is_de_minimis
    from opencbam.engine.types import Sector

    for mass in ("0", "50", "50.000001", "51"):
        expected = is_de_minimis(Decimal(mass), Sector.IRON_STEEL)
        assert de_minimis({"7208": mass}).exempt == expected


def test_small_consignments_and_actual_data_are_told_what_is_not_counted() -> None:
    def notes(cn: str, tonnes: float, **more: object) -> str:
        return " ".join(obligation(cn, tonnes, origin="CHN", year=2026, **more).notes)

    assert "50 t or less" in notes("7208", 50)
    assert "50 t or less" not in notes("7208", 50.1) + notes("28041000", 10)
    actual = {"see": 2, "data": "actual"}
    assert "own step alone" in notes("7208", 100, **actual)
    assert "own step" not in notes("7208", 100, **actual, precursor_allocation=[(1, 1)])
