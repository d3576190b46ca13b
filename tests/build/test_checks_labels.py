"""Checks of what figures stand under or beside: labels, units, GDP, households, estimates."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.build.checks import check
from mriocarbon.build.drift import key
from mriocarbon.errors import InputError, MriocarbonWarning, NonFiniteError, UnknownNameError
from tests.build.defects import changed, worse

# ---- labels ----------------------------------------------------------------------------------


def relabelled(table, sectors=None, regions=None):
    index = mc.SectorIndex(
        tuple(regions or table.regions), tuple(sectors or table.sectors)
    )  # fmt: skip
    return changed(table, index=index)


@pytest.mark.parametrize(
    ("old", "new", "also"),
    [
        ("C10T12", "C10-C12", set()),
        ("C10T12", "c10t12", set()),
        ("D", "D ", {"labels"}),
        ("A01", "\u041001", {"labels"}),  # a Cyrillic A
    ],
)
def test_a_label_written_otherwise(table, old, new, also):
    clean = check(table, earlier=table)
    assert {f.status for f in clean.findings if "label" in f.name} == {"PASS"}
    sectors = [new if s == old else s for s in table.sectors]
    report = check(relabelled(table, sectors), earlier=table)
    assert worse(clean, report) == {"label drift"} | also
    assert f"{old!r} is now written {new!r}" in report["label drift"].text
    assert report["label drift"].status == "FAIL"


def test_labels_missing_new_renamed_and_reordered(table):
    sectors = ["Z99" if s == "T" else s for s in table.sectors]
    text = check(relabelled(table, sectors), earlier=table)["label drift"].text
    assert "'T' is missing, 'Z99' is new: renamed?" in text
    order = list(table.sectors)
    order[3], order[4] = order[4], order[3]
    found = check(relabelled(table, order), earlier=table)
    assert found["label drift"].status == "WARN" and "another order" in found["label drift"].text


def test_labels_exchanged_without_their_figures(table):
    order = list(table.sectors)
    i, j = order.index("C20"), order.index("L")
    order[i], order[j] = order[j], order[i]
    found = check(relabelled(table, order), earlier=table)["label content"]
    assert found.status == "FAIL"
    assert {label for label, _ in found.items} == {
        "sector C20 has the output of L", "sector L has the output of C20"
    }  # fmt: skip
    regions = list(table.regions)
    regions[0], regions[5] = regions[5], regions[0]
    found = check(relabelled(table, regions=regions), earlier=table)["label content"]
    assert found.status == "FAIL" and "region IND has the output of EU27" in found.text


def test_units_and_money_that_changed(table):
    ext = table.extensions["GHG"]
    later = changed(
        table.replace_extensions(replace(ext, units=("kt CO2e",))), money_unit="million EUR"
    )
    text = check(later, earlier=table)["label drift"].text
    assert "unit of GHG: 'Mt CO2e' is now 'kt CO2e'" in text and "million EUR" in text


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("C10T12", "C10-C12", True),
        ("C17_18", "C17-18", True),
        ("Electricity ", "electricity", True),
        ("СО2", "CO2", True),  # Cyrillic
        ("C24A", "C24B", False),
        ("H49", "H50", False),
        ("C301", "C302T309", False),
    ],
)
def test_keys(a, b, same):
    assert (key(a) == key(b)) is same


def test_look_alikes_within_one_table():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        table = mc.MRIO.from_arrays(
            Z=np.eye(4), Y=np.ones((4, 2)), regions=["A", "B"], sectors=["C10T12", "C10-C12"]
        )
    assert "looks like" in check(table)["labels"].text


# ---- units, GDP, households, estimates -------------------------------------------------------


def test_one_name_two_dimensions(table, clean):
    ext = table.extensions["GHG"]
    other = mc.Extension("energy", ("GHG",), 2.0 + np.abs(np.sin(ext.F)), ("TJ",), ext.F_Y)
    report = check(table.replace_extensions(ext, other))
    assert report["units"].status == "FAIL" and "TJ in energy" in report["units"].text
    odd = check(table.replace_extensions(replace(ext, units=("florins",))))
    assert odd["units"].status == "WARN" and "florins" in odd["units"].text


def test_gdp(table, clean):
    side = table.other_inputs
    own = (table.value_added.sum(axis=0) + side.total).reshape(20, 50).sum(axis=1)
    if side.final_demand is not None:
        own = own + side.final_demand.sum(axis=0).reshape(20, -1).sum(axis=1)
    own = own / 0.93
    gdp = dict(zip(table.regions, own, strict=True))
    assert worse(clean, check(table, gdp=gdp)) == set()
    assert check(table, gdp=gdp)["GDP"].status == "PASS"
    gdp["China"] = gdp.pop("CHN") / 1000  # billions, under the country's name
    found = check(table, gdp=gdp)["GDP"]
    assert found.status == "FAIL" and found.items[0] == ("CHN", pytest.approx(930))
    del gdp["USA"]
    assert "not compared for want of GDP: USA" in check(table, gdp=gdp)["GDP"].text
    local = changed(table, money_unit="million JPY")
    assert check(local, gdp=gdp)["GDP"].status == "SKIPPED"


@pytest.mark.parametrize(
    ("gdp", "error", "names"),
    [
        ({"CHN": math.nan}, NonFiniteError, "CHN"),
        ({"USA": 26e6, "CHN": math.inf}, NonFiniteError, "CHN"),
        ({"XXX": 1.0}, UnknownNameError, "XXX"),
        ({"USA": 26e6, "Atlantis": 1.0}, UnknownNameError, "Atlantis"),
        ({"USA": 0.0}, InputError, "USA"),
        ({"CHN": 18e6, "China": 18e6}, InputError, "given twice"),
    ],
)
def test_bad_gdp_is_an_error_and_not_a_check_skipped(table, gdp, error, names):
    with pytest.raises(error, match=names):
        check(table, gdp=gdp)


def test_real_gdp_of_the_world_bank_kind(table):
    gdp = {"USA": 26.0e6, "JPN": 4.26e6, "GBR": 3.1e6, "CHN": 18.0e6}
    assert check(table, gdp=gdp)["GDP"].status == "PASS"


def test_unknown_households_are_not_zero(table, clean):
    ext = table.extensions["GHG"]
    report = check(table.replace_extensions(replace(ext, F_Y=None)))
    assert worse(clean, report) == {"household rows"}
    assert report["household rows"].items == (("GHG of GHG", 20.0),)


def test_estimated_cells_are_weighed(table, clean):
    plain = changed(table, notes=(), estimated={})
    ext = table.extensions["GHG"]
    plain = plain.replace_extensions(replace(ext, notes=()))
    assert check(plain)["estimated cells"].status == "PASS"
    mask = np.zeros((1, 1000), dtype=bool)
    mask[0, 950:] = True
    marked = changed(plain, estimated={"Z": mask})
    found = check(marked)["estimated cells"]
    assert worse(check(plain), check(marked)) == {"estimated cells"}
    assert found.figure == pytest.approx(table.Z[:, 950:].sum() / table.Z.sum())
