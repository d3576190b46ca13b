"""pymrio and xarray, there and back; and pymrio's own accounts as a judge."""

import numpy as np
import pandas as pd
import pymrio
import pytest
from hypothesis import given
from properties.tables import TOY_F, TOY_H, TOY_Y, TOY_Z, cases, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, LabelError, MriocarbonError

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def rich() -> mc.MRIO:
    """Everything a table can hold, with something different in each place."""
    Y = np.stack([TOY_Y * 0.75, TOY_Y * 0.25], axis=2).reshape(4, 4)
    return mc.MRIO.from_arrays(
        Z=TOY_Z,
        Y=Y,
        regions=["A", "B"],
        sectors=["1", "2"],
        categories=["households", "investment"],
        value_added=[80, 60, 50, 100],
        stressors={"GHG": TOY_F, "CO2": TOY_F / 3},
        households={"GHG": TOY_H, "CO2": TOY_H / 3},
        households_range={"GHG": (TOY_H / 2, TOY_H * 2), "CO2": (TOY_H / 6, TOY_H)},
        units={"GHG": "Mt CO2e", "CO2": "Mt CO2"},
        extension="air emissions",
        money_unit="million EUR",
        year=2022,
        price_year=2015,
        notes=[
            mc.Note("imports are estimated", estimated=True),
            mc.Note("fuel is estimated", about="households", estimated=True),
        ],
        provenance=mc.Provenance(
            "toy", "2nd", "ab" * 32, sources=(mc.Source("book", "Author 2001"),), steps=("made",)
        ),
    )


def assert_same(a: mc.MRIO, b: mc.MRIO, *, ranges: bool = True) -> None:
    assert (a.regions, a.sectors, a.categories) == (b.regions, b.sectors, b.categories)
    assert (a.money_unit, a.year) == (b.money_unit, b.year)
    for name in ("Z", "Y", "x"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert list(a.extensions) == list(b.extensions)
    for name in a.extensions:
        p, q = a.extensions[name], b.extensions[name]
        assert (p.stressors, p.units) == (q.stressors, q.units)
        for part in ("F", "F_Y", *(("F_Y_low", "F_Y_high") if ranges else ())):
            have, want = getattr(p, part), getattr(q, part)
            assert (have is None) == (want is None), part
            if have is not None:
                np.testing.assert_array_equal(have, want, err_msg=part)
    assert (a.provenance.dataset, a.provenance.edition) == (
        b.provenance.dataset,
        b.provenance.edition,
    )


# -- xarray --------------------------------------------------------------------------------------


def test_xarray_round_trip_keeps_everything():
    table = rich()
    back = mc.MRIO.from_xarray(table.to_xarray())
    assert_same(back, table)
    np.testing.assert_array_equal(back.value_added, table.value_added)
    assert back.value_added_rows == table.value_added_rows
    assert back.price_year == table.price_year
    assert back.notes == table.notes
    assert back.extensions["air emissions"].notes == table.extensions["air emissions"].notes
    assert back.provenance == table.provenance


def test_xarray_through_a_netcdf_file(tmp_path):
    import xarray as xr

    table = rich()
    table.to_xarray().to_netcdf(tmp_path / "t.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "t.nc", engine="h5netcdf") as dataset:
        back = mc.MRIO.from_xarray(dataset.load())
    assert_same(back, table)
    assert back.notes == table.notes
    assert back.provenance == table.provenance


def test_xarray_axes_are_those_of_the_design():
    dataset = rich().to_xarray()
    assert dataset.Z.dims == ("region", "sector", "region_to", "sector_to")
    assert dataset.Y.dims == ("region", "sector", "region_to", "category")
    cell = {"region": "A", "sector": "2", "region_to": "B", "sector_to": "1"}
    assert dataset.Z.sel(cell).item() == TOY_Z[1, 2]
    assert dataset["F__air emissions"].attrs["units"] == ["Mt CO2e", "Mt CO2"]


@pytest.mark.parametrize(
    "reorder",
    [
        {"region": [1, 0]},
        {"sector": [1, 0]},
        {"region_to": [1, 0]},
        {"sector_to": [1, 0]},
        {"category": [1, 0]},
        {"stressor__air emissions": [1, 0]},
        {"region": [1, 0], "sector_to": [1, 0], "category": [1, 0]},
    ],
    ids=str,
)
def test_order_along_any_axis_of_a_dataset_changes_no_account(reorder):
    table = rich()
    moved = mc.MRIO.from_xarray(table.to_xarray().isel(reorder))
    for stressor in ("GHG", "CO2"):
        for principle in ("production", "consumption", "income", "shared"):
            a = mc.account(table, principle, stressor=stressor)
            b = mc.account(moved, principle, stressor=stressor)
            assert a.unit == b.unit
            for region in table.regions:
                assert b[region] == pytest.approx(a[region], rel=1e-12), (stressor, principle)
                k, j = table.regions.index(region), moved.regions.index(region)
                assert b.low[j] == pytest.approx(a.low[k], rel=1e-12)
                assert b.high[j] == pytest.approx(a.high[k], rel=1e-12)


def test_rows_of_value_added_keep_their_names():
    table = rich()
    parts = np.stack([TOY_F / 2, TOY_F / 8])
    two = mc.MRIO(
        table.index, table.Z, table.Y, table.x, parts, table.categories,
        ("wages", "taxes on production"), table.extensions,
    )  # fmt: skip
    moved = mc.MRIO.from_xarray(two.to_xarray().isel(value_added_row=[1, 0]))
    assert moved.value_added_rows == ("taxes on production", "wages")
    np.testing.assert_array_equal(moved.value_added, parts[::-1])


def test_order_of_dims_changes_nothing():
    table = rich()
    dataset = table.to_xarray().transpose(*reversed(list(table.to_xarray().dims)))
    assert_same(mc.MRIO.from_xarray(dataset), table)


def test_datasets_that_do_not_fit():
    dataset = rich().to_xarray()
    for name in ("Z", "Y", "category", "region_to"):
        with pytest.raises(InputError, match=rf"lacks \['{name}'\](.|\n)*to_xarray"):
            mc.MRIO.from_xarray(dataset.drop_vars(name))
    with pytest.raises(LabelError, match=r"('C', '1')(.|\n)*columns of Z"):
        mc.MRIO.from_xarray(dataset.assign_coords(region_to=["A", "C"]))
    with pytest.raises(LabelError, match="duplicated"):
        mc.MRIO.from_xarray(dataset.assign_coords(region=["A", "A"]))
    broken = dataset.copy(deep=True)
    broken["Z"][0, 0, 1, 1] = np.nan
    with pytest.raises(MriocarbonError, match="A 1 -> B 2"):
        mc.MRIO.from_xarray(broken)


def test_unknown_households_stay_unknown_in_a_dataset():
    table = toy(stressors={"GHG": TOY_F, "CO2": TOY_F}, households={"GHG": TOY_H})
    back = mc.MRIO.from_xarray(table.to_xarray())
    np.testing.assert_array_equal(back.extensions["emissions"].F_Y, [[7, 5], [np.nan, np.nan]])


@given(case=cases(max_regions=4, max_sectors=3))
def test_any_table_survives_both_ways(case):
    table = case.mrio(households={"GHG": np.arange(case.R)}, year=2011)
    assert_same(mc.MRIO.from_xarray(table.to_xarray()), table)
    assert_same(mc.MRIO.from_pymrio(table.to_pymrio(), year=2011), table)


# -- pymrio --------------------------------------------------------------------------------------


def test_pymrio_round_trip_keeps_numbers_labels_units_and_households():
    table = rich()
    back = mc.MRIO.from_pymrio(table.to_pymrio(), year=2022)
    assert_same(back, table, ranges=False)


def test_pymrio_axes_are_pymrios():
    system = rich().to_pymrio()
    assert system.Z.index.names == ["region", "sector"]
    assert system.Y.columns.names == ["region", "category"]
    assert list(system.get_regions()) == ["A", "B"]
    extension = getattr(system, "air emissions")
    assert extension.F.loc["GHG", ("B", "1")] == 60
    assert extension.F_Y.loc["CO2", ("A", "households")] == pytest.approx(7 / 3)
    assert extension.unit.loc["CO2", "unit"] == "Mt CO2"


def test_unknown_households_cross_to_pymrio_and_back_as_unknown():
    table = toy(stressors={"GHG": TOY_F, "CO2": TOY_F}, households={"GHG": TOY_H})
    back = mc.MRIO.from_pymrio(table.to_pymrio())
    np.testing.assert_array_equal(back.extensions["emissions"].F_Y, [[7, 5], [np.nan, np.nan]])


@pytest.mark.parametrize("name", ["Z", "x", "unit", "meta"])
def test_an_extension_never_takes_the_place_of_the_table(name):
    table = toy(extension=name)
    try:
        system = table.to_pymrio()
    except MriocarbonError:
        return
    np.testing.assert_array_equal(mc.MRIO.from_pymrio(system).Z, TOY_Z)


@pytest.fixture(scope="module")
def test_system():
    return pymrio.load_test().calc_all()


@pytest.fixture(scope="module")
def from_test_system(test_system):
    return mc.MRIO.from_pymrio(test_system)


def test_pymrios_test_system_is_read_whole(test_system, from_test_system):
    mrio = from_test_system
    assert mrio.regions == tuple(test_system.get_regions())
    assert mrio.sectors == tuple(test_system.get_sectors())
    np.testing.assert_array_equal(mrio.Z, test_system.Z.to_numpy())
    np.testing.assert_array_equal(mrio.Y, test_system.Y.to_numpy())
    assert len(mrio.stressors) == len(test_system.emissions.F) + len(test_system.factor_inputs.F)
    assert mrio.extension_of("emission_type1 | air").unit("emission_type1 | air") == "kg"


@pytest.mark.parametrize("stressor", ["emission_type1 | air", "emission_type2 | water"])
def test_accounts_agree_with_pymrio(test_system, from_test_system, stressor):
    key = tuple(stressor.split(" | "))
    emissions = test_system.emissions
    # pymrio's regional accounts include households, its accounts by sector do not
    for principle, theirs in (
        ("production", emissions.D_pba_reg),
        ("consumption", emissions.D_cba_reg),
    ):
        ours = mc.account(from_test_system, principle, stressor=stressor)
        expected = theirs.loc[key].reindex(list(from_test_system.regions))
        np.testing.assert_allclose(ours.value, expected, rtol=1e-9)
    for principle, theirs in (("production", emissions.D_pba), ("consumption", emissions.D_cba)):
        ours = mc.account(from_test_system, principle, stressor=stressor, households=False)
        expected = theirs.loc[key].groupby(level="region").sum()
        np.testing.assert_allclose(
            ours.value, expected.reindex(list(from_test_system.regions)), rtol=1e-9
        )
    trade = mc.trade(from_test_system, stressor)
    for item, theirs in (("imports", emissions.D_imp_reg), ("exports", emissions.D_exp_reg)):
        ours = [trade[r, item] for r in from_test_system.regions]
        expected = theirs.loc[key].reindex(list(from_test_system.regions))
        np.testing.assert_allclose(ours, expected, rtol=1e-9)


def test_multipliers_agree_with_pymrio(test_system, from_test_system):
    system = mc.leontief(from_test_system)
    np.testing.assert_allclose(system.inverse(), test_system.L.to_numpy(), rtol=1e-9, atol=1e-12)
    S = test_system.emissions.S.to_numpy()
    np.testing.assert_allclose(
        system.multipliers(S).value, test_system.emissions.M.to_numpy(), rtol=1e-9
    )


def test_a_shuffled_pymrio_system_gives_the_same_accounts(test_system, from_test_system):
    system = pymrio.load_test()
    rng = np.random.default_rng(0)
    system.Z = system.Z.iloc[:, rng.permutation(system.Z.shape[1])]
    system.Y = system.Y.iloc[rng.permutation(len(system.Y)), rng.permutation(system.Y.shape[1])]
    F, F_Y = system.emissions.F, system.emissions.F_Y
    system.emissions.F = F.iloc[:, rng.permutation(F.shape[1])]
    system.emissions.F_Y = F_Y.iloc[::-1, rng.permutation(F_Y.shape[1])]
    system.emissions.unit = system.emissions.unit.iloc[::-1]
    mixed = mc.MRIO.from_pymrio(system)
    for principle in ("production", "consumption", "income"):
        a = mc.account(mixed, principle, stressor="emission_type1 | air")
        b = mc.account(from_test_system, principle, stressor="emission_type1 | air")
        np.testing.assert_allclose(a.value, b.value, rtol=1e-10)
        assert a.unit == b.unit


def test_a_pymrio_system_without_flows():
    system = pymrio.load_test()
    system.Z = None
    with pytest.raises(InputError, match=r"no Z or no Y(.|\n)*what to do: call"):
        mc.MRIO.from_pymrio(system)


def test_a_pymrio_system_with_holes():
    system = pymrio.load_test()
    system.Z = system.Z.copy()
    system.Z.iloc[0, 1] = np.nan
    with pytest.raises(MriocarbonError, match="1 cells of Z are NaN"):
        mc.MRIO.from_pymrio(system)


def test_labels_of_frames_are_checked_by_the_way_in():
    system = toy().to_pymrio()
    system.Y = system.Y.rename(columns={"B": "C"}, level=0)
    with pytest.raises(LabelError, match=r"columns of Y"):
        mc.MRIO.from_pymrio(system)
    assert isinstance(system.Z, pd.DataFrame)
