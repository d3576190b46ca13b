"""Order alone is put right in silence; labels decide, whatever object carries them."""

import numpy as np
import pandas as pd
import pycountry
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from properties.tables import TOY_F, TOY_H, TOY_Y, cases, toy

import mriocarbon as mc
from mriocarbon.errors import LabelError, MriocarbonError, UnknownNameError
from mriocarbon.model.labels import country_code, country_rows, find_region, fold, region_of_country

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


@given(case=cases(max_regions=4, max_sectors=4), seed=st.integers(0, 99))
def test_shuffled_frames_give_the_same_table(case, seed):
    rng = np.random.default_rng(seed)
    pairs = pd.MultiIndex.from_product([case.regions, case.sectors])
    demand = pd.MultiIndex.from_product([case.regions, case.categories])
    if len(case.categories) == 1:
        demand = pd.Index(case.regions)

    def mixed(frame):
        frame = frame.iloc[rng.permutation(frame.shape[0])]
        return frame if frame.ndim == 1 else frame.iloc[:, rng.permutation(frame.shape[1])]

    shuffled = case.mrio(
        Z=mixed(pd.DataFrame(case.Z, pairs, pairs)),
        Y=mixed(pd.DataFrame(case.Y, pairs, demand)),
        x=mixed(pd.Series(case.x, pairs)),
        value_added=mixed(pd.Series(case.value_added, pairs)),
        stressors={"GHG": mixed(pd.Series(case.f, pairs))},
        households={"GHG": mixed(pd.Series(np.arange(case.R), list(case.regions)))},
    )
    plain = case.mrio(households={"GHG": np.arange(case.R)})
    for name in ("Z", "Y", "x", "value_added"):
        np.testing.assert_array_equal(getattr(shuffled, name), getattr(plain, name))
    for name in ("F", "F_Y"):
        np.testing.assert_array_equal(
            getattr(shuffled.extensions["emissions"], name),
            getattr(plain.extensions["emissions"], name),
        )
    # without regions= and sectors= the labels of Z decide the order, and the numbers follow
    own = mc.MRIO.from_arrays(
        Z=mixed(pd.DataFrame(case.Z, pairs, pairs)),
        Y=mixed(pd.DataFrame(case.Y, pairs, demand)),
        categories=case.categories,
        stressors={"GHG": pd.Series(case.f, pairs)},
    )
    a, b = (mc.account(m, "consumption", households=False) for m in (own, plain))
    for region in case.regions:
        assert a[region] == pytest.approx(b[region], rel=1e-10, abs=1e-10 * case.f.sum())


def test_labels_of_another_type_are_compared_as_text():
    mrio = toy(sectors=[1, 2], households={"GHG": pd.Series([5, 7], ["B", "A"])})
    assert mrio.sectors == ("1", "2")
    np.testing.assert_array_equal(mrio.extensions["emissions"].F_Y, [[7, 5]])


@pytest.mark.parametrize(
    "households",
    [
        xr.DataArray([5.0, 7.0], dims="region", coords={"region": ["B", "A"]}),
        xr.DataArray([5.0, 7.0], dims="region", coords={"region": ["B", "C"]}),
    ],
)
def test_labelled_xarray_input_is_never_taken_by_position(households):
    """Aligned where the labels are the same, refused where they are not."""
    if set(households.region.values) == {"A", "B"}:
        mrio = toy(households={"GHG": households})
        np.testing.assert_array_equal(mrio.extensions["emissions"].F_Y, [[7, 5]])
    else:
        with pytest.raises(LabelError, match="C"):
            toy(households={"GHG": households})


def test_labelled_xarray_flows_are_never_taken_by_position():
    clean = toy()
    Y = clean.to_xarray().Y.squeeze("category", drop=True).stack(n=("region", "sector"))
    moved = Y.transpose("n", "region_to").isel(region_to=[1, 0])
    try:
        mrio = toy(Y=moved)
    except MriocarbonError:
        return
    np.testing.assert_array_equal(mrio.Y, TOY_Y)


# -- SectorIndex ---------------------------------------------------------------------------------


def test_index_is_region_major():
    index = mc.SectorIndex(("A", "B"), ("1", "2", "3"))
    assert len(index) == 6
    assert index.pairs[4] == ("B", "2")
    assert index.name(4) == "B 2"
    assert (index.region("B"), index.sector("3")) == (1, 2)
    assert list(index.to_pandas().names) == ["region", "sector"]
    assert mc.SectorIndex.from_pairs(index.pairs[::-1]) == mc.SectorIndex(
        ("B", "A"), ("3", "2", "1")
    )
    with pytest.raises(MriocarbonError, match="unknown sector '4'"):
        index.sector("4")


@pytest.mark.parametrize("typed", ["USA", "usa", "US", "United States", "united states of america"])
def test_countries_are_found_by_code_and_name(typed):
    assert mc.SectorIndex(("CHN", "USA"), ("1",)).region(typed) == 1


def test_households_stay_with_their_region():
    mrio = toy(regions=["B", "A"], households={"GHG": pd.Series(TOY_H, ["A", "B"])})
    np.testing.assert_array_equal(mrio.extensions["emissions"].F_Y, [[5, 7]])
    np.testing.assert_array_equal(mrio.extensions["emissions"].F[0], TOY_F)


def test_a_country_that_is_no_region_is_named_once():
    for name, told in (("DEU", "no region 'DEU' in this"), ("deu", "no region 'deu' in this"),
                       ("Germany", r"no region 'Germany' \(DEU\) in this")):  # fmt: skip
        with pytest.raises(UnknownNameError, match=told):
            find_region(name, ["USA", "CHN"])
    for wrong in (5, None, 2.5, ("USA",)):
        with pytest.raises(UnknownNameError, match="unknown region"):
            find_region(wrong, ["USA", "CHN"])


EXIOBASE = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "GB", "US", "JP", "CN", "CA",
    "KR", "BR", "IN", "MX", "RU", "AU", "CH", "TR", "TW", "NO", "ID", "ZA",
    "WA", "WL", "WE", "WF", "WM",
)  # fmt: skip
EUROSTAT = ("AT", "BE", "DE", "EL", "ES", "FR", "IT", "NL", "SE", "UK", "US", "CN")
STATES = tuple(one.code[3:] for one in pycountry.subdivisions.get(country_code="US"))


@pytest.mark.parametrize(
    ("name", "regions", "label"),
    [
        ("UK", ["USA", "GBR"], "GBR"),
        ("Russia", ["USA", "RUS"], "RUS"),
        ("turkey", ["USA", "TUR"], "TUR"),
        ("日本", ["USA", "JPN"], "JPN"),
        ("European Union", ["EU27", "CHN"], "EU27"),
        # tables label countries by two letters or by their names
        ("China", EXIOBASE, "CN"),
        ("CHN", EXIOBASE, "CN"),
        ("UK", EXIOBASE, "GB"),
        ("GBR", EUROSTAT, "UK"),
        ("Greece", EUROSTAT, "EL"),
        ("greece", [label.lower() for label in EUROSTAT], "el"),
        ("USA", ["United States", "China", "Rest of World"], "United States"),
        ("CHN", ["China", "India", "Africa", "Europe"], "China"),
        ("China", ["chn", "usa", "deu", "fra", "xwf"], "chn"),
        ("world", ["World", "China"], "World"),
        ("global", ["World", "China"], "World"),
        ("EU", ["European Union", "China"], "European Union"),
        (" DEU ", ["FRA", "DEU"], "DEU"),
    ],
)
def test_a_country_is_found_by_what_people_call_it_under_any_label(name, regions, label):
    assert regions[find_region(name, regions)] == label


@pytest.mark.parametrize(
    ("name", "regions"),
    [
        ("Korea", ["KOR", "PRK"]),  # either
        ("China", [*EXIOBASE, "PRC"]),  # CN or PRC
        ("Wallis and Futuna", EXIOBASE),  # WF is the rest of Africa
        ("Wallis and Futuna", [label.lower() for label in EXIOBASE]),
        # what only looks like a country
        ("China", [str(k) for k in range(100, 300)]),  # its number is 156
        ("USA", ["America", "Europe", "Asia"]),
        ("USA", ["America", "China", "India", "Japan", "Brazil"]),
        ("Canada", ["AF", "CA", "LA", "NA"]),
        ("Saudi Arabia", ["NA", "SA", "EU", "AS"]),
        ("European Union", ["AF", "AS", "EU", "NA", "OC", "SA"]),
        ("Georgia (country)", ["Georgia", "Alabama", "Texas"]),
        ("GEO", ["Georgia", "Alabama", "Texas"]),
        ("Germany", STATES),
        ("Canada", STATES),
        ("India", STATES),
        ("German", ["DEU", "FRA"]),  # an adjective is no name
        ("UK", ["USA", "FRA"]),
        ("", ["US", "CN"]),
    ],
)
def test_what_no_one_region_is_called_is_refused(name, regions):
    with pytest.raises(UnknownNameError):
        find_region(name, regions)


def test_no_part_of_a_country_is_read_as_another_country():
    codes = [one.alpha_3 for one in pycountry.countries]
    parts = {}
    for one in pycountry.subdivisions:
        parts.setdefault(one.country_code, []).append(one)
    read = set()
    for country, found in parts.items():
        for labels in ([one.code[3:] for one in found], [one.name for one in found]):
            # a label that is the very code is taken for it: COL is Colima, of Mexico
            others = [code for code in codes if code not in labels]
            if any(region_of_country(code, labels) for code in others):
                read.add(country)
    # the two letters of nearly all parts of these are those of countries
    assert read <= {"SV", "MU", "MC", "BI", "SR"}, read


def test_no_name_is_that_of_two_countries():
    called = {}
    for row in country_rows():
        for name in row["names"].split("|"):
            assert called.setdefault(fold(name), row["code"]) == row["code"]
            found = country_code(name)
            assert found == ("" if row["code"] in ("EU27", "WLD") else row["code"]), name
