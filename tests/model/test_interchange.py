"""IAMC, SDMX-CSV and zarr: what reads back is what was written; marks and gaps survive."""

import csv
import dataclasses
import io

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import TOY_H, toy

import mriocarbon as mc
from mriocarbon.errors import DataFileError, InputError, LabelError, UnknownNameError
from mriocarbon.io.numbers import precise
from mriocarbon.model.iamc import COLUMNS

LABEL = st.text("abcXYZ019 _-,;\"'é中.()&", min_size=1, max_size=8).filter(
    lambda text: text == text.strip()
)
NUMBER = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.just(float("nan")))


@st.composite
def results(draw) -> mc.Result:
    regions = draw(st.lists(LABEL, min_size=1, max_size=3, unique=True))
    dims, coords = ["region"], {"region": tuple(regions)}
    if draw(st.booleans()):
        dims.append("sector")
        coords["sector"] = tuple(draw(st.lists(LABEL, min_size=1, max_size=3, unique=True)))
    shape = tuple(len(coords[d]) for d in dims)
    size = int(np.prod(shape))

    def array() -> np.ndarray:
        return np.array(draw(st.lists(NUMBER, min_size=size, max_size=size))).reshape(shape)

    ranged = draw(st.booleans())
    parts = {"industries": array(), "households": array()} if draw(st.booleans()) else {}
    notes = draw(
        st.lists(
            st.builds(
                mc.Note, st.just("a note"), st.sampled_from(["table", "households", "GHG"]),
                st.booleans(),
            ),
            max_size=3,
        )
    )  # fmt: skip
    return mc.Result(
        draw(st.sampled_from(["consumption", "production", "footprint by product", "a - b"])),
        array(), tuple(dims), coords, draw(st.sampled_from(["Mt CO2e", "t CO2", "million USD"])),
        low=array() if ranged else None, high=array() if ranged else None, parts=parts,
        notes=tuple(notes), provenance=mc.Provenance("toy", year=2022, stressor="GHG"),
    )  # fmt: skip


def flat(result: mc.Result) -> np.ndarray:
    return np.concatenate([array.ravel() for array in result.columns().values()])


@given(results())
def test_iamc_reads_back_to_the_last_bit(result):
    for layout, column in (("long", "Value"), ("wide", "2022")):
        text = result.to_iamc(layout=layout).to_csv(index=False)
        back = pd.read_csv(
            io.StringIO(text), keep_default_na=False,
            na_values={column: [""]}, dtype={"Region": str}, **precise(),
        )  # fmt: skip
        np.testing.assert_array_equal(back[column].to_numpy(dtype=float), flat(result))
        places = back["Region"].to_list()
        assert places[: len(result.value.ravel())] == [
            label for label in result.coords["region"] for _ in range(result.value[0].size)
        ]
    estimated = set(back["Estimated"])
    assert ("yes" in estimated) == result.estimated


@given(results())
def test_sdmx_reads_back_to_the_last_bit(tmp_path_factory, result):
    path = tmp_path_factory.mktemp("sdmx") / "a.csv"
    try:
        result.to_sdmx_csv(path, labels="both")
    except LabelError as error:
        assert "same SDMX identifier" in str(error)  # "a b" and "a_b": told, never merged
        assert not path.exists()
        return
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(row["STRUCTURE"] == "dataflow" and row["ACTION"] == "I" for row in rows)
    scale = {"Mt CO2e": "6", "t CO2": "0", "million USD": "6"}
    assert {row["UNIT_MULT"] for row in rows} == {scale[result.unit]}
    values = np.array([float(row["OBS_VALUE"]) for row in rows])
    arrays = [result.value, *(result.parts.values() if len(result.parts) > 1 else ())]
    np.testing.assert_array_equal(values, np.concatenate([a.ravel() for a in arrays]))
    for row, value in zip(rows, values, strict=True):
        assert (row["OBS_STATUS"] in "OM") == bool(np.isnan(value))
    size = result.value.size
    told = [row["REF_AREA:region"].split(": ", 1)[1] for row in rows[:size]]
    each = result.value[0].size
    assert told == [label for label in result.coords["region"] for _ in range(each)]
    if result.low is not None:
        low = [float(row["LOWER_BOUND"] or "nan") for row in rows[:size]]
        np.testing.assert_array_equal(low, result.low.ravel())
    marked = any(row["OBS_STATUS"] == "E" for row in rows[:size])
    assert marked == (result.estimated and not np.isnan(result.value).all())


@settings(max_examples=15)  # each writes a store of some ten files
@given(results())
def test_zarr_reads_back_to_the_last_bit(tmp_path_factory, result):
    path = result.to_zarr(tmp_path_factory.mktemp("zarr") / "a.zarr")
    with xr.open_zarr(path) as data:
        for name, array in result.columns().items():
            np.testing.assert_array_equal(data[name].values, array)
        for dim in result.dims:
            assert tuple(data[dim].values.tolist()) == result.coords[dim]
        assert ("[estimated]" in data.attrs["notes"]) == result.estimated
        assert data.attrs["units"] == result.unit


def test_names_of_variables():
    result = mc.account(
        toy(households_range={"GHG": (TOY_H / 3, TOY_H * 3)}, year=2022), "consumption"
    )
    frame = result.to_iamc(model="m", scenario="s")
    assert list(frame.columns) == [*COLUMNS, "Estimated", "Year", "Value"]
    root = "Emissions Footprint|Kyoto Gases"
    assert frame["Variable"].unique().tolist() == [
        root, f"{root} [low]", f"{root} [high]", f"{root}|Industries", f"{root}|Households",
    ]  # fmt: skip
    assert set(frame["Unit"]) == {"Mt CO2-equiv/yr"}
    # What stands one level below adds up: nothing but the parts may stand there.
    below = frame[frame["Variable"].str.startswith(f"{root}|")]
    sums = below.groupby("Region")["Value"].sum()
    whole = frame[frame["Variable"] == root].set_index("Region")["Value"]
    np.testing.assert_allclose(sums[whole.index], whole, rtol=1e-14)
    flows = mc.bilateral(toy(year=2022)).to_iamc()
    assert flows["Region"].tolist() == ["A>A", "A>B", "B>A", "B>B"]
    assert set(flows["Variable"]) == {"Emissions|Kyoto Gases [bilateral]"}
    back = mc.footprint(toy(year=2022), by="origin")  # over (region_to, region)
    assert back.to_iamc()["Region"].tolist() == ["A>A", "B>A", "A>B", "B>B"]
    each = result.per({"A": 1.0, "B": 2.0})
    assert set(each.to_iamc()["Unit"]) == {"Mt CO2-equiv/person/yr"}


def test_what_iamc_and_sdmx_cannot_name_is_refused(tmp_path):
    result = mc.account(toy(year=2022), "production")
    with pytest.raises(InputError, match=r"which year(.|\n)*year=2022"):
        mc.account(toy(), "production").to_iamc()
    assert mc.account(toy(), "production").to_iamc(year=1995)["Year"].unique().tolist() == [1995]
    with pytest.raises(LabelError, match="parts levels"):
        mc.account(toy(year=2022, regions=["A|B", "C"]), "production").to_iamc()
    with pytest.raises(LabelError, match="parts levels"):
        mc.account(toy(year=2022, regions=["A>B", "C"]), "production").to_iamc()
    with pytest.raises(UnknownNameError):
        result.to_iamc(layout="tall")
    world = dataclasses.replace(result, dims=("sector",), coords={"sector": ("1", "2")})
    with pytest.raises(InputError, match="no axis of regions"):
        world.to_iamc()
    assert set(world.to_iamc(region="World")["Region"]) == {"World"}
    for wrong in ({"agency": "my agency"}, {"dataflow": "a b"}, {"version": "one"}):
        with pytest.raises(InputError, match="SDMX does not allow"):
            result.to_sdmx_csv(tmp_path / "a.csv", **wrong)
    with pytest.raises(LabelError, match="same SDMX identifier"):
        mc.account(toy(year=2022, regions=["A b", "A_b"]), "production").to_sdmx_csv(
            tmp_path / "a.csv"
        )
    assert list(tmp_path.iterdir()) == []
    clash = dataclasses.replace(result, parts={"value": result.value, "low": result.value})
    with pytest.raises(LabelError, match="a part is called"):
        clash.to_iamc()


def test_status_tells_estimated_and_missing(tmp_path):
    estimate = mc.Note("roughly", about="households", estimated=True)
    result = mc.account(toy(year=2022, notes=[estimate]), "production")
    path = result.to_sdmx_csv(tmp_path / "a.csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    status = {(row["REF_AREA"], row["PART"]): row["OBS_STATUS"] for row in rows}
    assert status["A", "_T"] == status["A", "households"] == "E"
    assert status["A", "industries"] == "A"  # the estimate is of households alone
    assert "[estimated] roughly" in rows[0]["COMMENT_DSET"] and not rows[1]["COMMENT_DSET"]
    gaps = mc.Result(
        "x", np.array([1.0, np.nan, np.nan]), ("region",), {"region": ("A", "B", "unallocated")},
        "kt CO2", provenance=mc.Provenance(year=2020, stressor="CO2"),
    )  # fmt: skip
    text = gaps.to_sdmx_csv(path).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["OBS_STATUS"] for row in rows] == ["A", "O", "M"]
    assert [row["OBS_VALUE"] for row in rows] == ["1.0", "NaN", "NaN"]
    assert (rows[0]["UNIT_MEASURE"], rows[0]["UNIT_MULT"]) == ("T_CO2", "3")


def test_a_zarr_store_is_whole_or_absent(tmp_path, monkeypatch):
    result = mc.account(toy(), "production")
    path = result.to_zarr(tmp_path / "a.zarr")
    twice = dataclasses.replace(result, value=result.value * 2).to_zarr(path)
    with xr.open_zarr(twice) as data:
        np.testing.assert_array_equal(data["value"].values, result.value * 2)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    for place in (tmp_path / "mine", tmp_path / "no" / "such", tmp_path / "mine" / "letter.txt"):
        with pytest.raises(DataFileError, match="cannot write"):
            result.to_zarr(place)
    import mriocarbon.model.atomic as module

    before = module.os.replace

    def fails_at_the_end(source, target):  # zarr's own files go through it as well
        if target == path and str(source).endswith(".part"):
            raise KeyboardInterrupt
        before(source, target)

    monkeypatch.setattr(module.os, "replace", fails_at_the_end)
    with pytest.raises(KeyboardInterrupt):
        result.to_zarr(path)
    monkeypatch.undo()
    with xr.open_zarr(path) as data:  # the old one is back
        np.testing.assert_array_equal(data["value"].values, result.value * 2)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.zarr", "mine"]
