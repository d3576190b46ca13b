"""National values: complete, closed, with interval, source and reason; scopes kept apart."""

import functools
import math
import shutil

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.atlas import economies as e
from mriocarbon.atlas.embedded import MANIFEST, TABLES, rows
from mriocarbon.atlas.national import COLUMNS, SCOPES, WITHIN, interval
from mriocarbon.atlas.national import national as fresh
from mriocarbon.atlas.natural_layer import natural
from mriocarbon.atlas.series import LAYERS, population, series
from mriocarbon.errors import DataFileError, InputError, NotAvailableError, UnknownNameError


@functools.cache
def national(layer, *args, **options):
    """The real one, each call made once; nothing here changes a frame."""
    return fresh(layer, *args, **options)


CASES = [
    ("production", {}),
    ("production", {"source": "gcb"}),
    ("production", {"source": "gcb", "year": 1990}),
    ("production", {"year": 2010}),
    ("production", {"source": "engine"}),
    ("production", {"gas": "GHG"}),
    ("consumption", {}),
    ("consumption", {"detail": "regions"}),
    ("consumption", {"gas": "GHG"}),
    ("consumption", {"source": "gcb"}),
    ("consumption", {"year": 2010}),
    ("transfer", {}),
    ("transfer", {"detail": "regions"}),
    ("transfer", {"source": "gcb"}),
    ("natural", {}),
    ("natural", {"scope": "managed land"}),
    ("natural", {"scope": "biosphere"}),
]


@pytest.mark.parametrize(("layer", "options"), CASES, ids=str)
def test_every_country_with_interval_and_source_or_the_reason(layer, options):
    frame = national(layer, **options)
    assert set(frame.index) == set(e.country_names()) and frame.index.is_unique
    assert tuple(frame.columns) == COLUMNS
    known = frame[frame["value"].notna()]
    gone = frame[frame["value"].isna()]
    assert len(known) >= (50 if "scope" in options else 100)
    unsure = known[known["sd"].isna()]
    assert unsure["note"].str.contains("interval unknown").all()
    assert len(unsure) < 10 if layer == "natural" else unsure.empty
    sure = known.drop(unsure.index)
    assert (sure["low"] < sure["value"]).all() and (sure["value"] < sure["high"]).all()
    assert (sure["sd"] > 0).all()
    assert known["source"].ne("").all() and known["method"].ne("").all()
    assert gone["note"].str.startswith("missing: ").all()
    assert gone[["sd", "low", "high"]].isna().all().all()
    assert not known["note"].str.startswith("missing").any()
    assert frame.loc[frame["value"] == 0, "source"].ne("").all()  # a zero is a figure of a source
    assert frame["unit"].str.match(r"^Mt (CO2|CO2e \(AR5\))$").all()


@pytest.mark.parametrize("gas", ["CO2", "GHG"])
@pytest.mark.parametrize("layer", ["production", "consumption", "transfer"])
@pytest.mark.parametrize("detail", ["full", "regions"])
def test_members_add_up_to_their_group(layer, gas, detail):
    frame = national(layer, gas=gas, source="engine", detail=detail)
    placed = []
    for region, of in frame.attrs["groups"].items():
        assert frame.loc[list(of), "value"].sum() == pytest.approx(
            frame.attrs["accounts"][region], rel=1e-9, abs=1e-9
        )
        placed += of
    assert sorted(placed) == sorted(frame.index[frame["value"].notna()])
    assert frame["value"].sum() == pytest.approx(sum(frame.attrs["accounts"].values()), abs=1e-6)


@pytest.mark.parametrize("gas", ["CO2", "GHG"])
def test_the_world_consumes_what_it_emits(gas):
    produced = national("production", gas=gas, source="engine")["value"].sum()
    consumed = national("consumption", gas=gas)["value"].sum()
    # What the table cannot place (rounded to single precision): 0.2 kt of 37 Gt.
    assert consumed == pytest.approx(produced, rel=1e-8)
    assert national("transfer", gas=gas)["value"].sum() == pytest.approx(0, abs=1e-8 * produced)


def test_regions_agree_with_the_public_account():
    mrio = mc.load("oecd-icio-2022")
    frame = national("consumption", detail="regions")
    known = mc.account(mrio, "consumption", stressor="CO2", uncertainty="first-order")
    for k, region in enumerate(mrio.regions):
        assert frame.attrs["accounts"][region] == pytest.approx(known.value[k], rel=1e-9)
        if region in frame.index:
            assert frame.loc[region, "low"] == pytest.approx(known.low[k], rel=1e-6)
    paired = mc.difference(mrio, "consumption", stressor="CO2")
    net = national("transfer", detail="regions")
    produced = national("production", source="engine", detail="regions")
    for k, region in enumerate(mrio.regions):
        if region in net.index:
            percent = 100 * net.loc[region, "value"] / produced.loc[region, "value"]
            assert percent == pytest.approx(paired.value[k], rel=1e-9)


def test_full_and_regions_tell_the_same_of_single_countries():
    """Summing industries' partners moves a footprint by a few per cent, no more."""
    full, regions = national("consumption"), national("consumption", detail="regions")
    for code in ("CHN", "USA", "JPN", "IND", "RUS", "GBR", "TUR"):
        assert regions.loc[code, "value"] == pytest.approx(full.loc[code, "value"], rel=0.03)


def test_embedded_accounts_are_those_of_the_full_table(data_folder):
    from scripts.atlas_national import account_rows

    mrio = mc.load("oecd-icio-2022", detail="full")
    made = {row[1]: row for row in account_rows(mrio, "CO2")}
    known = e.engine("CO2")
    assert set(made) == set(known["production"])
    for code, row in made.items():
        for k, name in ((2, "production"), (4, "consumption")):
            assert float(row[k]) == pytest.approx(known[name][code].value, rel=1e-9)
            assert float(row[k + 1]) == pytest.approx(known[name][code].sd, rel=2e-3)
        assert float(row[6]) == pytest.approx(known["transfer"][code].sd, rel=2e-3)


def test_split_variance_is_that_of_draws():
    """First order against 200,000 draws of the weights and the account."""
    rng = np.random.default_rng(1)
    by = e.Weights({"A": 1.0, "B": 3.0, "C": 6.0}, {"A": 0.05, "B": 0.03, "C": 0.04}, {})
    found = e.split(e.Account(50.0, 2.0), ["A", "B", "C", "D"], by)
    w = np.array([1.0, 3.0, 6.0]) * (1 + rng.normal(size=(200_000, 3)) * [0.05, 0.03, 0.04])
    drawn = (50 + 2 * rng.normal(size=(200_000, 1))) * w / w.sum(axis=1, keepdims=True)
    assert found.value == pytest.approx({"A": 5.0, "B": 15.0, "C": 30.0})
    assert list(found.sd.values()) == pytest.approx(drawn.std(axis=0).tolist(), rel=0.02)
    with pytest.raises(InputError, match="no weight for any of D"):
        e.split(e.Account(1.0, 0.0), ["D"], by)


def test_weights_are_of_the_size_of_what_they_stand_for():
    territorial = national("production")["value"].dropna().to_dict()
    truth = e.engine("CO2")["consumption"]
    by = e.weights("consumption", territorial)
    ratio = [truth[c].value / by.value[c] for c in truth if c in by.value]
    assert len(ratio) == 80
    assert np.exp(np.median(np.log(ratio))) == pytest.approx(1.0, abs=0.05)
    kinds = set(by.basis.values())
    assert len(kinds) == 3
    assert all(0.05 < s <= 1 for s in by.sd.values())


def test_intervals_of_the_budget_hold_what_the_engine_says():
    """95 % of two accounts' differences lie within: a law of size, not one share for all."""
    ours, theirs = national("consumption"), national("consumption", source="gcb")
    both = [c for c in e.engine("CO2")["consumption"] if c in e.budget_consumption(2022)]
    assert len(both) == 75
    value, own = ours.loc[both, "value"], theirs.loc[both]
    outside = (value < own["low"]) | (value > own["high"])
    assert 0.01 < outside.mean() < 0.09
    large = own["value"] > 300
    assert outside[large].mean() < 0.11 and outside[~large].mean() < 0.11
    net, other = national("transfer").loc[both, "value"], national("transfer", source="gcb")
    other = other.loc[both]
    assert 0 < ((net < other["low"]) | (net > other["high"])).mean() < 0.11
    assert e.budget_error(1.0) > e.budget_error(100.0) > e.budget_error(10_000.0) > 0.03


def test_territories_within_another_country_are_missing_with_the_reason():
    for frame in (national("production"), national("consumption"), national("transfer")):
        gone = frame.loc[list(WITHIN)]
        assert gone["value"].isna().all()
        assert gone.loc["PRI", "note"].endswith("counted within United States")


def test_interval_of_what_cannot_be_negative():
    assert interval(10, 1) == pytest.approx((10 - 1.959964, 10 + 1.959964))
    low, high = interval(10, 9)
    assert 0 < low < 10 < high and math.log(high / 10) == pytest.approx(math.log(10 / low))
    assert interval(10, 9, signed=True)[0] < 0
    frame = national("consumption")
    assert (frame["low"].dropna() > 0).all()


# ---------------------------------------------------------------------------- natural


def test_natural_scopes_are_kept_apart():
    frames = {scope: natural(2022, scope=scope) for scope in SCOPES if scope != "processes"}
    for scope, frame in frames.items():
        assert frame.attrs["scope"] == scope
    assert frames["land-use change"].loc["BRA", "value"] > 0
    assert frames["managed land"].loc["USA", "value"] < 0  # the sink that the inventory reports
    assert (
        frames["managed land"].loc["RUS", "value"] != frames["land-use change"].loc["RUS", "value"]
    )


def test_natural_is_the_account():
    frame, account = natural(2022), mc.natural.account("BRA", 2022)
    mean = [f for f in account.of("land-use change") if f.method == "mean of models"]
    assert frame.loc["BRA", "value"] == pytest.approx(mean[0].value)
    assert frame.loc["BRA", "low"] == pytest.approx(mean[0].low)
    assert frame.loc["BRA", "period"] == "2022"
    assert natural(2022, scope="biosphere").loc["BRA", "period"] == "2015-2020"


def test_an_old_report_does_not_stand_for_today():
    frame = natural(2022, scope="managed land")
    known = frame[frame["value"].notna()]
    assert (2022 - known["period"].astype(int)).max() <= 10
    old = frame[frame["note"].str.contains("years off")]
    assert len(old) > 20 and old["value"].isna().all()


def test_processes_need_the_folder(monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    with pytest.raises(NotAvailableError, match="needs natural/OMI"):
        national("natural", scope="processes")


def test_volcanoes_with_the_folder(data_folder):
    frame = national("natural", scope="processes")
    known = frame[frame["value"].notna()]
    assert len(known) >= 10 and (known["value"] >= 0).all()
    assert known["method"].str.startswith("volcanoes").all()


# ---------------------------------------------------------------------------- series


@pytest.mark.parametrize("layer", LAYERS)
def test_series_agree_with_the_layer_of_each_year(layer):
    found = series(layer)
    source = {} if layer == "natural" else {"source": "gcb"}
    for year in (found.years[0], 2015, found.years[-1]):
        frame = national(layer, year, **source)
        j = found.years.index(year)
        known = frame["value"].dropna()
        at = np.isfinite(found.value[:, j])
        assert {c for c, yes in zip(found.countries, at, strict=True) if yes} >= set(known.index)
        here = [found.countries.index(c) for c in known.index]
        for name, array in (("value", found.value), ("low", found.low), ("high", found.high)):
            want = frame.loc[known.index, name].to_numpy(dtype=float)
            np.testing.assert_allclose(array[here, j], want, rtol=1e-9)
    with pytest.raises(ValueError, match="read-only"):
        found.value[0, 0] = 1.0


def test_one_series_is_of_one_edition():
    for layer in LAYERS:
        found = series(layer)
        assert found.source.startswith("Global Carbon Budget") and ";" not in found.source
        assert set(found.to_pandas()["source"]) == {found.source}


def test_transfer_is_the_difference_of_the_two_series():
    produced, consumed, net = series("production"), series("consumption"), series("transfer")
    for code in ("CHN", "USA", "CHE"):
        a = produced.value[produced.countries.index(code), : len(net.years)]
        b = consumed.value[consumed.countries.index(code)]
        assert net.value[net.countries.index(code)] == pytest.approx(b - a)


def test_population_is_missing_and_not_zero():
    people = population((1950, 2022))
    assert people["CHN"][1] > 1.4e9 and math.isnan(people["CHN"][0])
    assert "ATA" not in people


# ---------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: national("consumpton"), UnknownNameError, "consumption"),
        (lambda: national("production", source="edgar"), UnknownNameError, "gcb"),
        (lambda: national("production", gas="CH4"), UnknownNameError, "GHG"),
        (lambda: national("production", detail="small"), UnknownNameError, "regions"),
        (lambda: national("natural", scope="forest"), UnknownNameError, "managed land"),
        (lambda: national("natural", source="gcb"), InputError, "choose a scope"),
        (lambda: natural(2022, process="oceans"), UnknownNameError, "land-use change"),
        (lambda: national("consumption", 2021, source="engine"), NotAvailableError, "2022"),
        (lambda: national("consumption", 2024), NotAvailableError, "to 2023"),
        (lambda: national("production", 1850), NotAvailableError, "1990"),
        (lambda: national("consumption", source="fused"), NotAvailableError, "engine"),
        (lambda: national("consumption", 2010, gas="GHG"), NotAvailableError, "2022"),
        (lambda: national("production", 2022.5), InputError, "a year such as"),
        (lambda: national("natural", 2022, gas="SF6"), InputError, "SF6"),
        (lambda: series("forest"), UnknownNameError, "production"),
        (lambda: e.engine("CH4"), InputError, "CO2 or GHG"),
    ],
)
def test_bad_input_says_what_and_what_to_do(call, error, words):
    with pytest.raises(error) as told:
        call()
    assert words in str(told.value)


@pytest.mark.parametrize("harm", ["cut", "altered", "gone", "unknown"])
def test_damaged_table_is_refused(harm, tmp_path):
    for name in ("engine_2022.csv", MANIFEST):
        shutil.copy(TABLES / name, tmp_path)
    assert len(rows("engine_2022.csv", tmp_path)) == 162
    path = tmp_path / "engine_2022.csv"
    content = path.read_text(encoding="utf-8")
    if harm == "cut":
        path.write_text(content[:5000], encoding="utf-8")
    elif harm == "altered":
        path.write_text(content.replace("CHN,1", "CHN,2", 1), encoding="utf-8")
    elif harm == "gone":
        path.unlink()
    with pytest.raises(DataFileError, match="table of the map"):
        rows("flows.csv" if harm == "unknown" else "engine_2022.csv", tmp_path)
