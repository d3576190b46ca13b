"""The table that is shipped: its known values, and what happens when a file is damaged."""

import hashlib
import json
import shutil

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.datasets.catalogue import EMBEDDED, catalogue, find, verified
from mriocarbon.datasets.load import embedded
from mriocarbon.errors import DataFileError, NotAvailableError, UnknownNameError

MOST_BYTES = 8_000_000
SINGLE = {
    *("USA", "CHN", "GBR", "JPN", "IND", "CAN", "NOR", "IDN"),
    *("RUS", "CHL", "AUS", "SGP", "TUR", "KOR", "KAZ"),
}


@pytest.fixture(scope="module")
def mrio() -> mc.MRIO:
    return mc.load("oecd-icio-2022")


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "embedded"
    shutil.copytree(EMBEDDED, folder)
    return folder


# -- values --------------------------------------------------------------------------------------


def test_shape_and_labels(mrio):
    assert len(mrio.index) == 1000
    assert (len(mrio.regions), len(mrio.sectors)) == (20, 50)
    assert set(mrio.regions) > SINGLE and len(SINGLE) == 15
    assert {"EU27", "ROW"} < set(mrio.regions)
    assert mrio.year == 2022
    assert mrio.money_unit == "million USD"
    assert mrio.stressors == ("GHG", "CO2", "CH4", "N2O", "F-gases")
    assert (mrio.table_type, mrio.price_basis) == ("industry-by-industry", "basic")
    assert mrio.extensions["GHG"].units == ("Mt CO2e",)


def test_it_is_clean_and_balanced(mrio):
    assert mrio.diagnostics == ()
    gap = mrio.Z.sum(axis=1) + mrio.Y.sum(axis=1) - mrio.x
    assert np.abs(gap).max() <= 1e-5 * mrio.x.mean()
    assert (mrio.x >= 0).all()
    assert 0.3 < mc.leontief(mrio).spectral_radius() < 1


def test_world_total(mrio):
    total = mc.account(mrio, "production", stressor="GHG", households=False).total
    assert f"{total:,.1f}" == "44,231.4"


KNOWN = {"CHN": -8.56, "USA": 23.37, "JPN": 25.84, "EU27": 33.24, "GBR": 71.89, "IND": -4.94}


@pytest.mark.parametrize(("region", "percent"), [*KNOWN.items(), ("RUS", -28.64)])
def test_consumption_over_production(mrio, region, percent):
    consumption = mc.account(mrio, "consumption", stressor="GHG", households=False)
    production = mc.account(mrio, "production", stressor="GHG", households=False)
    assert 100 * (consumption[region] / production[region] - 1) == pytest.approx(percent, abs=0.005)


# technology adjustment takes Norway below zero, and says so
@pytest.mark.filterwarnings("ignore:technology-adjusted.*NOR:mriocarbon.errors.AccountWarning")
def test_every_account_of_it_closes(mrio):
    for principle in (p.name for p in mc.principles() if not p.needs):
        result = mc.account(mrio, principle, households=False)
        assert result.coords["region"] == mrio.regions, principle
        assert result.total == pytest.approx(44231.4, abs=0.05)
        assert result.error < 1e-9


def test_households_are_there_with_a_wide_range_and_a_mark(mrio):
    result = mc.account(mrio, "production")
    bare = mc.account(mrio, "production", households=False)
    households = result.value - bare.value
    assert (households > 0).all()
    np.testing.assert_array_less(households.sum(), 0.25 * bare.total)
    assert (result.low - bare.value <= 0.6 * households + 1e-9).all()  # at least +-40 %
    assert (result.high - bare.value >= 1.4 * households - 1e-9).all()
    marks = [n for n in result.notes if n.estimated]
    assert any("household" in n.text for n in marks)
    assert not any(n.about == "households" for n in bare.notes)


def test_what_is_estimated_in_the_table_is_marked_where_the_table_is_used(mrio):
    assert mc.account(mrio, "consumption", households=False).estimated
    assert not mc.account(mrio, "production", households=False).estimated


def test_it_is_loaded_once():
    assert mc.load() is mc.load("oecd-icio-2022")


def test_provenance_cites_the_producer(mrio):
    result = mc.account(mrio, "consumption", households=False)
    assert "OECD" in result.metadata()["sources"]
    assert result.provenance.dataset == "oecd-icio-2022"
    assert len(result.provenance.sha256) == 64


def test_against_the_source_table(mrio, data_folder):
    with np.load(data_folder / "icio2022" / "icio2022_20Rx50_with_GHG.npz", allow_pickle=True) as z:
        source = {name: z[name] for name in ("Z", "x", "GHG_MtCO2e")}
    np.testing.assert_allclose(mrio.Z.sum(), source["Z"].sum(), rtol=1e-6)
    np.testing.assert_allclose(mrio.x.sum(), source["x"].sum(), rtol=1e-6)
    np.testing.assert_allclose(np.sort(mrio.x), np.sort(source["x"].ravel()), rtol=1e-5, atol=1.0)
    np.testing.assert_allclose(
        np.sort(mrio.extensions["GHG"].F[0]), np.sort(source["GHG_MtCO2e"].ravel()), atol=1e-9
    )


# -- the manifest --------------------------------------------------------------------------------


def test_every_file_is_in_the_manifest_and_every_hash_holds():
    items = mc.catalogue()
    assert {i.file for i in items} == {p.name for p in EMBEDDED.iterdir() if p.is_file()} - {
        "manifest.json"
    }
    for item in items:
        content = (EMBEDDED / item.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == item.sha256, item.file
        assert len(content) == item.bytes
        assert mc.verified(item.name) == EMBEDDED / item.file


def test_every_item_says_whose_it_is():
    for item in mc.catalogue():
        for field in (
            "title",
            "producer",
            "edition",
            "citation",
            "licence",
            "licence_url",
            "address",
        ):
            assert getattr(item, field).strip(), f"{item.file}: {field}"
        assert item.exactness in ("exact", "estimated", "mixed")
        assert (item.exactness == "exact") == (item.what_is_estimated == ""), item.file
        assert item.derived_from
        assert item.years
        assert item.source.sha256 == item.sha256


def test_nothing_derives_from_what_may_not_be_shipped():
    assert "edgar" not in (EMBEDDED / "manifest.json").read_text(encoding="utf-8").casefold()
    for path in EMBEDDED.glob("*.csv"):
        assert "edgar" not in path.read_text(encoding="utf-8").casefold(), path.name


def test_the_embedded_data_are_small():
    assert sum(p.stat().st_size for p in EMBEDDED.iterdir()) < MOST_BYTES


@pytest.mark.parametrize(
    "item", [i for i in mc.catalogue() if i.file.endswith(".csv")], ids=lambda i: i.name
)
def test_columns_are_those_of_the_manifest(item):
    frame = mc.table(item.name)
    assert len(frame)
    assert frame.attrs["citation"] == item.citation
    assert frame.attrs["licence"] == item.licence
    assert frame.attrs["edition"] == item.edition
    assert frame.attrs["unit"] == item.unit
    assert frame.attrs["estimated"] == item.what_is_estimated
    assert set(item.columns) == set(frame.columns)


def test_editions_of_the_carbon_budget_are_named_apart():
    assert "2025" in find("gcb2025_fossil_co2").edition
    assert "2024" in find("gcb2024_land_use_co2").edition


def test_fossil_co2_of_the_budget():
    frame = mc.table("gcb2025_fossil_co2").query("year == 2022").set_index("iso3")
    for country, percent in (("CHN", -11.0), ("USA", 10.1), ("JPN", 16.7)):
        row = frame.loc[country]
        change = 100 * (row.consumption_MtCO2 / row.territorial_MtCO2 - 1)
        assert change == pytest.approx(percent, abs=0.05)


# -- bad questions and damaged files -------------------------------------------------------------


def message(error: type[Exception], call) -> str:
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value)
    assert "\n  where: " in text and "\n  what to do: " in text
    return text


def test_unknown_names_offer_the_nearest():
    assert "did you mean 'gcb2025_fossil_co2'" in message(
        UnknownNameError, lambda: mc.table("gcb2025_fossil")
    )
    assert "did you mean" in message(UnknownNameError, lambda: mc.verified("households"))
    text = message(NotAvailableError, lambda: mc.table("oecd_icio_2022"))
    assert "mc.load" in text


def test_a_good_copy_is_as_good(copy, mrio):
    table = embedded("oecd-icio-2022", copy)
    np.testing.assert_array_equal(table.Z, mrio.Z)
    assert verified("oecd_icio_2022", copy) == copy / "oecd_icio_2022.npz"


FILES = [i.file for i in mc.catalogue()]


@pytest.mark.parametrize("file", FILES)
def test_truncated_files_are_found(copy, file):
    path = copy / file
    path.write_bytes(path.read_bytes()[:-1])
    text = message(DataFileError, lambda: verified(file, copy))
    assert "truncated" in text and str(path) in text and "install the package again" in text


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith(".csv")])
def test_changed_line_ends_are_named(copy, file):
    path = copy / file
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    text = message(DataFileError, lambda: verified(file, copy))
    assert "line ends" in text and "truncated" not in text


@pytest.mark.parametrize("file", FILES)
def test_altered_files_are_found(copy, file):
    path = copy / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    text = message(DataFileError, lambda: verified(file, copy))
    assert "altered" in text and "sha256" in text and find(file, copy).sha256[:16] in text


@pytest.mark.parametrize("file", FILES)
def test_missing_files_are_found(copy, file):
    (copy / file).unlink()
    assert "cannot be read" in message(DataFileError, lambda: verified(file, copy))


@pytest.mark.parametrize("file", ["oecd_icio_2022.npz", "households_2022.csv"])
@pytest.mark.parametrize("damage", ["truncate", "alter", "remove"])
def test_the_table_is_not_loaded_from_damaged_files(copy, file, damage):
    path = copy / file
    content = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(content[:-9] if damage == "truncate" else content[:-9] + b"x" * 9)
    assert file in message(DataFileError, lambda: embedded("oecd-icio-2022", copy))


@pytest.mark.parametrize("damage", ["truncate", "remove", "empty", "no items", "lost field"])
def test_a_damaged_manifest_is_found(copy, damage):
    path = copy / "manifest.json"
    text = path.read_text(encoding="utf-8")
    if damage == "remove":
        path.unlink()
    elif damage == "lost field":
        manifest = json.loads(text)
        del manifest["items"][0]["years"]
        path.write_text(json.dumps(manifest), encoding="utf-8")
    else:
        new = {"truncate": text[: len(text) // 2], "empty": "", "no items": "{}"}[damage]
        path.write_text(new, encoding="utf-8")
    text = message(DataFileError, lambda: catalogue(copy))
    assert "manifest" in text and "install the package again" in text
