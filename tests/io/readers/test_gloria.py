"""GLORIA: the supply-use system written as published, read back; hostile variants; pymrio."""

import warnings
import zipfile

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    MriocarbonWarning,
    NotAvailableError,
    ShapeError,
    UnknownNameError,
)
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.gloria import READER, supply_use
from tests.io.writers import gloria as writer

# Rows 1, 4 and 5 of a public file in the layout, verbatim: IndEcol/pymrio, tests/mock_mrios/
# gloria_mock/GLORIA_MRIOs_59_2022/0_120secMother_AllCountries_002_T-Results_2022_059_Markup001
# (full).csv, commit d8909f124eba489568cd94cd0c2c8d2dbc2ef7f7 (3 regions of 3 industries and 3
# products; the name of the file is theirs too).
PUBLIC_NAME = "0_120secMother_AllCountries_002_T-Results_2022_059_Markup001(full).csv"
INDUSTRY_ROW = "0.0,0.0,0.0,5295100.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0"
PRODUCT_ROWS = (
    "1386400.0,0.26391,0.44281,0.0,0.0,0.0,5.8362,3.2977e-06,4.7842e-07,0.0,0.0,0.0,0.00021433,"
    "8.4162e-06,1.9432e-07,0.0,0.0,0.0",
    "0.0029051,57605.0,129010.0,0.0,0.0,0.0,0.062933,0.59097,0.19015,0.0,0.0,0.0,0.003567,"
    "3.3844e-05,3.0903e-05,0.0,0.0,0.0",
)


def cut(whole, R, s):
    """R regions of the first s sectors of the embedded table, closed by final demand."""
    n, k = R * s, len(whole.sectors)
    pick = np.array([r * k + i for r in range(R) for i in range(s)])
    Z = whole.Z[np.ix_(pick, pick)]
    Y = np.array(whole.final_demand[pick, :R])
    Y[:, 0] += whole.x[pick] - Z.sum(axis=1) - Y.sum(axis=1)
    gases = whole.extensions["gases"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        return mc.MRIO.from_arrays(
            Z=Z, Y=Y, regions=whole.regions[:R], sectors=whole.sectors[:s]
        ).replace_extensions(
            mc.Extension(
                "gases", gases.stressors, np.array(gases.F[:, pick]).reshape(4, n), gases.units,
                np.array(gases.F_Y[:, :R]),
            )
        )  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return cut(mc.load("oecd-icio-2022"), 4, 20)


def put(table, folder, *, files=None, zipped=True, readme=True, year=2020):
    """Three downloads in one folder, as the producer gives them."""
    folder.mkdir(parents=True, exist_ok=True)
    both = writer.files(table, year=year) if files is None else files
    for stem, members in zip((writer.TABLES, writer.SATELLITES), both, strict=True):
        name = stem.format(year=year)
        if zipped:
            with zipfile.ZipFile(
                folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1
            ) as archive:
                for member, body in members.items():
                    archive.writestr(member, body)
        else:
            (folder / name).mkdir()
            for member, body in members.items():
                (folder / name / member).write_text(body)
    if readme:
        writer.readme(table, folder / "GLORIA_ReadMe_059.xlsx")
    return folder


def read(path, year=None, **options):
    archive = Archive(path)
    assert READER.recognises(archive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mc.errors.TableWarning)
        return READER.read(archive, year, **options)


@pytest.mark.parametrize("zipped", [True, False])
def test_everything_is_carried(table, tmp_path, zipped):
    folder = put(table, tmp_path / "gloria", zipped=zipped)
    parts, got = writer.system(table), read(folder)
    assert got.index == table.index and got.categories == writer.FD
    np.testing.assert_array_equal(got.Z, table.Z)  # V is diagonal, as published
    np.testing.assert_array_equal(got.Y, parts["Y"])
    np.testing.assert_array_equal(got.x, table.x)
    np.testing.assert_array_equal(got.value_added, parts["VA"])
    assert got.value_added_rows == writer.VA
    assert (got.money_unit, got.year, got.price_basis) == ("thousand USD", 2020, "basic")
    assert got.table_type == "industry-by-industry" and got.provenance.edition == "059"
    gases = table.extensions["gases"]
    assert list(got.extensions) == ["Emissions (a)", "Emissions (b)"]
    np.testing.assert_array_equal(got.extensions["Emissions (a)"].F, gases.F[:3])
    np.testing.assert_array_equal(got.extensions["Emissions (b)"].F_Y, parts["QY"][3:])
    assert got.extensions["Emissions (a)"].units == gases.units[:3]


def test_embedded_table_of_20_regions_reads_back(tmp_path):
    whole = mc.load("oecd-icio-2022")
    small = cut(whole, 20, 12)
    got = read(put(small, tmp_path / "gloria"))
    np.testing.assert_array_equal(got.Z, small.Z)
    assert got.regions == whole.regions


def test_the_zip_alone_finds_what_lies_beside_it(table, tmp_path):
    folder = put(table, tmp_path / "gloria")
    np.testing.assert_array_equal(read(folder / "GLORIA_MRIOs_59_2020.zip").Z, table.Z)


# pymrio leaves it to pandas which engine reads xlsx, and pandas 3 tells that it will change
@pytest.mark.filterwarnings("ignore:The default engine for reading 'xlsx'")
def test_same_numbers_as_pymrio(table, tmp_path):
    import pymrio

    folder = put(table, tmp_path / "gloria")
    sut, _ = pymrio.parse_gloria_sut(folder, 2020)
    ours = supply_use(Archive(folder))
    np.testing.assert_array_equal(ours.U, sut["U"].to_numpy())
    s = len(table.sectors)
    for r in range(len(table.regions)):
        own = slice(r * s, (r + 1) * s)
        np.testing.assert_array_equal(ours.V[r], sut["V"].to_numpy()[own, own])
    np.testing.assert_array_equal(ours.Y, sut["Y"].to_numpy())
    F = np.vstack([e.F for e in ours.satellites])
    np.testing.assert_array_equal(F, sut["Q"].to_numpy())
    R = len(table.regions)
    summed = sut["VA"].to_numpy().reshape(R, 6, -1).sum(axis=0)
    np.testing.assert_array_equal(ours.value_added, summed)


def test_models_with_secondary_products(table, tmp_path):
    """Model D keeps g and value added; model B keeps q and final demand; sums are kept."""
    parts = writer.system(table, secondary=0.2)
    g = parts["V"].sum(axis=2).ravel()
    parts["VA"] = parts["VA"] / parts["VA"].sum(axis=0).clip(1e-9) * (g - table.Z.sum(axis=0))
    folder = put(table, tmp_path / "gloria", files=writer.files(table, parts=parts))
    D, B = read(folder), read(folder, model="B")
    R, s, n = len(table.regions), len(table.sectors), len(table.index)
    V = np.zeros((n, n))
    for r in range(R):
        V[r * s : (r + 1) * s, r * s : (r + 1) * s] = parts["V"][r]
    q = V.sum(axis=0)
    inverse = lambda v: np.divide(1, v, out=np.zeros_like(v), where=v != 0)  # noqa: E731
    T = V * inverse(q)[None, :]
    np.testing.assert_allclose(D.Z, T @ table.Z, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(D.Y, T @ parts["Y"], rtol=1e-10, atol=1e-9)
    np.testing.assert_array_equal(D.x, g)
    np.testing.assert_allclose(D.Z.sum(axis=1) + D.Y.sum(axis=1), g, rtol=1e-9, atol=1e-6)
    W = inverse(g)[:, None] * V
    np.testing.assert_allclose(B.Z, table.Z @ W, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(B.value_added, parts["VA"] @ W, rtol=1e-10, atol=1e-9)
    np.testing.assert_array_equal(B.Y, parts["Y"])
    np.testing.assert_array_equal(B.x, q)
    assert (D.table_type, B.table_type) == ("industry-by-industry", "product-by-product")
    for got in (D, B):
        F = np.vstack([e.F for e in got.extensions.values()])
        np.testing.assert_allclose(F.sum(), parts["Q"].sum(), rtol=1e-12)
    with pytest.raises(UnknownNameError, match="model"):
        read(folder, model="C")


def test_a_product_that_nobody_supplies_is_not_lost(table, tmp_path):
    parts = writer.system(table)
    parts["V"] = parts["V"].copy()
    parts["V"][1, 3, 3] = 0
    got = read(put(table, tmp_path / "gloria", files=writer.files(table, parts=parts)))
    np.testing.assert_array_equal(got.Z, table.Z)
    name = table.index.name(len(table.sectors) + 3)
    assert any("used and not supplied" in n.text and name in n.text for n in got.notes)


def test_other_valuations_are_other_inputs(table, tmp_path):
    p = writer.system(table)
    s = len(table.sectors)
    files, satellites = writer.files(table)
    for markup, share in ((2, 0.1), (4, 0.05)):
        U = writer.spread(writer.spread(p["U"] * share, s, 0, 1), s, 1, 0)
        files[writer.member("T", markup=markup)] = writer.numbers(U)
        files[writer.member("Y", markup=markup)] = writer.numbers(
            writer.spread(p["Y"] * share, s, 0, 1)
        )
    got = read(put(table, tmp_path / "gloria", files=(files, satellites)))
    assert got.other_inputs.labels == ("Trade margins", "Taxes on products")
    np.testing.assert_allclose(got.other_inputs.values[0], 0.1 * p["U"].sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(
        got.other_inputs.final_demand[1], 0.05 * p["Y"].sum(axis=0), rtol=1e-12
    )


def test_verbatim_rows_of_the_public_file(tmp_path):
    whole = mc.load("oecd-icio-2022")
    table = cut(whole, 3, 3)
    T = np.zeros((18, 18))
    T[[0, 7, 14], [3, 10, 17]] = 1.0
    lines = writer.numbers(T).splitlines()
    lines[0], lines[3], lines[4] = INDUSTRY_ROW, *PRODUCT_ROWS
    table_files, satellites = writer.files(table, year=2022)
    table_files[PUBLIC_NAME] = "\n".join(lines) + "\n"
    del table_files[writer.member("T", 2022)]
    folder = put(table, tmp_path / "g", files=(table_files, satellites), year=2022)
    system = supply_use(Archive(folder))
    assert system.V[0, 0, 0] == 5295100.0
    assert system.U[0, :4].tolist() == [1386400.0, 0.26391, 0.44281, 5.8362]
    assert system.U[1, 6:].tolist() == [0.003567, 3.3844e-05, 3.0903e-05]


def test_constructed_table(table, tmp_path):
    p = writer.system(table)
    files, satellites = writer.files(table)
    R = len(table.regions)
    V = np.zeros((R, 6, len(table.index)))
    V[np.repeat(np.arange(R), len(table.sectors)), :, np.arange(len(table.index))] = p["VA"].T
    files = {
        writer.member("T"): writer.numbers(p["U"]),
        writer.member("Y"): writer.numbers(p["Y"]),
        writer.member("V"): writer.numbers(V.reshape(6 * R, -1)),
    }
    satellites = satellites | {writer.member("TQ"): writer.numbers(p["Q"])}
    got = read(put(table, tmp_path / "gloria", files=(files, satellites)))
    np.testing.assert_array_equal(got.Z, table.Z)
    np.testing.assert_array_equal(got.value_added, p["VA"])
    assert any("constructed" in note.text for note in got.notes)


def test_choice_of_satellites(table, tmp_path):
    folder = put(table, tmp_path / "gloria")
    assert list(read(folder, satellites=["Emissions (b)"]).extensions) == ["Emissions (b)"]
    with pytest.raises(UnknownNameError, match="Emissions"):
        read(folder, satellites=["Emissions"])
    (folder / "GLORIA_SatelliteAccounts_059_2020.zip").unlink()
    assert read(folder, satellites=[]).extensions == {}
    with pytest.raises(DataFileError, match="TQ-Results"):
        read(folder)


@pytest.mark.parametrize("kind", ["Y", "V"])
def test_missing_member(table, tmp_path, kind):
    files, satellites = writer.files(table)
    del files[writer.member(kind)]
    with pytest.raises(DataFileError, match=f"{kind}-Results"):
        read(put(table, tmp_path / "gloria", files=(files, satellites)))


def test_missing_readme(table, tmp_path):
    folder = put(table, tmp_path / "gloria", readme=False)
    with pytest.raises(DataFileError, match="ReadMe"):
        read(folder)
    readme = writer.readme(table, tmp_path / "labels.xlsx")
    np.testing.assert_array_equal(read(folder, labels=readme).Z, table.Z)


def test_readme_without_a_column(table, tmp_path):
    from openpyxl import load_workbook

    folder = put(table, tmp_path / "gloria")
    book = load_workbook(folder / "GLORIA_ReadMe_059.xlsx")
    book["Regions"]["B1"] = "Codes"
    book.save(folder / "GLORIA_ReadMe_059.xlsx")
    with pytest.raises(LabelError, match="Region_acronyms"):
        read(folder)


def test_reordered_halves_are_refused(table, tmp_path):
    """Products before industries would swap supply and use: numbers stand where none may."""
    files, satellites = writer.files(table)
    s = len(table.sectors)
    T = np.array([line.split(",") for line in files[writer.member("T")].splitlines()], float)
    swap = np.r_[[(k // s ^ 1) * s + k % s for k in range(len(T))]]
    files[writer.member("T")] = writer.numbers(T[np.ix_(swap, swap)])
    with pytest.raises(InputError, match="supply-use layout has none"):
        read(put(table, tmp_path / "gloria", files=(files, satellites)))


@pytest.mark.parametrize(
    ("kind", "change", "error", "says"),
    [
        ("T", lambda t: t.replace("\n", ",1.0\n"), ShapeError, "161 columns for 160"),
        ("T", lambda t: t[: t.rindex("\n", 0, -1) + 1], ShapeError, "159 rows for 160"),
        ("Y", lambda t: "x" + t, InputError, "is no number"),
        ("Y", lambda t: "5" + t, InputError, "final demand of industries"),
        ("V", lambda t: t.replace(",", ";"), InputError, "is no number"),
    ],
)
def test_broken_numbers_are_named(table, tmp_path, kind, change, error, says):
    files, satellites = writer.files(table)
    name = writer.member(kind)
    files[name] = change(files[name])
    with pytest.raises((error, InputError)) as caught:
        read(put(table, tmp_path / "gloria", files=(files, satellites)))
    assert says in str(caught.value) and name in str(caught.value)


def test_truncated_zip_and_year(table, tmp_path):
    folder = put(table, tmp_path / "gloria")
    assert READER.years(Archive(folder)) == (2020,)
    with pytest.raises(NotAvailableError, match="2019"):
        read(folder, 2019)
    path = folder / "GLORIA_MRIOs_59_2020.zip"
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(DataFileError, match="truncated"):
        read(folder)


def test_an_empty_region_stays(table, tmp_path):
    p = {k: np.array(v) for k, v in writer.system(table).items()}
    s = len(table.sectors)
    here = slice(s, 2 * s)
    p["V"][1], p["U"][here], p["U"][:, here], p["Y"][here] = 0, 0, 0, 0
    p["VA"][:, here], p["Q"][:, here] = 0, 0
    got = read(put(table, tmp_path / "gloria", files=writer.files(table, parts=p)))
    assert got.regions == table.regions and (got.x[here] == 0).all()


def test_blocks_of_any_size_and_from_the_cache(table, tmp_path, monkeypatch):
    """Blocks end inside a region's half, and come read-only from a reading that was cut off."""
    from mriocarbon.io import numbers

    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(numbers, "RESUMABLE", 0)
    monkeypatch.setattr(numbers, "BLOCK", 5000)
    folder = put(table, tmp_path / "gloria")
    real, calls = numbers._parsed, []

    def failing(*arguments):
        for k, block in enumerate(real(*arguments)):
            if k == 8 and not calls:
                calls.append(k)
                raise KeyboardInterrupt
            yield block

    monkeypatch.setattr(numbers, "_parsed", failing)
    with pytest.raises(KeyboardInterrupt):
        read(folder)
    got = read(folder)
    np.testing.assert_array_equal(got.Z, table.Z)
    np.testing.assert_array_equal(got.value_added, writer.system(table)["VA"])


def test_a_broken_neighbour_of_another_year_does_no_harm(table, tmp_path):
    folder = put(table, tmp_path / "gloria")
    (folder / "GLORIA_MRIOs_59_2019.zip").write_bytes(b"PK")
    archive = Archive(folder)
    assert READER.years(archive) == (2019, 2020)
    np.testing.assert_array_equal(read(folder, 2020).Z, table.Z)
