"""`extract`, `scenario`, `linkages`, `scopes`: what they print, write and refuse."""

import csv

import pytest
import typer
from properties.tables import toy
from typer.testing import CliRunner

import mriocarbon as mc
from mriocarbon.cli.extract import extract
from mriocarbon.cli.linkages import linkages, scopes
from mriocarbon.cli.scenario import scenario
from mriocarbon.cli.shock import important, shock
from mriocarbon.errors import DataFileError, InputError, NotProductiveError, UnknownNameError

app = typer.Typer()
for command in (extract, scenario, linkages, scopes, shock, important):
    app.command()(command)


def run(*arguments: str):
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def rows(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def head(path):
    """The # lines of a file."""
    lines = [line[2:] for line in path.read_text().splitlines() if line.startswith("# ")]
    return dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in lines)


@pytest.fixture
def table(tmp_path):
    return str(mc.save(toy(), tmp_path / "toy.npz"))


def test_extract(tmp_path):
    out, picture = tmp_path / "x.csv", tmp_path / "x.svg"
    text = run("extract", "--region", "China", "--sector", "C24A", "--out", str(out),
               "--figure", str(picture))  # fmt: skip
    assert (
        "extraction of iron and steel of China, GHG 2022" in text
        and "−2,666.2" in text
        and "not replaced" in text
    )
    assert "by update, rank 2" in text
    found = rows(out)
    assert len(found) == 1000
    assert sum(float(r["emissions"]) for r in found) == pytest.approx(-2666.15, abs=0.01)
    steel = next(r for r in found if (r["region"], r["sector"]) == ("CHN", "C24A"))
    assert float(steel["output"]) == float(steel["output, own"]) < 0 > float(steel["value added"])
    told = head(out)
    assert told["units"] == "output: million USD; value added: million USD; emissions: Mt CO2e"
    assert told["year"] == "2022" and told["stressor"] == "GHG"
    assert "error of the change" in text and "forward error of the solve" not in text
    assert picture.read_text().startswith("<?xml") and "Iron and steel" in picture.read_text()


def test_extract_each(tmp_path):
    text = run("extract", "--each", "region-sector", "--top", "3", "--out", str(tmp_path / "x.csv"),
               "--figure", str(tmp_path / "x.png"))  # fmt: skip
    assert text.index("Electricity") < text.index("Construction") < text.index("Iron and steel")
    assert "one at a time, GHG 2022" in text
    assert {"output", "value added", "emissions", "emissions, own"} < set(
        rows(tmp_path / "x.csv")[0]
    )
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_scenario(tmp_path):
    out, listed = tmp_path / "s.csv", tmp_path / "changes.txt"
    # as an editor of Windows saves it
    listed.write_bytes(
        b"\xef\xbb\xbf# cleaner power\r\nstressor factor=0.5 region=CHN sector=D\r\n\r\n"
    )
    text = run(
        "scenario", "--change",
        "coefficients region=CHN sector=C24A user=CHN to=JPN share=0.3", "--changes", str(listed),
        "--out", str(out), "--figure", str(tmp_path / "s.svg"), "--name", "steel and power",
    )  # fmt: skip
    assert "30 % of C24A that CHN buys from CHN is bought from JPN" in text
    assert "stressor: CHN D times 0.5" in text and "Rest of the world" in text
    found = rows(out)
    assert {"region", "base", "new", "difference", "percent"} == set(found[0])
    china = next(r for r in found if r["region"] == "CHN")
    assert float(china["new"]) - float(china["base"]) == pytest.approx(float(china["difference"]))
    assert "power" in (tmp_path / "s.svg").read_text()
    assert "consumption, GHG 2022, Mt CO2e, industries only" in text
    assert head(out)["year"] == "2022" and head(out)["stressor"] == "GHG"
    assert head(out)["units"] == "base, new, difference: Mt CO2e; percent: % of base"
    assert "forward error of the solve" not in text


def test_linkages(tmp_path):
    text = run("linkages", "China", "--figure", str(tmp_path / "l.svg"), "--out",
               str(tmp_path / "l.csv"))  # fmt: skip
    assert "Iron and steel" in text and "no output" in text
    assert "linkages of China, GHG 2022" in text
    assert head(tmp_path / "l.csv")["year"] == "2022"
    assert len(rows(tmp_path / "l.csv")) == 16000
    assert "Linkages within the whole table" in (tmp_path / "l.svg").read_text()
    domestic = run("linkages", "USA", "--domestic")
    assert "domestic block of USA" in domestic


def test_scopes(tmp_path, table):
    text = run("scopes", "China", "--figure", str(tmp_path / "s.png"), "--top", "4")
    assert "8,695.8" in text and "counted 2.74 times" in text
    assert "scopes of China, GHG 2022" in text
    out = tmp_path / "s.csv"
    run("scopes", "China", "--out", str(out))
    steel = next(r for r in rows(out) if (r["region"], r["sector"]) == ("CHN", "C24A"))
    want = mc.scopes(mc.load("oecd-icio-2022"), stressor="GHG").of("CHN", "C24A")
    assert {k: float(steel[k]) for k in want} == pytest.approx(want)
    assert head(out)["units"].endswith("scope 3 downstream: Mt CO2e")
    own = run("scopes", "A", "--table", table, "--energy-sector", "1", "--scope2", "full")
    assert "as told" in own


def test_shock(tmp_path):
    out = tmp_path / "s.csv"
    text = run("shock", "--lose", "China:F=0.1", "--out", str(out), "--figure",
               str(tmp_path / "s.svg"))  # fmt: skip
    assert "−485.5" in text and "Dietzenbacher" in text
    assert "after the shock, demand side, GHG 2022" in text
    assert "lost: 10 % of the final demand of CHN F" in text
    assert head(out)["units"] == "inoperability: 1; output: million USD; emissions: Mt CO2e"
    assert "lost: 10 % of the final demand of CHN F" in head(out)["notes"]
    found = {(r["region"], r["sector"]): r for r in rows(out)}
    assert len(found) == 1000
    assert 0.09 < float(found["CHN", "F"]["inoperability"]) < 0.1
    assert "10 % of the final demand of construction in China" in (tmp_path / "s.svg").read_text()


def test_important(tmp_path):
    out = tmp_path / "i.csv"
    text = run("important", "--consumer", "United States", "--top", "4", "--out", str(out),
               "--figure", str(tmp_path / "i.svg"))  # fmt: skip
    assert "Crops and animals" in text and "24.1" in text
    assert "GHG 2022" in text
    told = head(out)
    assert told["year"] == "2022" and told["stressor"] == "GHG" and float(told["forward_error"]) < 1
    assert told["sources"] and told["sha256"] and told["version"] and "m_i a_ij" in told["method"]
    found = rows(out)
    assert [r["sector"] for r in found] == ["A01", "D", "B06", "D"]
    assert float(found[0]["elasticity"]) == pytest.approx(0.041455, abs=1e-6)
    svg = (tmp_path / "i.svg").read_text()
    assert "for the final demand of United States" in svg and "0.041" in svg


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        (["shock", "--lose", "A:1"], InputError, "REGION:SECTOR=SHARE"),
        (["shock", "--lose", "A:1=much"], InputError, "REGION:SECTOR=SHARE"),
        (["shock", "--lose", "A:1=2"], InputError, "from 0 to 1"),
        (["shock", "--lose", "X:1=0.2"], UnknownNameError, "X"),
        (["shock", "--lose", "A:1=0.2", "--lose", "A:1=0.3"], InputError, "given twice"),
        (["shock", "--lose", "A:1=0.2", "--lose", "*:1=0.3"], InputError, "hit twice"),
        (["scenario", "--change", "demand factor=0.5 factor=0.9"], InputError, "factor is given"),
        (["scenario", "--change", "demand factor=0.5 keep_total=ture"], InputError, "ture"),
        (["important", "--consumer", "X"], UnknownNameError, "X"),
        (["important", "--percent", "0"], InputError, "percent 0"),
        (["extract"], InputError, "nothing to extract"),
        (["extract", "--region", "X"], UnknownNameError, "X"),
        (["extract", "--region", "A", "--share", "2"], InputError, "from 0 to 1"),
        (["extract", "--region", "A", "--each", "sector"], InputError, "--each"),
        (["extract", "--each", "country"], UnknownNameError, "country"),
        (["extract", "--region", "A", "--out", "x.txt"], InputError, "format"),
        (["extract", "--region", "A", "--figure", "x.pdf"], InputError, "format"),
        (["scenario"], InputError, "no change"),
        (["scenario", "--changes", "nowhere.txt"], DataFileError, "nowhere"),
        (["scenario", "--change", "coefficients factor=9"], NotProductiveError, "after the change"),
        (["scenario", "--change", "taxes factor=9"], UnknownNameError, "taxes"),
        (["linkages", "X"], UnknownNameError, "X"),
        (["scopes", "A"], InputError, "energy_sectors"),
        (["scopes", "X", "--energy-sector", "1"], UnknownNameError, "X"),
    ],
)
def test_bad_requests(table, arguments, error, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=told):
        run(*arguments, "--table", table)
    assert [path.name for path in tmp_path.iterdir()] == ["toy.npz"]  # nothing half written


def test_a_table_without_stressors_has_output_and_linkages_all_the_same(tmp_path):
    path = str(mc.save(toy(stressors=None, households=None), tmp_path / "toy.npz"))
    out = tmp_path / "x.csv"
    text = run("extract", "--region", "A", "--sector", "1", "--table", path, "--out", str(out))
    assert "−" in text and "emissions are not known" in text and "nan" not in text.lower()
    assert {r["emissions"] for r in rows(out)} == {"nan"}
    text = run("extract", "--each", "region-sector", "--table", path)
    assert "emissions are not known" in text and "nan" not in text.lower()
    text = run("linkages", "A", "--table", path, "--figure", str(tmp_path / "l.svg"))
    assert "no carbon linkages" in text
