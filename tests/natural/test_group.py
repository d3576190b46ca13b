"""Groups: sums over members, the errors between them, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mriocarbon.build.concordance import members
from mriocarbon.errors import InputError, LabelError, NotAvailableError, UnknownNameError
from mriocarbon.model.normal import Z95
from mriocarbon.natural import account, accounts, group, implied_correlation, total
from mriocarbon.natural import sources as s
from mriocarbon.natural.account import OWN_ROW, rows_of_sources
from mriocarbon.natural.flux import ScopeError
from mriocarbon.natural.grouping import checked_covariance

SIX = ["USA", "CAN", "MEX", "BRA", "ARG", "CHL"]
RUN = "inversion LNLGIS"


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)


def test_a_group_is_the_sum_of_its_members_within_each_scope():
    found = group(SIX, 2022, name="six")
    for process, method in ((s.NBE, RUN), ("land-use change", "BLUE"), (s.RIVERS, None)):
        one = found.flux(process, method=method)
        added = total(account(m, 2022).flux(process, method=method) for m in SIX)
        assert one.region == "six" and one.value == pytest.approx(added.value)
        assert one.cells == added.cells
        assert one.sd == pytest.approx(added.sd, nan_ok=True)
        assert one.sd_independent == pytest.approx(added.sd_independent, nan_ok=True)
        assert one.low == pytest.approx(added.low, nan_ok=True)


def test_years_that_differ_are_told():
    mixed = group(["USA", "CHN", "JPN"], 2022, name="three").flux(s.LULUCF)
    assert (mixed.year_from, mixed.year_to) == (2014, 2021) and mixed.estimated
    assert "CHN 2014" in mixed.note
    assert mixed.years_differ and mixed.period == "years differ (2014-2021)"
    one = group(["USA", "JPN"], 2022, name="two").flux(s.LULUCF)
    assert not one.estimated and not one.years_differ and one.period == "2021"
    with pytest.raises(ScopeError, match="different years"):
        mixed + replace(mixed, region="other", cells=frozenset({("BRA", s.LULUCF, mixed.method)}))


def test_a_doubtful_member_is_named_in_the_sum():
    flux = group(["CAF", "CMR"], 2022, name="two", gas="CO2").flux(s.LULUCF)
    assert s.DOUBTFUL in flux.note and "CAF -1,767 Mt" in flux.note and flux.estimated


def test_members_without_a_figure_are_named():
    found = group(["DEU", "LUX"], 2022, name="two")
    nbe = found.flux(s.NBE, method=RUN)
    assert nbe.value == account("DEU", 2022).flux(s.NBE, method=RUN).value
    assert nbe.estimated and nbe.note.startswith("without LUX")
    reasons = [m.reason for m in found.missing if m.process == s.NBE]
    assert reasons == ["in part: no figure of LUX"]


def test_a_known_group_by_its_name():
    assert len(group("EU27", 2021).flux(s.LULUCF).cells) == 27
    with pytest.raises(UnknownNameError):
        group("EU99", 2021)


@pytest.mark.parametrize(
    ("members", "error", "why"),
    [
        (["USA", "United States"], ScopeError, "USA stands twice"),
        (["EU27", "DEU"], ScopeError, "share DEU"),
        (["WLD", "USA"], ScopeError, "world holds"),
        (["gcp:Asia", "CHN"], ScopeError, "members are not known"),
        ([], InputError, "without members"),
        (["Gondor"], UnknownNameError, "Gondor"),
    ],
)
def test_wrong_members_are_refused(members, error, why):
    with pytest.raises(error, match=why):
        group(members, 2022, name="mine")


def test_models_are_summed_one_by_one_and_their_sums_spread():
    """The rule of a country, applied to the group's own sums: not the members' half-widths."""
    found = group(SIX, 2022, name="six", gas="CO2")
    models = [f for f in found.of("land-use change") if f.method != s.MEAN_OF_MODELS]
    sums = [f.value for f in models]
    mean = found.flux("land-use change", method=s.MEAN_OF_MODELS)
    assert len(sums) == 4 and mean.value == pytest.approx(np.mean(sums))
    assert mean.sd == mean.sd_independent == pytest.approx(np.std(sums, ddof=1))
    assert mean.high - mean.value == pytest.approx(Z95 * mean.sd)
    parts = [account(m, 2022).flux("land-use change", method=s.MEAN_OF_MODELS) for m in SIX]
    assert mean.sd < sum(part.sd for part in parts)
    one = group(["BRA"], 2022, name="one").flux("land-use change", method=s.MEAN_OF_MODELS)
    assert one.sd == pytest.approx(parts[SIX.index("BRA")].sd)


def test_the_sources_own_row_is_one_figure_everywhere():
    """Proven to be the members' sum it is the figure; else it stands beside, with its name."""
    raw = rows_of_sources(["EU27"], 2022, gas="CO2")
    asked = group("EU27", 2022, gas="CO2"), account("European Union", 2022, gas="CO2")
    assert repr(asked[0]) == repr(asked[1])  # NaN and all
    listed = group(list(members("EU27")), 2022, name="EU27", gas="CO2")
    assert repr(listed) == repr(asked[0])
    table = accounts(["EU27", "USA"], 2022, gas="CO2", missing=False)
    assert (table["region"] == "EU27").sum() == len(asked[0].fluxes)
    for process, method, proven in (
        (s.NBE, RUN, False), ("land-use change", s.MEAN_OF_MODELS, True), (s.RIVERS, None, False)
    ):  # fmt: skip
        row = raw[raw["process"].eq(process) & raw["method"].isin([method] if method else
                  raw["method"])].iloc[0]  # fmt: skip
        flux = asked[0].flux(process, method=method)
        beside = [f for f in asked[0].fluxes if f.process == process
                  and f.method.startswith(f"{row['method']}{OWN_ROW}")]  # fmt: skip
        assert len(beside) == (not proven)
        shown = flux if proven else beside[0]
        assert (shown.value, shown.sd) == (row["value"], row["sd"])
        if not proven:
            assert flux.value == pytest.approx(
                sum(account(c, 2022).flux(process, method=row["method"]).value
                    for c in members("EU27") if c != "LUX")
            )  # fmt: skip
            with pytest.raises(ScopeError):
                flux + beside[0]
    assert not any(OWN_ROW in f.method for f in group(SIX, 2022, name="six").fluxes)
    joined = group(["EU27", "GBR"], 2022, name="more").flux(s.NBE, method=RUN)
    assert "DEU" in {cell[0] for cell in joined.cells}


def test_a_list_needs_a_name():
    with pytest.raises(InputError, match="needs a name"):
        group(["USA"], 2022)


def covariance(r):
    sds = np.array([account(m, 2022).flux(s.NBE, method=RUN).sd for m in SIX])
    matrix = np.outer(sds, sds) * r
    np.fill_diagonal(matrix, sds**2)
    return pd.DataFrame(matrix, SIX, SIX), sds


@pytest.mark.parametrize("r", [0.0, 0.4, 1.0])
def test_a_covariance_gives_the_sd_between_the_bounds(r):
    matrix, sds = covariance(r)
    shuffled = matrix.sample(frac=1, random_state=3).sample(frac=1, axis=1, random_state=4)
    found = group(SIX, 2022, name="six", covariance=shuffled).flux(s.NBE, method=RUN)
    wanted = np.sqrt((1 - r) * (sds**2).sum() + r * sds.sum() ** 2)
    assert found.sd == pytest.approx(wanted)
    assert found.high - found.value == pytest.approx(Z95 * wanted)
    plain = group(SIX, 2022, name="six").flux(s.NBE, method=RUN)
    assert plain.sd_independent - 1e-9 <= found.sd <= plain.sd + 1e-9
    other = group(SIX, 2022, name="six", covariance=matrix).flux(s.NBE, method="inversion IS")
    assert other.interval != found.interval  # of the measure it belongs to alone


def test_wrong_covariances_are_refused():
    matrix, _ = covariance(0.3)

    def refused(changed, error, why, **more):
        with pytest.raises(error, match=why):
            group(SIX, 2022, name="six", covariance=changed, **more)

    refused(matrix.drop(index="USA"), LabelError, "missing: USA")
    refused(matrix.rename(index={"USA": "PER"}), LabelError, "not a member: PER")
    refused(matrix.to_numpy(), LabelError, "no DataFrame")
    refused(matrix.astype(object).replace(matrix.iloc[0, 1], "x"), InputError, "no number")
    refused(matrix * 2, InputError, "its sd squared")
    lopsided = matrix.copy()
    lopsided.loc["USA", "CAN"] *= 1.5
    refused(lopsided, InputError, "symmetric")
    impossible, _ = covariance(-0.9)
    refused(impossible, InputError, "positive semidefinite")
    refused(matrix, NotAvailableError, "no figure", covariance_of=("fires", "GFED5 beta"))


def test_a_perfectly_opposed_pair_has_no_spread():
    frame = pd.DataFrame([[4.0, -4.0], [-4.0, 4.0]], ["A", "B"], ["A", "B"])
    assert checked_covariance(frame, {"A": 2.0, "B": 2.0}) == 0


def test_the_groups_of_the_source_imply_a_moderate_correlation():
    found = implied_correlation()
    eu = found.loc["EU27"]
    assert eu["members"] == 26 and eu["without"] == "LUX"
    r, sd, alone, dependent = eu[["correlation", "sd", "sd_independent", "sd_dependent"]]
    assert sd**2 == pytest.approx(alone**2 + r * (dependent**2 - alone**2))
    assert 0.2 < found["correlation"].median() < 0.6


def test_the_eu_as_it_reports_is_the_sum_of_its_members():
    own = account("EU_CONVENTION", 2021, gas="CO2").flux(s.LULUCF).value
    added = group("EU27", 2021, gas="CO2").flux(s.LULUCF).value
    assert added == pytest.approx(own, rel=2e-3)
    with pytest.raises(ScopeError, match="counted twice"):
        group(["EU_CONVENTION", "FRA"], 2021, name="twice")
