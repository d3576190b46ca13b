"""Results: labels, sums that are allowed and sums that are not, files."""

import csv
import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from properties.tables import TOY_F, TOY_H, toy

import mriocarbon as mc
from mriocarbon.errors import LabelError, ShapeError, UnitError, UnknownNameError


def result_of(principle="consumption", **changes) -> mc.Result:
    return mc.account(toy(**changes), principle)


def test_difference_and_sum():
    a, b = result_of(), result_of("production")
    difference, total = a - b, a + b
    np.testing.assert_allclose(difference.value, a.value - b.value)
    np.testing.assert_allclose(total.value, a.value + b.value)
    assert difference.name == "consumption - production"
    assert difference.unit == "Mt CO2e"
    assert difference.error == max(a.error, b.error)


def test_units_are_never_added_up():
    a = result_of()
    for other in (a.to("kt CO2e"), result_of(units="Mt CO2")):
        for combine in (lambda x, y: x + y, lambda x, y: x - y):
            with pytest.raises(UnitError, match=r"cannot compute(.|\n)*what to do: convert"):
                combine(a, other)


def test_editions_are_never_added_up():
    here = result_of(provenance=mc.Provenance(dataset="icio", edition="2023"))
    for other in (
        mc.Provenance(dataset="icio", edition="2025"),
        mc.Provenance(dataset="wiod", edition="2023"),
    ):
        there = result_of(provenance=other)
        with pytest.raises(
            UnitError, match=r"different editions(.|\n)*icio(.|\n)*" + other.edition
        ):
            here - there
        with pytest.raises(UnitError, match="never added or differenced"):
            here + there


def test_labels_are_never_mixed():
    with pytest.raises(LabelError, match=r"labels differ(.|\n)*'A'(.|\n)*'C'"):
        result_of() - result_of(regions=["A", "C"])
    with pytest.raises(LabelError):
        result_of() + mc.bilateral(toy())


def test_numbers_are_no_results():
    with pytest.raises(TypeError):
        result_of() + 1


def test_notes_of_both_sides_are_kept_once():
    note = mc.Note("estimated", estimated=True)
    a, b = result_of(notes=[note]), result_of("income", notes=[note])
    assert (a - b).notes.count(note) == 1
    assert (a - b).estimated


def test_labels_must_fit_the_numbers():
    with pytest.raises(ShapeError, match=r"\(2,\), labels say \(3,\)"):
        mc.Result("x", np.ones(2), ("region",), {"region": ("A", "B", "C")}, "t")


def test_lookup():
    E = mc.bilateral(toy(regions=["CHN", "USA"]))
    assert E["China", "United States"] == E.value[0, 1]
    with pytest.raises(ShapeError, match="1 labels for 2 dimensions"):
        E["CHN"]
    trade = mc.trade(toy())
    assert trade["A", "balance"] == pytest.approx(156.083533 - 13.098254, abs=1e-6)
    with pytest.raises(UnknownNameError, match="did you mean 'balance'"):
        trade["A", "balanse"]


def test_to_pandas():
    series = result_of().to_pandas()
    assert isinstance(series, pd.Series) and series.name == "consumption [Mt CO2e]"
    frame = mc.bilateral(toy()).to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert (frame.index.name, frame.columns.name) == ("region", "region_to")
    assert frame.loc["A", "B"] == pytest.approx(156.083533, abs=1e-6)
    gradient = mc.gradient(toy(), "consumption", region="A", wrt="Y")
    deep = gradient.to_pandas()
    assert deep.index.names == ["region", "sector", "region_to"]
    assert deep["B", "2", "A"] == gradient["B", "2", "A"]


def test_to_xarray():
    result = mc.account(toy(notes=[mc.Note("n", estimated=True)]), "consumption")
    array = result.to_xarray()
    assert array.dims == ("region",)
    assert array.sel(region="B").item() == result["B"]
    assert array.attrs["units"] == "Mt CO2e"
    assert array.attrs["notes"] == "[estimated] n"
    assert array.attrs["forward_error"] == result.error


def test_to_csv_keeps_every_bit_and_says_what_it_is(tmp_path):
    result = result_of(
        households_range={"GHG": (TOY_H / 3, TOY_H * 3)},
        notes=[mc.Note("roughly", about="households", estimated=True)],
    )
    path = result.to_csv(tmp_path / "out.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith("#")]
    assert "# units: Mt CO2e" in head
    assert "# notes: [estimated] roughly" in head
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [row["region"] for row in rows] == ["A", "B"]
    for column in ("value", "low", "high"):
        assert [float(row[column]) for row in rows] == getattr(result, column).tolist()
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_notes_of_several_lines_do_not_break_the_csv(tmp_path):
    result = result_of(notes=[mc.Note("first\nsecond,line")])
    text = result.to_csv(tmp_path / "out.csv").read_text(encoding="utf-8")
    frame = pd.read_csv(tmp_path / "out.csv", comment="#")
    assert list(frame.columns) == ["region", "value", "industries", "households"], text
    assert list(frame.region) == ["A", "B"]


def test_to_netcdf_round_trip(tmp_path):
    result = mc.bilateral(toy())
    path = result.to_netcdf(tmp_path / "out.nc")
    with xr.open_dataset(path, engine="h5netcdf") as data:
        array = data["value"]
        np.testing.assert_array_equal(array.values, result.value)
        assert array.attrs["units"] == "Mt CO2e"
        assert list(array.region.values) == ["A", "B"]
    assert [p.name for p in tmp_path.iterdir()] == ["out.nc"]


@pytest.mark.parametrize("method", ["to_csv", "to_netcdf"])
def test_nothing_is_left_half_written(tmp_path, method, monkeypatch):
    import mriocarbon.model.atomic as module

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module.os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        getattr(result_of(), method)(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_results_compare_by_identity_not_by_chance():
    a = result_of()
    assert a == a and a != result_of()
    assert dataclasses.replace(a, name="other").name == "other"
    assert a.total == pytest.approx(TOY_F.sum() + TOY_H.sum())


def test_households_and_range_reach_every_file(tmp_path):
    result = mc.account(mc.load(), "consumption", stressor="GHG")
    lines = [x for x in result.to_csv(tmp_path / "a.csv").read_text().splitlines() if x[0] != "#"]
    assert lines[0] == "region,value,low,high,industries,households"
    row = dict(zip(lines[0].split(","), lines[3].split(","), strict=True))
    assert row["region"] == "CHN"
    total = float(row["industries"]) + float(row["households"])
    assert total == pytest.approx(float(row["value"]), rel=1e-12)
    import xarray as xr

    with xr.open_dataset(result.to_netcdf(tmp_path / "a.nc"), engine="h5netcdf") as data:
        assert float(data.households.sel(region="CHN")) == float(row["households"])
        assert data.attrs["units"] == "Mt CO2e"
    names = " ".join(s.citation for s in result.provenance.sources)
    assert "UNFCCC" in names or "CEDS" in names
    without = mc.account(mc.load(), "consumption", stressor="GHG", households=False)
    assert len(without.provenance.sources) < len(result.provenance.sources)
    change = result - mc.account(mc.load(), "production", stressor="GHG")
    assert change.low is None and any("no range" in n.text for n in change.notes)
    np.testing.assert_allclose(change.parts["households"], 0, atol=1e-12)


def test_a_place_that_cannot_be_written_to(tmp_path):
    from mriocarbon.errors import DataFileError

    result = mc.account(mc.load(), "production", stressor="GHG")
    (tmp_path / "folder.npz").mkdir()
    for write in (result.to_csv, result.to_netcdf, lambda path: mc.save(mc.load(), path)):
        for path in (tmp_path / "no" / "such" / "file.npz", tmp_path / "folder.npz"):
            with pytest.raises(DataFileError, match="cannot write the file"):
                write(path)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.npz"]
