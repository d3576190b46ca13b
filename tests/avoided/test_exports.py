"""Exports: what the sources say, what is refused, and a table of one's own."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mriocarbon.avoided.exports import COLUMNS, UNKNOWN, country, exports, joined
from mriocarbon.avoided.own import read_exports
from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    NotAvailableError,
    UnknownNameError,
)

ALL = ("panels", "cells", "wafers")


def test_solar_2024_is_what_ember_publishes():
    shipped = exports("China", "solar", 2024, products=ALL)
    assert tuple(shipped.table.columns) == COLUMNS
    gw = shipped.by("product") / 1000
    assert gw.round(1).to_dict() == {"cells": 56.6, "panels": 237.2, "wafers": 60.3}
    months = shipped.by("month")
    assert list(months.index) == list(range(1, 13))
    assert months.sum() == pytest.approx(shipped.total, rel=1e-12)
    # Billions of dollars of 2024: 28.0 of panels.
    usd = shipped.table.groupby("product")["usd"].sum() / 1e9
    assert usd["panels"] == pytest.approx(27.995, abs=0.001)
    assert any("upper bound" in note.text for note in shipped.notes)


def test_panels_alone_carry_no_note_on_cells():
    assert not any("Cells" in note.text for note in exports("CHN", "solar", 2024).notes)


def test_no_destination_is_a_group():
    shipped = exports("CHN", "solar", 2024, products=ALL)
    assert not shipped.table["destination"].str.contains(":").any()
    assert not {"WLD", "EU27"} & set(shipped.table["destination"])


def test_intervals_hold_the_value():
    table = exports("CHN", ("solar", "wind"), 2024, products=ALL).table
    some = table[table["mw"] > 0]
    assert ((some["low"] < some["mw"]) & (some["mw"] < some["high"])).all()


def test_wind_2024():
    shipped = exports("CHN", "wind", 2024)
    assert shipped.total == pytest.approx(5193.7, rel=1e-12)
    places = shipped.by("destination")
    assert places["SAU"] == pytest.approx(0.15 * 5193.7)
    assert places[UNKNOWN] == pytest.approx(0.422 * 5193.7)
    assert shipped.table["month"].isna().all()  # not spread in silence
    assert shipped.table["usd"].isna().all()
    assert shipped.missing == ("wind: months of shipment", "wind: value in USD")
    assert shipped.table.set_index("destination")["estimated"].to_dict()[UNKNOWN]


def test_part_of_a_year_is_told():
    shipped = exports("CHN", "solar", 2025)
    assert shipped.period == "January to September 2025"
    assert shipped.missing == ("solar: exports of October to December 2025",)
    assert any("January to September only" in note.text for note in shipped.notes)


def test_products_without_a_heading_are_missing():
    shipped = exports("CHN", "solar", 2020, products=ALL)
    assert set(shipped.table["product"]) == {"panels"}
    assert len(shipped.missing) == 2


@pytest.mark.parametrize(
    ("args", "error", "text"),
    [
        (("USA", "solar", 2024), NotAvailableError, "read_exports"),
        (("CHN", "wind", 2023), NotAvailableError, "2024 only"),
        (("CHN", "solar", 2010), NotAvailableError, "2017 to 2025"),
        (("CHN", "tidal", 2024), UnknownNameError, "tidal"),
        (("Atlantis", "solar", 2024), UnknownNameError, "Atlantis"),
        (("CHN", (), 2024), InputError, "no technology"),
    ],
)
def test_refusals(args, error, text):
    with pytest.raises(error, match=text):
        exports(*args)


def test_unknown_product():
    with pytest.raises(UnknownNameError, match="wafer"):
        exports("CHN", "solar", 2024, products=("wafer",))
    with pytest.raises(InputError, match="no product"):
        exports("CHN", "solar", 2024, products=())


def test_groups_are_no_country():
    for name in ("World", "WLD", "EU27", ""):
        with pytest.raises(UnknownNameError):
            country(name)


def test_joined_refuses_what_comes_twice():
    panels = exports("CHN", "solar", 2024)
    with pytest.raises(InputError, match="twice"):
        joined(panels, panels)
    with pytest.raises(InputError, match="2023"):
        joined(panels, exports("CHN", "solar", 2023))
    with pytest.raises(InputError, match="no exports"):
        joined()


def test_redirecting_moves_and_keeps_the_total():
    shipped = exports("CHN", "solar", 2024)
    moved = shipped.redirected("Netherlands", {"Germany": 0.6, "France": 0.1})
    assert moved.total == pytest.approx(shipped.total, rel=1e-12)
    before, after = shipped.by("destination"), moved.by("destination")
    assert after["NLD"] == pytest.approx(0.3 * before["NLD"])
    assert after["DEU"] == pytest.approx(before["DEU"] + 0.6 * before["NLD"])
    assert moved.notes[-1].estimated
    moved_rows = moved.table[moved.table["note"].str.contains("landed in NLD")]
    assert moved_rows["estimated"].all()
    for shares in (
        {"DEU": 1.2},
        {"DEU": -0.1},
        {"DEU": float("nan")},
        {"DEU": 0.1, "Germany": 0.1},
    ):
        with pytest.raises(InputError):
            shipped.redirected("NLD", shares)
    with pytest.raises(InputError, match="nothing goes"):
        exports("CHN", "wind", 2024).redirected("NLD", {"DEU": 1.0})


def mine(**changes):
    frame = {
        "destination": ["Spain", "Namibia"],
        "technology": ["solar", "solar"],
        "product": ["panels", "panels"],
        "mw": [10.0, 5.0],
        "month": [1, 2],
    }
    return pd.DataFrame(frame | changes)


def test_own_table():
    found = read_exports(mine(), exporter="VNM", year=2023)
    assert found.by("destination").to_dict() == {"ESP": 10.0, "NAM": 5.0}
    assert found.exporter == "VNM"
    assert found.table["low"].isna().all()
    assert any("no interval" in note.text for note in found.notes)


def test_own_csv_keeps_na_as_text_and_missing_months(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "destination,technology,product,mw,month,low,high\n"
        "NA,wind,turbines,7.5,,7,8\nViet Nam,solar,cells,2,3,,\n"
    )
    found = read_exports(path, exporter="CHN", year=2024)
    assert found.table["destination"].tolist() == ["NAM", "VNM"]
    assert found.table["month"].isna().tolist() == [True, False]
    assert found.table["low"].tolist()[0] == 7.0


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"mw": [10.0, -1.0]}, InputError, "row 3"),
        ({"mw": [np.nan, 1.0]}, InputError, "row 2"),
        ({"mw": ["1_000", 1.0]}, InputError, "1_000"),
        ({"mw": ["inf", 1.0]}, InputError, "inf"),
        ({"destination": ["Atlantis", "Spain"]}, UnknownNameError, "Atlantis"),
        ({"destination": ["Spain", "World"]}, UnknownNameError, "World"),
        ({"destination": ["Spain", "ESP"], "month": [1, 1]}, LabelError, "twice"),
        ({"technology": ["solar", "coal"]}, UnknownNameError, "coal"),
        ({"product": ["panels", "turbines"]}, UnknownNameError, "turbines"),
        ({"month": [1, 13]}, InputError, "13"),
        ({"month": [1, 2.5]}, InputError, "2.5"),
        ({"low": [1.0, 1.0], "high": [2.0, 9.0]}, InputError, "row 2"),
        ({"low": [9.0, 4.0], "high": [np.nan, 6.0]}, InputError, "row 2"),
        ({"colour": ["a", "b"]}, InputError, "colour"),
        ({"area_type": ["country", "planet"]}, UnknownNameError, "planet"),
    ],
)
def test_own_table_is_read_strictly(changes, error, text):
    with pytest.raises(error, match=text):
        read_exports(mine(**changes), exporter="CHN", year=2024)


def test_regions_are_dropped_only_where_marked():
    found = read_exports(
        mine(destination=["Spain", "Europe"], area_type=["", "Region"]), exporter="CHN", year=2024
    )
    assert found.by("destination").to_dict() == {"ESP": 10.0}
    assert any("1 rows marked as regions" in note.text for note in found.notes)
    with pytest.raises(InputError, match="no rows"):
        read_exports(mine(area_type=["region", "region"]), exporter="CHN", year=2024)


def test_missing_columns_and_files(tmp_path):
    with pytest.raises(InputError, match="missing columns: mw"):
        read_exports(mine().drop(columns="mw"), exporter="CHN", year=2024)
    with pytest.raises(DataFileError):
        read_exports(tmp_path / "none.csv", exporter="CHN", year=2024)
    path = tmp_path / "ragged.csv"
    path.write_text("destination,technology,product,mw\nESP,solar,panels,1,2\n")
    with pytest.raises(InputError, match="5 cells under 4 columns"):
        read_exports(path, exporter="CHN", year=2024)


def test_a_line_break_in_a_cell_moves_no_row():
    table = mine()
    table["source"] = pd.Categorical(["a\nb"] * len(table))
    table.loc[1, "mw"] = -1.0
    with pytest.raises(InputError) as caught:
        read_exports(table, exporter="CHN", year=2024)
    assert caught.value.where.endswith("row 3")


def test_an_incomplete_year_is_told_from_the_months_of_the_others():
    """Neither year nor months are typed: what other years of the source have is what is missing."""
    for year in range(2017, 2025):
        whole = exports("CHN", "solar", year)
        assert whole.period == str(year) and not whole.covers
    part = exports("CHN", "solar", 2025)
    assert part.covers == {"solar": tuple(range(1, 10))}
    assert joined(part).period == part.period
    mixed = replace(part, table=pd.concat([part.table, exports("CHN", "wind", 2024).table]))
    assert mixed.period == "2025 (solar: January to September only)"


def test_technologies_of_a_table_are_picked_with_a_note():
    both = exports("CHN", ("solar", "wind"), 2024)
    solar = both.of(["solar"])
    assert solar.technologies == ("solar",)
    assert solar.missing == ()
    assert "5,193.7 MW of wind" in solar.notes[-1].text
    assert both.of(["wind", "solar"]) is both
    with pytest.raises(InputError, match="no exports of wind"):
        solar.of(["wind"])


def test_what_stays_in_a_hub_is_as_estimated_as_what_moves():
    frame = mine(destination=["Netherlands", "Spain"])
    moved = read_exports(frame, exporter="CHN", year=2024).redirected("NLD", {"DEU": 0.5})
    assert moved.table.set_index("destination")["estimated"].to_dict() == {
        "NLD": True, "DEU": True, "ESP": False
    }  # fmt: skip
    with pytest.raises(InputError, match="CHN is the exporter"):
        exports("CHN", "solar", 2024).redirected("NLD", {"China": 0.1})


def test_sales_at_home_are_no_exports():
    with pytest.raises(InputError, match=r"(?s)VNM is the exporter.*row 3"):
        read_exports(mine(destination=["Spain", "Viet Nam"]), exporter="VNM", year=2023)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mw": [1e300, 1.0]}, "(?s)MW of solar.*row 2.*5 times the 1.41 TW"),
        ({"mw": [4e6, 4e6]}, "(?s)8e.06 MW.*all rows of solar"),
        ({"low": [9.0, 4.0], "high": [1e9, 6.0]}, "(?s)1e.09 MW.*row 2"),
        ({"usd": [1e12, 1.0]}, "(?s)1e.08 USD per kW.*row 2.*12,000"),
        ({"mw": [0.0, 1.0], "usd": [5.0, 1.0]}, "(?s)no capacity.*row 2"),
    ],
)
def test_amounts_beyond_any_size_are_refused_with_the_rule(changes, says):
    with pytest.raises(InputError, match=says):
        read_exports(mine(**changes), exporter="CHN", year=2024)


def test_the_largest_amounts_that_can_be_meant_pass():
    found = read_exports(mine(mw=[3e6, 3e6], usd=[3e12, 3e12]), exporter="CHN", year=2024)
    assert found.total == 6e6
