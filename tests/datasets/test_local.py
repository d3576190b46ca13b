"""What is at hand: lists, verification, files added by hand, and the step between editions."""

import hashlib
import io
import json
import math
import zipfile
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from mriocarbon.datasets import commands, local, public
from mriocarbon.datasets import fetch as fetch_module
from mriocarbon.datasets.cache import (
    RECORDED_NOW,
    cached_editions,
    current,
    path_of,
    place,
    record_of,
    switch,
)
from mriocarbon.datasets.catalogue import catalogue
from mriocarbon.datasets.editions import compare_files, compare_values, rows_of, values_of
from mriocarbon.datasets.local import add, holdings, listing, verify
from mriocarbon.datasets.public import Dataset, Edition, File, find, public_datasets
from mriocarbon.datasets.update import compare, update
from mriocarbon.errors import DataFileError, InputError, NotAvailableError, UnknownNameError
from mriocarbon.report import data_screen

OLD = b"country,year,co2\nCHN,2020,10\nCHN,2021,11\nUSA,2020,5\n"
NEW = b"country,year,co2\nCHN,2020,10\nCHN,2021,14\nIND,2022,3\nUSA,2020,\nUSA,2021,6\n"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zipped(content: bytes = b"x" * 1000) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # a time of its own: the same bytes whenever they are packed
        archive.writestr(zipfile.ZipInfo("a.csv", (2026, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def demo(monkeypatch, cache):
    """A catalogue of one data set: hash known, size known, nothing known, and a doubled name."""
    first = Edition(
        "1",
        "https://example.org",
        years=(2020, 2021),
        files=(
            File("known.csv", sha256=sha(OLD), size=len(OLD), hash_origin="published", key="t"),
            File("sized.csv", size=len(OLD) + 1),
            File("plain.zip"),
            File("twice.csv"),
        ),
    )
    second = Edition(
        "2",
        "https://example.org",
        years=(2020, 2022),
        files=(
            File("known_2.csv", sha256=sha(NEW), hash_origin="published", key="t"),
            File("twice.csv"),
        ),
    )
    dataset = Dataset(
        "demo", "t", "table", "p", "h", "l", "u", "c", "by hand", "ask them", (), (second, first)
    )
    for module in (public, local, commands, fetch_module):
        monkeypatch.setattr(module, "public_datasets", lambda *_: (dataset,))
    return dataset


def saved(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


# -- the list -----------------------------------------------------------------------------------


def test_one_list_of_embedded_cached_source_and_remote(cache, monkeypatch, tmp_path):
    lines = {(line.name, line.edition): line for line in listing()}
    for item in catalogue():
        assert lines[item.name, item.edition].state == "embedded"
    for dataset in public_datasets():
        for edition in dataset.editions:
            line = lines[dataset.name, edition.edition]
            assert line.state in ("remote", "by hand")
            assert line.here == 0
    assert lines["exiobase-3", "3.8.2"].state == "remote"
    assert lines["gtap", "11"].state == "by hand"
    monkeypatch.setenv("MRIOCARBON_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "gcb").mkdir(parents=True)
    saved(tmp_path / "data" / "gcb", "National_Fossil_Carbon_Emissions_2024v1.0.xlsx", b"x")
    assert current("gcb-national") == "2024-v1.0"
    assert {one.state for one in holdings("gcb-national")} == {"data folder", "by hand"}


def test_unknown_name_is_an_error_with_near_ones(cache):
    with pytest.raises(UnknownNameError, match="oecd-icio"):
        holdings("oecd-icioo")
    assert holdings("gtap") == ()  # known, but no file of it is listed


def test_everything_embedded_verifies(cache):
    assert {v.state for v in verify()} == {"verified"}


def test_source_data_verifies(cache, monkeypatch, data_folder):
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    assert all(v.state == "verified" for v in verify("gcb-national"))
    assert len(verify("gcb-national")) == 2


# -- add ------------------------------------------------------------------------------------------


def test_added_by_hash_whatever_its_name(demo, tmp_path, cache):
    got = add(saved(tmp_path, "download (3).csv", OLD))
    assert (got.edition, got.file, got.statement) == ("1", "known.csv", "sha256 agrees: published")
    assert got.path == place("demo", "1", "known.csv", cache)
    assert got.path.read_bytes() == OLD
    assert path_of("demo", "t") == got.path  # by key, in the edition in use
    assert [v.state for v in verify("demo")] == ["verified"]
    assert (tmp_path / "download (3).csv").read_bytes() == OLD  # copied, not taken away


def test_added_by_name_and_size_says_so(demo, tmp_path):
    got = add(saved(tmp_path, "sized.csv", OLD + b"\n"))
    assert got.statement == f"recognised by name and size; {RECORDED_NOW}"
    assert [v.state for v in verify("demo")] == ["recorded"]
    assert "not compared" in "\n".join(data_screen.add_lines(got))


def test_added_by_name_alone_says_so(demo, tmp_path):
    got = add(saved(tmp_path, "plain.zip", zipped()))
    assert got.statement.startswith("recognised by name alone (no size is published)")
    assert RECORDED_NOW in got.statement


@pytest.mark.parametrize(
    "name, content, error, text",
    [
        ("known.csv", NEW + b"\n", DataFileError, "sha256 is not the one known"),
        ("sized.csv", OLD + b"\n\n", DataFileError, "bytes"),
        ("plain.zip", zipped()[:-5], DataFileError, "archive is broken"),
        ("plain.zip", b"<html>log in</html>", DataFileError, "web page"),
        ("twice.csv", OLD + b"x", InputError, "may be of several: demo 2, demo 1"),
        ("other.csv", OLD + b"y", InputError, "not recognised"),
        ("-rf.csv", OLD, InputError, "cannot be a name"),
    ],
)
def test_what_is_not_taken_in(demo, tmp_path, cache, name, content, error, text):
    with pytest.raises(error, match=text):
        add(saved(tmp_path, name, content))
    assert not [p for p in cache.rglob("*") if p.is_file() and p.stat().st_size]


def test_missing_file(demo, tmp_path):
    with pytest.raises(DataFileError, match="cannot be read"):
        add(tmp_path / "nothing.csv")


def test_told_where_it_belongs(demo, tmp_path):
    got = add(saved(tmp_path, "twice.csv", OLD + b"x"), edition="2")
    assert got.edition == "2"
    own = add(saved(tmp_path, "my.csv", b"a,b\n"), dataset="demo", edition="mine", as_name="m.csv")
    assert own.statement == f"taken in as told, not in the catalogue; {RECORDED_NOW}"
    assert path_of("demo", "m.csv", "mine") == own.path
    assert ("demo", "mine") in {(line.name, line.edition) for line in listing()}
    with pytest.raises(InputError):
        add(tmp_path / "my.csv", dataset="demo", edition="../../etc")


def test_another_file_never_replaces_one_in_silence(demo, tmp_path):
    got = add(saved(tmp_path, "plain.zip", zipped()))
    add(tmp_path / "plain.zip")  # the same again is fine
    with pytest.raises(DataFileError, match="not replaced in silence"):
        add(saved(tmp_path, "plain.zip", zipped(b"other")))
    assert got.path.read_bytes() == zipped()


# -- verify ---------------------------------------------------------------------------------------


def test_altered_missing_and_unrecorded_files_are_found(demo, tmp_path, cache):
    known = add(saved(tmp_path, "known.csv", OLD)).path
    plain = add(saved(tmp_path, "plain.zip", zipped())).path
    sized = add(saved(tmp_path, "sized.csv", OLD + b"\n")).path
    known.write_bytes(OLD.replace(b"10", b"99"))
    plain.unlink()
    sized.write_bytes(b"")
    saved(known.parent, "stray.csv", b"a")
    found = {v.file: v.state for v in verify("demo")}
    assert found == {
        "known.csv": "altered",
        "plain.zip": "missing",
        "sized.csv": "altered",
        "stray.csv": "unrecorded",
    }
    with pytest.raises(DataFileError, match="0 bytes"):
        path_of("demo", "sized.csv")
    assert data_screen.verify_lines(verify("demo"))[0].startswith("altered")


def test_unreadable_record_is_an_error_not_a_guess(demo, tmp_path):
    path = add(saved(tmp_path, "known.csv", OLD)).path
    path.with_name("known.csv.record").write_text("{")
    with pytest.raises(DataFileError, match="record of a cached file"):
        record_of(path)


# -- editions -----------------------------------------------------------------------------


def test_update_says_what_changed_and_switches_only_when_accepted(demo, tmp_path, cache):
    add(saved(tmp_path, "a.csv", OLD))
    add(saved(tmp_path, "b.csv", NEW))
    assert cached_editions("demo", cache) == ("1", "2")
    assert current("demo") == "1"  # an arriving edition does not take over
    step = update("demo")
    assert (step.old, step.new, step.switched) == ("1", "2", False)
    assert step.coverage == ("years: 2020-2021 -> 2020-2022",)
    (one,) = step.comparisons
    assert one.countries_added == ("IND",)
    assert one.years_added == (2022,)
    assert (one.cells, one.changed, one.filled, one.emptied) == (2, 1, 1, 1)
    assert (one.largest[0].country, one.largest[0].year, one.largest[0].by) == ("CHN", 2021, 3.0)
    assert current("demo") == "1"
    seen = []
    step = update("demo", accept=lambda found: seen.append(found) or False)
    assert not step.switched
    assert seen[0].comparisons == (one,)
    assert update("demo", accept=lambda _: True).switched
    assert current("demo") == "2"
    assert path_of("demo", "t").name == "known_2.csv"
    assert path_of("demo", "t", "1").read_bytes() == OLD  # kept beside
    assert update("demo").text == "demo 2: nothing newer"
    switch("demo", "1")
    assert current("demo") == "1"


def test_edition_of_the_users_own_is_compared_by_the_names_of_its_files(demo, tmp_path):
    add(saved(tmp_path, "a.csv", OLD))
    fixed = saved(tmp_path, "known.csv", OLD.replace(b"USA,2020,5", b"USA,2020,7"))
    add(fixed, dataset="demo", edition="1-fixed")
    assert current("demo") == "1"
    (one,) = compare("demo", "1", "1-fixed").comparisons
    assert [(c.country, c.old, c.new) for c in one.largest] == [("USA", 5.0, 7.0)]


def test_update_without_the_new_edition_leaves_the_old_in_use(demo, tmp_path):
    add(saved(tmp_path, "a.csv", OLD))
    with pytest.raises(NotAvailableError, match="not fetched by program"):
        update("demo", accept=lambda _: True)
    assert current("demo") == "1"
    with pytest.raises(NotAvailableError, match="no file of demo 2"):
        switch("demo", "2")
    with pytest.raises(UnknownNameError):
        path_of("demo", "t", "3")


def test_gcb_2024_against_2025(cache, monkeypatch, data_folder):
    """Real editions: the figures are read off the two workbooks by another route."""
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    step = compare("gcb-national", "2024-v1.0", "2025-v0.3")
    (one,) = step.comparisons
    assert one.years_added == (2024,)
    assert one.years_removed == ()
    assert one.countries_added == ("International Aviation", "International Shipping")
    assert one.countries_removed == ("Bunkers",)
    pd = pytest.importorskip("pandas")
    tables = [
        pd.read_excel(
            path_of("gcb-national", "fossil", edition),
            sheet_name="Territorial Emissions",
            header=11,
            index_col=0,
            engine="calamine",
        )
        for edition in ("2024-v1.0", "2025-v0.3")
    ]
    first = one.largest[0]
    assert (first.country, first.year) == ("China", 2022)
    assert [first.old, first.new] == [table.loc[2022, "China"] for table in tables]
    years = tables[0].index.intersection(tables[1].index)
    columns = list(tables[0].columns.intersection(tables[1].columns))
    old, new = (table.loc[years, columns] for table in tables)
    assert one.cells == int((old.notna() & new.notna()).sum().sum())
    assert one.filled == int((old.isna() & new.notna()).sum().sum())
    assert one.emptied == int((old.notna() & new.isna()).sum().sum())
    world = next(c for c in one.largest_aggregates if c.country == "World")
    assert world.new - world.old == pytest.approx(
        tables[1].loc[world.year, "World"] - tables[0].loc[world.year, "World"], rel=1e-12
    )
    text = "\n".join(data_screen.update_lines(step))
    assert "China 2022: 3,112.0 -> 3,196.5 MtC (+2.7%)" in text
    assert not step.switched


@pytest.mark.parametrize(
    "name, countries, year, key",
    [
        ("ceds/CO2_CEDS_emissions_by_country_v2024_07_08.csv", 200, 2022, "usa"),
        ("ceds/CO2_CEDS_emissions_by_country_fuel_v2024_07_08.csv", 200, 2022, "usa"),
        ("unfccc/unfccc_nonannex1_detailed_2022-02.csv", 100, 2014, "China"),
        ("ember/owid_carbon-intensity-electricity.csv", 150, 2020, "China"),
    ],
)
def test_real_layouts_are_read(data_folder, name, countries, year, key):
    found = values_of(rows_of(data_folder / name))
    assert len({k[0] for k in found}) >= countries
    assert any(k[0] == key and k[2] == year for k in found)


def test_tidy_layout_with_chosen_columns_and_semicolons(tmp_path):
    path = saved(
        tmp_path, "t.csv", "\ufeffcountry;year;iso;co2;pop\nIndia;2020;IND;2.5;\n".encode()
    )
    assert values_of(rows_of(path), {"values": ["co2"]}) == {("India", "", 2020): 2.5}
    assert values_of(rows_of(path)) == {("India", "IND", 2020): 2.5}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["a", "b"], ["c", "d"]],
        [["country", "x"], ["CHN", "1"]],
        [["country", "year", "co2"], ["CHN", "2020", "1"], ["CHN", "2020", "2"]],
    ],
)
def test_what_is_no_table_of_countries_and_years_is_said(rows):
    if not rows or len(rows) == 2:
        with pytest.raises(InputError, match="layout"):
            values_of(rows)
    else:
        with pytest.raises(InputError, match="twice"):
            values_of(rows)


def test_archives_are_not_compared_and_that_is_said(tmp_path):
    one = compare_files(saved(tmp_path, "a.zip", zipped()), saved(tmp_path, "b.zip", zipped()))
    assert not one.compared
    assert one.text == "values not compared: values of a .zip file are not compared"


def test_broken_workbook_is_an_error(tmp_path):
    with pytest.raises(DataFileError):
        rows_of(saved(tmp_path, "a.xlsx", b"PK\x03\x04nonsense"))
    with pytest.raises(DataFileError):
        rows_of(tmp_path / "none.csv")


TABLES = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "x"]), st.integers(2000, 2003)),
    st.floats(-1e6, 1e6, allow_nan=False),
    max_size=20,
)


@given(TABLES, TABLES)
def test_comparison_accounts_for_every_cell(old, new):
    one, back = compare_values(old, new, most=99), compare_values(new, old, most=99)
    assert one.cells == back.cells == len(old.keys() & new.keys())
    assert (one.filled, one.emptied) == (back.emptied, back.filled)
    assert one.countries_added == back.countries_removed
    assert one.changed == len(one.largest) == back.changed
    assert [abs(c.by) for c in one.largest] == sorted(
        (abs(c.by) for c in one.largest), reverse=True
    )
    for change in one.largest:
        assert math.isclose(change.old + change.by, change.new, rel_tol=1e-9, abs_tol=1e-6)
    assert compare_values(old, old).changed == 0


@given(TABLES)
def test_the_three_layouts_say_the_same(table):
    """Written tidy, across and downwards, a table reads back to the same values."""
    table = {key: value for key, value in table.items() if key[1] == ""}
    if not table:
        return
    years = [2000, 2001, 2002, 2003]
    names = sorted({key[0] for key in table})

    def cell(name, year):
        return table.get((name, "", year), "")

    tidy = [["country", "year", "v"], *([n, str(y), repr(v)] for (n, _, y), v in table.items())]
    across = [
        ["country", *(f"X{y}" for y in years)],
        *([n, *(cell(n, y) for y in years)] for n in names),
    ]
    down = [["notes"], ["", *names], *([float(y), *(cell(n, y) for n in names)] for y in years)]
    for rows in (tidy, across, down):
        assert values_of(rows) == table


def test_lines_for_the_command_line(demo, tmp_path):
    add(saved(tmp_path, "a.csv", OLD))
    text = "\n".join(data_screen.info_lines(commands.info("demo")))
    assert "NOT CHECKED" in text and "ask them" in text and sha(OLD) in text
    out = StringIO()
    data_screen.table(listing(), Console(file=out, width=120))
    line = next(one for one in out.getvalue().splitlines() if "demo" in one and "cached" in one)
    assert line.split() == ["demo", "1", *f"cached, in use 1 of 4 {len(OLD)} B l".split()]


def test_an_item_that_is_shipped_is_found_by_either_spelling(cache):
    [item] = [one for one in catalogue() if one.name == "oecd_icio_2022"]
    for name in ("oecd_icio_2022", "OECD-ICIO-2022", "oecd_icio_2022.npz"):
        assert commands.info(name) is item
    assert commands.info("exiobase_3").dataset.name == "exiobase-3"
    with pytest.raises(UnknownNameError, match="oecd_icio_2022"):
        commands.info("oecd_icio_2021")


def test_records_are_plain_json(demo, tmp_path):
    path = add(saved(tmp_path, "known.csv", OLD)).path
    record = json.loads(path.with_name("known.csv.record").read_text())
    assert record["sha256"] == sha(OLD)
    assert record["origin"] == "known.csv"  # a name, never a path of this machine
    assert str(tmp_path) not in json.dumps(record)
    assert find("demo").name == "demo"
    assert path.read_text(encoding="utf-8").splitlines()[0] == "country,year,co2"
