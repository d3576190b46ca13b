"""What an obligation says beside its figures: sources, notes, and refusals that lead on."""

import importlib
from dataclasses import replace
from decimal import Decimal

import pytest

from mriocarbon.cbam.embedded import MOST_SEE, Production, embedded_emissions
from mriocarbon.cbam.obligation import (
    ARTICLE_9,
    CSCF_NOTE,
    OWN_STEP,
    SMALL,
    Obligation,
    check_correction,
    de_minimis,
    obligation,
    sector_of,
)
from mriocarbon.cbam.origins import origin
from mriocarbon.errors import InputError, MriocarbonError, NotAvailableError, UnitError

COIL = embedded_emissions(Production("coil", "7208", "0.1", "0.2"))
ACTUAL = {"data": "actual", "see": 2}


def due(**change: object) -> Obligation:
    known = {"cn": "7208", "tonnes": 100, "origin": "CHN", "year": 2026, "price": 80}
    return obligation(**{**known, **change})


def test_every_figure_of_an_obligation_by_default_values() -> None:
    found = due(tonnes=1000, paid_abroad=160, origin=origin("China"))
    assert (found.cn, found.origin, found.data) == ("7208", "CHN", "default")
    assert (found.route, found.year, found.tonnes) == ("C", 2026, 1000)
    assert (found.embedded, found.free_allocation) == (3506, Decimal("1335.75"))
    assert found.paid_abroad_tonnes == 2
    assert found.certificates == Decimal("2168.25")
    assert (found.gross_eur, found.net_eur) == (280480, 173460)
    assert found.markup_eur == Decimal("25520")  # 1000 x (3.506 - 3.187) x 80
    assert found.price.eur == 80
    assert found.notes == (CSCF_NOTE, ARTICLE_9)
    value, benchmark, price = found.sources
    assert "2025/2621" in value and 'table "China"' in value and "column 2026" in value
    assert "2025/2620" in benchmark and "column B" in benchmark and "route C" in benchmark
    assert price == "80 EUR per certificate, given (given by the caller)"


def test_every_figure_of_an_obligation_by_actual_data() -> None:
    found = due(cn="25232900", tonnes=50, data="actual", see=1)
    assert (found.data, found.route, found.see, found.markup_eur) == ("actual", "", 1, 0)
    assert found.notes == (
        CSCF_NOTE,
        "mass counts in tonnes of clinker contained (Regulation (EU) 2025/2547, Article 4(5))",
        OWN_STEP,
        SMALL,
    )
    given, benchmark, _ = found.sources
    assert given == "embedded emissions: given by the caller, to be verified (Article 8)"
    assert "column A" in benchmark
    assert due(**ACTUAL, route="C").route == "C"  # the benchmark is the same for every route
    assert due(**ACTUAL, precursor_allocation=[(2, "0.5"), (1, "0.25")]).sefa == (
        due(**ACTUAL).sefa + Decimal("1.25")
    )


def test_a_fallback_and_a_defect_of_the_annex_are_told() -> None:
    assert due(origin="Nauru").notes[0] == "Nauru is not listed in the annex"
    (told,) = [n for n in due(cn="252329", origin="Argentina").notes if "defect" in n]
    assert told == "known defect of the annex: compounded mark-up"
    assert not any("defect" in n for n in due().notes)


def test_the_year_s_own_price_and_what_it_assumes() -> None:
    found = due(price=None)
    assert "mean of 2026-Q1" in found.price.assumed
    assert found.price.assumed in found.notes


def test_small_masses() -> None:
    assert SMALL in due(tonnes=50).notes
    assert SMALL in due(tonnes="0.5").notes
    assert SMALL not in due(tonnes=0).notes  # nothing is no consignment
    assert SMALL not in due(cn="2804", tonnes=10).notes  # hydrogen, by its heading


def test_embedded_emissions_fit_a_code_above_or_below_their_own() -> None:
    fine = embedded_emissions(Production("sheet", "72081000", "0.1", "0.2"))
    assert due(data="actual", see=fine).see == Decimal("0.1")
    assert due(cn="72081000", data="actual", see=COIL).see == Decimal("0.1")


def test_a_route_that_was_asked_for_is_never_replaced() -> None:
    with pytest.raises(NotAvailableError, match=r"column B for route F"):
        due(cn="72251990", route="F")
    note = due(cn="72251990").notes[0]
    assert note.startswith("no benchmark for route F of the default value: highest of the routes")


def test_the_value_is_looked_at_only_where_there_is_a_mass() -> None:
    assert due(tonnes=0, value_eur=5).net_eur == 0
    assert due(tonnes="0.5", value_eur=500).tonnes == Decimal("0.5")
    with pytest.raises(UnitError) as caught:
        due(value_eur=100)
    assert caught.value.where == "tonnes"
    assert "implausible for iron_steel" in caught.value.what
    # `obligation` has no check_units: what to do must be something one can do here
    assert caught.value.do.endswith("if the line is right all the same, leave `value_eur` out")


def test_limits_that_are_still_allowed() -> None:
    assert check_correction(1) == (1, "")
    assert check_correction(None) == (1, CSCF_NOTE)
    assert due(data="actual", see=MOST_SEE).see == MOST_SEE
    assert due(**ACTUAL, precursor_allocation=[(1, MOST_SEE)]).sefa > MOST_SEE
    with pytest.raises(InputError, match="more than 100"):
        due(**ACTUAL, precursor_allocation=[(1, MOST_SEE + 1)])
    assert sector_of("7601") == "aluminium"
    assert due(year=2027).year == 2027 and due(year=2034).sefa == 0


PAID_BACK = "give an amount that is not below the bound; book a return as its own case"


@pytest.mark.parametrize(
    ("change", "what", "where", "do"),
    [
        ({"origin": "Norway"}, "no obligation for Norway",
         "Regulation (EU) 2023/956, Annex III: goods originating in NOR are not charged",
         "ask for another country of origin"),
        ({"see": 2}, "embedded emissions were given for default data", "see",
         "say data='actual', or leave `see` out to take the default value"),
        ({"precursor_allocation": [(1, 1)]},
         "the allocation of precursors was given for default data", "precursor_allocation",
         "leave it out: column B of the benchmarks holds the precursors already"),
        ({"data": "actual"}, "actual data need the embedded emissions", "see",
         "give t CO2e per tonne, or what embedded_emissions returns"),
        ({"data": "typical"}, "unknown kind of data 'typical'", "data", "'default' or 'actual'"),
        ({"cn": "7601", "see": COIL, "data": "actual", "route": "K"},
         "the embedded emissions are those of 7208 (coil), not of 7601", "see",
         "give those of the good itself"),
        ({"year": "2026"}, "no year: '2026'", "year", "give a year such as 2026"),
        ({"year": True}, "no year: True", "year", "give a year such as 2026"),
        ({"year": 2025}, "no obligation in 2025: the definitive period begins in 2026", "year",
         "ask for 2026 or later"),
        ({"cross_sectoral": 1.1}, "cross-sectoral correction factor is 1.1, more than 1",
         "cross-sectoral correction factor", "it is a share, at most 1"),
        ({"data": "actual", "see": 101}, "specific embedded emissions is 101, more than 100",
         "specific embedded emissions",
         "they are in t CO2e per tonne: divide by 1000 if these are kg per tonne"),
        ({"paid_abroad": -5}, "carbon price paid abroad in EUR is -5, less than 0",
         "carbon price paid abroad in EUR", PAID_BACK),
        ({"value_eur": -1}, "value in EUR is -1, less than 0", "value in EUR", PAID_BACK),
        ({**ACTUAL, "precursor_allocation": [(1, 1), (-1, 1)]},
         "tonnes of precursor per tonne is -1, less than 0", "precursor_allocation[1]", PAID_BACK),
        ({**ACTUAL, "precursor_allocation": [(1, -1)]},
         "free allocation of the precursor is -1, less than 0", "precursor_allocation[0]",
         PAID_BACK),
    ],
    ids=lambda v: "",
)  # fmt: skip
def test_a_refusal_says_what_where_and_what_to_do(change, what, where, do) -> None:
    with pytest.raises(MriocarbonError) as caught:
        due(**change)
    assert (caught.value.what, caught.value.where, caught.value.do) == (what, where, do)


def test_a_value_that_the_annex_lacks_sends_to_actual_data(monkeypatch) -> None:
    from mriocarbon.cbam.defaults import default_value

    module = importlib.import_module("mriocarbon.cbam.obligation")  # not the function
    whole = default_value("7208", origin="CHN", year=2026)
    for lacking in ({"marked_up": None}, {"total": None}):
        monkeypatch.setattr(
            module, "default_value", lambda *a, lacking=lacking, **k: replace(whole, **lacking)
        )
        with pytest.raises(NotAvailableError) as caught:
            due()
        assert caught.value.what == "no default value for 7208 of China"
        assert "Annex I" in caught.value.where
        assert caught.value.do == "give the actual emissions: see=..., data='actual'"


def test_goods_of_a_year_add_up_by_code_and_hydrogen_by_any_of_its_codes() -> None:
    found = de_minimis({"7208": 30, "72 08": "20.5"})
    assert found.tonnes == Decimal("50.5") and not found.exempt and found.owing == ("7208",)
    assert found.threshold == 50
    headings = de_minimis({"2804": 1, "2716": 2, "7208": 3})
    assert headings.owing == ("2804", "2716") and headings.tonnes == 3 and headings.exempt
    none = de_minimis({"28041000": 0, "7601": 60, "7208": 0})
    assert none.owing == ("7601",)  # what was not brought in owes nothing
    with pytest.raises(InputError) as caught:
        de_minimis({"7208": 1, "7601 10": -1})
    assert caught.value.where == "tonnes of 7601 10"


def test_the_benchmark_is_that_of_the_year() -> None:
    later = "of 2028 to 2030: none is fixed for later"
    assert later in due(year=2035).notes and later not in due(year=2030).notes
    (told,) = [n for n in due(cn="72251990", year=2035).notes if "no benchmark" in n]
    assert later in told


def test_the_sector_of_a_code_with_one_good_below_it() -> None:
    assert sector_of("76011010") == "aluminium" and sector_of("28041000") == "hydrogen"
    assert isinstance(de_minimis({}).tonnes, Decimal)


def test_a_benchmark_that_is_the_only_one_is_said_to_be(monkeypatch) -> None:
    module = importlib.import_module("mriocarbon.cbam.obligation")
    whole = module.benchmark

    def lacking(cn, *, route=None, **given):
        if route is not None:
            raise NotAvailableError("no benchmark for this route")
        return replace(whole(cn, **given), note="")

    monkeypatch.setattr(module, "benchmark", lacking)
    assert due().notes[0] == ("no benchmark for route C of the default value: the only one")


def test_the_default_value_is_that_of_the_year_and_the_route() -> None:
    assert [due(year=year).see for year in (2026, 2028)] == [Decimal("3.506"), Decimal("4.143")]
    with pytest.raises(InputError) as caught:
        due(route="Z")
    assert caught.value.do == "known: C"  # the routes of the value, not those of the benchmark
    actual = due(**ACTUAL, year=2035)
    assert any("none is fixed for later" in note for note in actual.notes)
