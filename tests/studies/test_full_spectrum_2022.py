"""Natural carbon beside the accounts: each scope apart, nothing netted, no missing as zero."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon import natural
from mriocarbon.datasets.national import rows
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.normal import Z95
from mriocarbon.natural.flux import SCOPES
from mriocarbon.studies.full_spectrum_2022 import full_spectrum, members_2022
from mriocarbon.studies.scope_sums import Sided, ratio_interval, with_scope
from mriocarbon.studies.spectrum import ADDABLE, MAIN, rows_of


@cache
def spectrum(gas, households=True):
    return full_spectrum(gas=gas, households=households)


@pytest.fixture(scope="module")
def co2():
    return spectrum("CO2")


@pytest.fixture(scope="module")
def ghg():
    return spectrum("GHG")


# ---------------------------------------------------------------------------- regions


def test_every_country_stands_in_one_region():
    of = members_2022()
    every = [c for countries in of.values() for c in countries]
    assert len(every) == len(set(every)) and "ROW" not in every
    assert sum(len(v) == 1 for v in of.values()) == 15
    assert len(of["EU27"]) == 27 and len(of["ROW"]) > 100
    assert {"MEX", "BRA"} <= set(of["LAM"]) and "KEN" in of["ROW"]


@pytest.mark.parametrize("region", ["EU27", "AFR", "MEA", "ROW"])
def test_scopes_are_those_of_natural_group(co2, region):
    countries = [c for c in co2.members[region] if c not in ("XKX",)]
    expected = natural.group(countries, 2022, name=region, gas="CO2")
    assert co2.of("managed land", region)
    for scope in SCOPES:
        fluxes = {(f.process, f.method): f for f in expected.of(scope)}
        fluxes = {k: f for k, f in fluxes.items() if k[0] != "net exchange with fossil"}
        found = {(f.process, f.method): f for f in co2.of(scope, region)}
        assert found.keys() == fluxes.keys()
        for key, one in found.items():
            for name in ("value", "low", "high", "sd", "sd_independent", "year_from", "year_to"):
                wanted = getattr(fluxes[key], name)
                assert getattr(one, name) == pytest.approx(wanted, nan_ok=True), (key, name)


@pytest.mark.parametrize("region", ["CHN", "NOR", "USA"])
def test_a_group_of_one_is_the_country(co2, region):
    alone = natural.account(region, 2022, gas="CO2")
    for scope, (process, method) in MAIN.items():
        flux, one = alone.flux(process, method=method), co2.main(scope, region)
        assert (one.value, one.low, one.high) == pytest.approx((flux.value, flux.low, flux.high))
        assert one.interval == flux.interval and one.coverage == "1 of 1"


def test_a_missing_member_is_named_and_not_added(co2):
    one = co2.main("biosphere", "EU27")
    assert one.without == ("LUX",) and one.coverage == "26 of 27" and one.estimated
    both = co2.sum_with("biosphere", "EU27")
    assert math.isnan(both.production) and math.isnan(both.percent) and "LUX" in both.reason
    assert co2.main("biosphere", "SGP") is None
    assert "any member" in co2.sum_with("biosphere", "SGP").reason
    assert any(g.region == "SGP" and g.process == MAIN["biosphere"][0] for g in co2.missing)


def test_a_member_without_error_takes_the_interval_and_is_named(co2):
    one = co2.main("biosphere", "AFR")
    assert math.isnan(one.low) and one.no_interval == ("STP",) and "STP" in one.interval
    assert one.sd_known > 0
    both = co2.sum_with("biosphere", "AFR")
    assert math.isfinite(both.production) and math.isnan(both.production_low)
    assert "STP" in both.reason


def test_other_years_are_marked(co2):
    assert co2.main("managed land", "CHN").period == "2014"
    assert co2.main("managed land", "CHN").estimated
    assert co2.main("land-use change", "CHN").estimated  # of 2022 itself, but of models
    assert not co2.main("land-use change", "CHN").note.startswith("latest")
    assert "largest" in co2.main("managed land", "ROW").note


def test_no_flux_with_fossil_emissions_in_it(co2):
    assert not any("fossil" in one.process for one in co2.figures)


# ---------------------------------------------------------------------------- accounts


@pytest.mark.parametrize("gas", ["CO2", pytest.param("GHG", marks=pytest.mark.slow)])
@pytest.mark.parametrize("households", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_accounts_and_their_paired_interval_are_those_of_the_study(gas, households):
    found = spectrum(gas, households)
    mrio = mc.load("oecd-icio-2022")
    for name, side in (("production", found.production), ("consumption", found.consumption)):
        result = mc.account(
            mrio, name, stressor=gas, households=households, uncertainty="first-order"
        )
        R = len(found.regions)
        for mine, theirs in ((side.value, result.value), (side.low, result.low)):
            np.testing.assert_allclose(mine, theirs[:R], rtol=1e-9)
    shipped = {
        r["region"]: r
        for r in rows("uncertainty_2022")
        if (r["gas"], r["principle"], r["households"])
        == (gas, "consumption", "yes" if households else "no")
    }
    for k, region in enumerate(found.regions):
        row = shipped[region]
        # first order, paired, from the variances and the covariance that are given
        made, used = found.production, found.consumption
        ratio = used.value[k] / made.value[k]
        variance = (
            used.sd[k] ** 2 - 2 * ratio * found.covariance[k] + ratio**2 * made.sd[k] ** 2
        )  # fmt: skip
        half = 100 * Z95 * math.sqrt(variance) / made.value[k]
        got = (found.percent[k], found.percent[k] - half, found.percent[k] + half)
        wanted = tuple(float(row[c]) for c in ("percent", "low", "high"))
        assert got == pytest.approx(wanted, rel=2e-3, abs=2e-3), region
        # and what is shown is of the same kind as with a scope of nothing
        sides = Sided(made.value[k], used.value[k], made.sd[k] ** 2, used.sd[k] ** 2,
                      found.covariance[k])  # fmt: skip
        none = with_scope(region, "managed land", "", sides, 0.0, 0.0)
        shown = (found.percent_low[k], found.percent_high[k])
        assert shown == pytest.approx((none.percent_low, none.percent_high))


def test_sums_are_the_account_and_one_scope(co2):
    assert len(co2.sums) == 3 * len(co2.regions)
    for one in co2.sums:
        k, figure = co2.regions.index(one.region), co2.main(one.scope, one.region)
        if figure is None or figure.without:
            assert math.isnan(one.production) and one.reason
            continue
        made, used = co2.production.value[k], co2.consumption.value[k]
        assert one.production == pytest.approx(made + figure.value)
        assert one.consumption == pytest.approx(used + figure.value)
        assert one.consumption - one.production == pytest.approx(used - made)
        if math.isfinite(figure.sd):
            sd = (one.production_high - one.production) / Z95
            assert sd**2 == pytest.approx(co2.production.sd[k] ** 2 + figure.sd**2)
        if math.isfinite(one.percent):
            # the numerator stays, the denominator moves
            assert one.percent == pytest.approx(co2.percent[k] * made / one.production)
            if math.isfinite(one.percent_low):
                assert one.percent_low < one.percent < one.percent_high
        else:
            assert one.reason


def test_no_sum_of_processes_or_of_another_gas(co2, ghg):
    assert {one.scope for one in co2.sums} == set(ADDABLE) == set(SCOPES) - {"processes"}
    assert {one.scope for one in ghg.sums} == {"managed land"} and ghg.world == ()
    with pytest.raises(UnknownNameError, match="shown with"):
        co2.sum_with("processes", "CHN")
    with pytest.raises(InputError, match="single processes"):
        co2.main("processes", "CHN")
    assert ghg.sum_with("biosphere", "CHN") is None


def test_ghg_turns_each_gas_into_equivalents_apart(co2, ghg):
    for gas, factor in (("CO2", 1.0), ("CH4", 28.0), ("N2O", 265.0)):
        flux = natural.account("USA", 2022, gas=gas).flux(MAIN["managed land"][0], gas=gas)
        assert ghg.main("managed land", "USA", gas).value == pytest.approx(factor * flux.value)
    assert ghg.main("biosphere", "USA").value == co2.main("biosphere", "USA").value
    assert {one.gas for one in ghg.figures} == {"CO2", "CH4", "N2O"}
    assert {one.gas for one in co2.figures} == {"CO2"}


def test_ghg_with_managed_land_needs_all_three_gases(ghg):
    for one in ghg.sums:
        gases = [ghg.main("managed land", one.region, gas) for gas in ("CO2", "CH4", "N2O")]
        k = ghg.regions.index(one.region)
        if any(gas is None or gas.without for gas in gases):
            assert math.isnan(one.production) and "no figure of" in one.reason
            continue
        assert one.production == pytest.approx(
            ghg.production.value[k] + math.fsum(gas.value for gas in gases)
        )
        top = ghg.consumption.value[k] - ghg.production.value[k]
        assert one.percent == pytest.approx(100 * top / one.production)
        # an interval of CO2 alone would be one of the whole: there is none
        assert math.isnan(one.production_low) and "CH4 of" in one.reason
    assert ghg.sum_with("managed land", "SGP").reason.endswith("CH4 of any member")
    assert "CH4 of LUX, MLT" in ghg.sum_with("managed land", "EU27").reason


def test_b_of_groups_is_the_rule_of_the_models_sums(co2):
    for region in ("EU27", "LAM", "AFR", "MEA"):
        models = [f.value for f in co2.of("land-use change", region) if not f.main]
        one = co2.main("land-use change", region)
        assert len(models) == 4 and one.sd == pytest.approx(np.std(models, ddof=1), rel=1e-5)
        alone = natural.group(list(co2.members[region]), 2022, name=region, gas="CO2")
        assert one.low == alone.flux("land-use change", method="mean of models").low


def test_the_sources_own_row_stands_beside_the_sum(co2):
    one = co2.main("biosphere", "EU27")
    own = co2.beside(one)
    flux = next(f for f in natural.account("EU27", 2022, gas="CO2").fluxes
                if f.method == own.method and f.process == own.process)  # fmt: skip
    assert (own.value, own.low, own.high) == (flux.value, flux.low, flux.high)
    assert own.value < one.value and own.coverage == "as the source has it" and not own.main
    assert co2.beside(co2.main("land-use change", "EU27")) is None  # proven: it is the figure
    assert co2.beside(co2.main("biosphere", "USA")) is None


def test_the_world_has_the_intervals_of_its_parts(co2):
    row = {one.name: one for one in co2.world}
    for scope, name in (("managed land", "(a) managed land"),
                        ("biosphere", "(c) net biosphere exchange")):  # fmt: skip
        of = [f for f in co2.of(scope) if f.main]
        each = natural.accounts([c for r in co2.regions for c in co2.members[r] if c != "XKX"],
                                2022, gas="CO2", missing=False)  # fmt: skip
        process, method = MAIN[scope]
        each = each[each["process"].eq(process) & each["method"].eq(method)]
        assert row[name].value == pytest.approx(each["value"].sum())
        assert row[name].high - row[name].value == pytest.approx(Z95 * each["sd"].sum())
        lost = {c for r in co2.regions for c in co2.members[r]} - set(each["region"])
        assert f"{len(lost)} countries without" in row[name].note
        assert math.fsum(f.value for f in of) == pytest.approx(row[name].value)
    assert "the whole of SGP" in row["(c) net biosphere exchange"].note
    land = row["(b) land-use change"]
    table = mc.database().table("inventories", source="gcb-2024-land", year=2022)
    table = table[table["region"].str.len().eq(3) & table["region"].ne("WLD")]
    sums = table.groupby("item")["value"].sum().drop("mean of models")
    assert land.high - land.value == pytest.approx(Z95 * sums.std(ddof=1), rel=1e-5)
    assert math.isfinite(land.difference) and math.isnan(land.difference_low)
    of = natural.budget(2022, unit="Mt CO2")
    sea, left = row["(d) processes"], row["imbalance, with production and (b) of the regions"]
    assert sea.budget == -of["ocean"].value < 0  # a sink is negative here
    half = Z95 * math.hypot(math.sqrt((co2.production.sd**2).sum()), of["fossil"].sd)
    assert left.difference_high - left.difference == pytest.approx(half)


def test_ghg_has_the_factor_in_its_ends_too(co2, ghg):
    own = {(f.region, f.process, f.method): f for f in natural.group(
        list(co2.members["AFR"]), 2022, name="AFR").fluxes if f.gas == "CH4"}  # fmt: skip
    found = [f for f in ghg.of("processes", "AFR") if f.gas == "CH4"]
    assert found
    for one in found:
        flux = own["AFR", one.process, one.method]
        assert (one.low, one.high) == pytest.approx((28 * flux.low, 28 * flux.high), nan_ok=True)
    assert any(math.isfinite(one.low) for one in found)


def test_the_world_closes_with_the_budget(co2):
    by_name = {row.name: row for row in co2.world}
    of = natural.budget(2022, unit="Mt CO2")
    made, land = by_name["production"], by_name["(b) land-use change"]
    assert made.value == pytest.approx(co2.production.value.sum())
    assert by_name["consumption"].value == pytest.approx(made.value, rel=1e-9)
    assert made.budget == of["fossil"].value and land.budget == of["land-use change"].value
    mains = [co2.main("land-use change", r).value for r in co2.regions]
    assert land.value == pytest.approx(math.fsum(mains))
    # what the source books on land that is no country's is all that is between the two
    table = mc.database().table(
        "inventories", source="gcb-2024-land", year=2022, item="mean of models"
    ).set_index("region")["value"]  # fmt: skip
    nobody = table["DISPUTED"] + table["OTHER"]
    assert land.value + nobody == pytest.approx(table["WLD"], abs=1e-3)
    left = by_name["imbalance, with production and (b) of the regions"]
    assert left.value == pytest.approx(made.value + land.value - of.sinks)
    # what is left moves by the two differences and by nothing else
    assert left.difference == pytest.approx(
        made.difference + land.difference + of.closure, abs=1e-6
    )
    sea = by_name["(c) net biosphere exchange"]
    years = [natural.budget(y, unit="Mt CO2") for y in range(2015, 2021)]
    net = [b["land-use change"].value - b["land"].value for b in years]
    assert sea.period == "2015-2020" and sea.budget == pytest.approx(np.mean(net))
    assert math.isnan(by_name["(a) managed land"].difference)
    assert math.isnan(by_name["(d) processes"].value)
    for row in co2.world:
        assert row.low <= row.value <= row.high or math.isnan(row.value)


# ---------------------------------------------------------------------------- rows, refusals


def test_rows_hold_everything_and_mark_what_is_missing(co2):
    found = rows_of(co2, ["EU27", "SGP"])
    assert {r["region"] for r in found} == {"EU27", "SGP"}
    for row in found:
        if math.isnan(row["value"]):
            assert row["note"], row
    kinds = {r["kind"] for r in found}
    assert kinds == {"account", "adjustment", "scope", "with scope", "adjustment with scope",
                     "missing"}  # fmt: skip
    assert {r["account"] for r in found} == {"CO2"}
    for row in found:
        if "with scope" in row["kind"]:
            one = co2.main(row["scope"], row["region"])
            assert row["with_figure"] == (one.members - len(one.without) if one else 0)
            assert (row["year_from"], row["year_to"]) == (2022, 2022)
            assert one is None or one.source in row["source"]
            assert one is None or one.period == "2022" or one.period in row["note"]
    nbe = [r for r in found if r["region"] == "EU27" and r["process"] == MAIN["biosphere"][0]]
    nbe = [r for r in nbe if "own row" not in r["method"]]
    assert nbe and all(r["without"] == "LUX" and r["with_figure"] == 26 for r in nbe)
    assert len(co2.to_pandas()) == len(rows_of(co2))


def test_what_is_refused(co2):
    with pytest.raises(UnknownNameError, match="gas"):
        full_spectrum(gas="CH4")
    with pytest.raises(UnknownNameError, match="scope"):
        co2.of("oceans")
    mrio = mc.load("oecd-icio-2022")
    other = mc.aggregate(mrio, regions={r: "A" if r == "CHN" else "B" for r in mrio.regions})
    with pytest.raises(InputError, match="not the 20"):
        full_spectrum(other)
    for wrong in ("x", 42, mc.load):
        with pytest.raises(InputError, match="is no table"):
            full_spectrum(wrong)
    with pytest.raises(InputError, match="table of 1995"):
        full_spectrum(replace(mrio, year=1995))
    gases = mrio.extensions["gases"]
    kt = replace(gases, units=("kt CO2", *gases.units[1:]), F=gases.F * 1000)
    with pytest.raises(InputError, match="in kt CO2"):
        full_spectrum(replace(mrio, extensions={**mrio.extensions, "gases": kt}))
    with pytest.raises(InputError, match="households"):
        full_spectrum(households="no")
    with pytest.raises(InputError, match="no database"):
        full_spectrum(db="x")
    for region in ("China", "XXX", "chn"):
        for asked in (lambda r: co2.main("managed land", r), lambda r: co2.of("biosphere", r),
                      lambda r: co2.sum_with("managed land", r)):  # fmt: skip
            with pytest.raises(UnknownNameError, match="region"):
                asked(region)
    with pytest.raises(UnknownNameError, match="gas"):
        co2.main("managed land", "CHN", "XYZ")
    with pytest.raises(InputError, match="left out"):
        mc.reproduce_2022(tables=["gcb-2025"], natural=True)


@pytest.mark.slow
def test_the_option_of_the_study():
    plain = mc.reproduce_2022(principle=["consumption"], tables=["oecd-icio-2022"])
    assert plain.natural == ()
    more = mc.reproduce_2022(principle=["consumption"], tables=["oecd-icio-2022"], natural=True)
    assert [one.gas for one in more.natural] == ["GHG", "CO2"]
    # nothing of the study itself moves
    assert [c.percent for c in more.combinations] == [c.percent for c in plain.combinations]
    again = full_spectrum()
    assert repr(again.sums) == repr(more.natural[1].sums)  # NaN and all


def test_without_the_data_folder_the_scopes_that_ship_stand(co2, monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    found = full_spectrum()
    for region in found.regions:
        for scope in MAIN:
            one, other = found.main(scope, region), co2.main(scope, region)
            assert (one is None) == (other is None)
            assert one is None or one.value == other.value
    assert any("MRIOCARBON_DATA" in gap.reason for gap in found.missing)


# ---------------------------------------------------------------------------- ratios


@given(
    made=st.floats(50, 5000), used=st.floats(50, 5000), natural_=st.floats(-20, 500),
    r=st.floats(-0.9, 0.9), cv=st.floats(0.01, 0.1), sd=st.floats(0, 10),
)  # fmt: skip
def test_ends_of_a_ratio_solve_their_equation(made, used, natural_, r, cv, sd):
    vp, vc = (cv * made) ** 2, (cv * used) ** 2
    one = Sided(made, used, vp, vc, r * math.sqrt(vp * vc))
    found = with_scope("X", "managed land", "", one, natural_, sd)
    top, bottom = used - made, made + natural_
    assert found.percent == pytest.approx(100 * top / bottom)
    for end in (found.percent_low / 100, found.percent_high / 100):
        # var(C - P - t (P + s)) from the four variances
        spread = vc + (1 + end) ** 2 * vp - 2 * (1 + end) * one.covariance + end**2 * sd**2
        assert (top - end * bottom) ** 2 == pytest.approx(Z95**2 * spread, rel=1e-6, abs=1e-4)
    assert found.percent_low <= found.percent <= found.percent_high


def test_ends_of_a_ratio_are_the_quantiles_of_draws():
    rng = np.random.default_rng(5)
    made, used, land = 1000.0, 1200.0, -400.0
    vp, vc, cov, sd = 60.0**2, 70.0**2, 0.8 * 60 * 70, 90.0
    both = rng.multivariate_normal([made, used], [[vp, cov], [cov, vc]], 400_000)
    s = land + sd * rng.standard_normal(400_000)
    ratio = 100 * (both[:, 1] - both[:, 0]) / (both[:, 0] + s)
    found = with_scope("X", "managed land", "", Sided(made, used, vp, vc, cov), land, sd)
    drawn = np.quantile(ratio, [0.025, 0.975])
    assert (found.percent_low, found.percent_high) == pytest.approx(drawn, rel=0.01)
    total = np.quantile(both[:, 0] + s, [0.025, 0.975])
    assert (found.production_low, found.production_high) == pytest.approx(total, rel=0.005)


def test_a_denominator_that_may_be_zero_gives_no_percentage():
    sides = Sided(100.0, 110.0, 4.0, 4.0, 3.0)
    for land, sd in ((-100.0, 30.0), (-150.0, 1.0)):
        found = with_scope("X", "biosphere", "", sides, land, sd)
        word = "may be zero or below" if sd > 2 else "is below zero"
        assert math.isnan(found.percent) and word in found.reason
        assert math.isfinite(found.production) and math.isfinite(found.production_low)
    assert all(map(math.isnan, ratio_interval(1.0, -5.0, 0.1, 0.1, 0.0)))


def test_without_a_scope_the_ratio_is_the_one_shown(co2):
    for k, region in enumerate(co2.regions):
        sides = Sided(
            co2.production.value[k], co2.consumption.value[k], co2.production.sd[k] ** 2,
            co2.consumption.sd[k] ** 2, co2.covariance[k],
        )  # fmt: skip
        found = with_scope(region, "managed land", "", sides, 0.0, 0.0)
        assert found.percent == pytest.approx(co2.percent[k], abs=1e-9)
        width = co2.percent_high[k] - co2.percent_low[k]
        assert found.percent_low == pytest.approx(co2.percent_low[k], abs=1e-9)
        assert found.percent_high == pytest.approx(co2.percent_high[k], abs=1e-9)
    wrong = replace(sides, covariance=0.0)
    apart = with_scope(region, "managed land", "", wrong, 0.0, 0.0)
    assert apart.percent_high - apart.percent_low > 1.5 * width, "paired errors cancel"
