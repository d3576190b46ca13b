"""`mriocarbon decompose`: what it says, what it writes, what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import mriocarbon as mc
from mriocarbon.cli.decompose import decompose
from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    MriocarbonError,
    NotAvailableError,
    UnitError,
    UnknownNameError,
)
from tests.properties.tables import TOY_Y, toy

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")
app = typer.Typer()
app.command()(decompose)


def call(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if isinstance(result.exception, MriocarbonError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def years(tmp_path: Path) -> list[Path]:
    paths = []
    for k in range(3):
        paths.append(tmp_path / f"t{2000 + k}.npz")
        mc.save(toy(Y=TOY_Y * (1 + 0.1 * k), year=2000 + k), paths[-1])
    return paths


def test_two_tables(years, tmp_path: Path):
    out = tmp_path / "out"
    text = call(years[0], years[2], "--region", "A", "--out", out)
    for word in ("A, consumption", "intensity", "low", "high", "CURRENT PRICES"):
        assert word in text
    assert (out / "effects.csv").is_file()
    assert (out / "figure-waterfall.png").is_file()


def test_a_series(years, tmp_path: Path):
    text = call(years[0], years[2], "--via", years[1], "--method", "polar", "--out", tmp_path / "o")
    assert "chained" in text
    assert "World" in text
    assert (tmp_path / "o" / "figure-series.svg").is_file()
    assert (tmp_path / "o" / "periods.csv").is_file()


def test_two_regions_of_the_embedded_table():
    text = call("oecd-icio-2022", "--region", "Japan", "--against", "USA", "--per-person")
    assert "USA - JPN" in text
    assert "population" in text


def test_constant_prices_from_a_csv(years, tmp_path: Path):
    path = tmp_path / "prices.csv"
    lines = ["year,region,sector,price"]
    lines += [
        f"{y},{r},{s},{1 + 0.1 * (y - 2000)}" for y in (2000, 2002) for r in "AB" for s in "12"
    ]
    path.write_text("\n".join(lines))
    text = call(years[0], years[2], "--region", "A", "--deflators", path, "--base-year", "2000")
    assert "constant prices of 2000" in text
    assert "CURRENT" not in text
    path.write_text("\n".join(lines[:-1]))
    with pytest.raises(LabelError, match="1 prices are missing: 2002 B 2"):
        call(years[0], years[2], "--deflators", path)
    path.write_text("\n".join([*lines, lines[-1]]))
    with pytest.raises(LabelError, match="stands twice"):
        call(years[0], years[2], "--deflators", path)
    path.write_text("year,region\n")
    with pytest.raises(InputError, match="missing columns: sector, price"):
        call(years[0], years[2], "--deflators", path)
    path.write_text("\n".join([*lines[:2], "2001,A,1,dear"]))
    with pytest.raises(InputError, match=r"'dear' is not a number[\s\S]*row 3"):
        call(years[0], years[2], "--deflators", path)
    path.write_text("\n".join([*lines[:2], "2000,A,2,1,05"]))  # a decimal comma is no column
    with pytest.raises(InputError, match=r"5 cells under 4 columns[\s\S]*decimal point"):
        call(years[0], years[2], "--deflators", path)
    with pytest.raises(DataFileError, match="no such file"):
        call(years[0], years[2], "--deflators", tmp_path / "none.csv")


def test_form_account_factors_households_and_missing_reach_the_library(years, tmp_path: Path):
    factors = "intensity, technology+trade,origin+mix,level"
    text = call(years[0], years[2], "--region", "B", "--form", "multiplicative",
                "--account", "production", "--factors", factors)  # fmt: skip
    assert "ratio" in text
    assert "technology+trade" in text
    assert "households' own emissions" in call(years[0], years[2], "--households")
    f = np.array([240.0, 50, 0, 0])
    for k in (0, 1):
        mc.save(toy(stressors={"GHG": f}, households=None, year=k), tmp_path / f"m{k}.npz")
    text = call(tmp_path / "m0.npz", tmp_path / "m1.npz", "--missing", "B", "--region", "A")
    assert "GHG of B is missing" in text


def test_editions(tmp_path: Path):
    for k in (0, 1):
        mc.save(toy(year=k, provenance=mc.Provenance("x", f"ed{k}")), tmp_path / f"e{k}.npz")
    with pytest.raises(UnitError, match="different editions"):
        call(tmp_path / "e0.npz", tmp_path / "e1.npz")
    text = call(tmp_path / "e0.npz", tmp_path / "e1.npz", "--mixed-editions")
    assert "DIFFERENT EDITIONS" in text


def test_what_is_refused(years, tmp_path: Path):
    with pytest.raises(InputError, match="one table has no change"):
        call(years[0])
    with pytest.raises(InputError, match="AFTER, --households has no place"):
        call(years[0], years[1], "--region", "A", "--against", "B", "--households")
    with pytest.raises(InputError, match="needs one --region, 0 given"):
        call(years[0], "--against", "B")
    with pytest.raises(InputError, match="a year of its own"):
        call(years[0], years[1], "--via", years[1])
    with pytest.raises(UnknownNameError, match="method"):
        call(years[0], years[1], "--method", "laspeyres")
    with pytest.raises(NotAvailableError, match="no population of 2000"):
        call(years[0], years[1], "--per-person")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(InputError, match="a folder is needed"):
        call(years[0], years[1], "--out", blocked)


def test_a_base_year_without_a_table_and_files_that_are_none(years, tmp_path: Path):
    path = tmp_path / "prices.csv"
    lines = ["year,region,sector,price"]
    lines += [
        f"{y},{r},{s},{1 + 0.1 * (y - 1999) * (2 if s == '1' else 1)}"
        for y in (1999, 2000, 2002) for r in "AB" for s in "12"
    ]  # fmt: skip
    path.write_text("\n".join(lines))
    text = call(years[0], years[2], "--deflators", path, "--base-year", "1999")
    assert "constant prices of 1999" in text
    path.write_text("\n".join(lines[:1] + lines[2:]))
    with pytest.raises(LabelError, match="1 prices are missing: 1999 A 1"):
        call(years[0], years[2], "--deflators", path, "--base-year", "1999")
    path.write_bytes("year,region,sector,price\n2000,Österreich,1,1\n".encode("latin-1"))
    with pytest.raises(DataFileError, match="the file is not in UTF-8"):
        call(years[0], years[2], "--deflators", path)


def test_prices_follow_the_labels_of_each_table(years, tmp_path: Path):
    other = tmp_path / "turned.npz"
    plain = mc.load(years[2])
    mc.save(
        mc.MRIO.from_arrays(
            Z=plain.Z[::-1, ::-1], Y=plain.Y[::-1, ::-1], regions=["B", "A"], sectors=["2", "1"],
            stressors={"GHG": plain.extensions["emissions"].F[0][::-1]}, units="Mt CO2e", year=2002,
        ), other,
    )  # fmt: skip
    path = tmp_path / "prices.csv"
    given = {("A", "1"): (2, 3), ("A", "2"): (1, 1.1), ("B", "1"): (1, 1.3), ("B", "2"): (3, 2.9)}
    lines = [
        f"{y},{r},{s},{p[k]}" for (r, s), p in given.items() for k, y in enumerate((2000, 2002))
    ]
    path.write_text("\n".join(["year,region,sector,price", *lines]))
    out = tmp_path / "a"
    call(years[0], years[2], "--deflators", path, "--region", "A", "--out", out)
    call(years[0], other, "--deflators", path, "--region", "A", "--out", tmp_path / "b")

    def numbers(folder: Path) -> list[float]:
        lines = (folder / "effects.csv").read_text().splitlines()
        return [float(x.split(",")[2]) for x in lines if x[0] != "#" and "factor" not in x]

    np.testing.assert_allclose(numbers(out), numbers(tmp_path / "b"), atol=1e-9)


def test_options_without_a_place_are_refused(years):
    for option in (["--mixed-editions"], ["--base-year", "2000"]):
        with pytest.raises(InputError, match=f"{option[0]} has no place"):
            call(years[0], "--region", "A", "--against", "B", *option)
    for first, via, last in ((2, 1, 0), (1, 0, 2), (0, 2, 1)):
        with pytest.raises(InputError, match="from its first year to its last"):
            call(years[first], years[last], "--via", years[via])
