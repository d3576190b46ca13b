"""What an audit was given stands at its head, and its command gives the same report again."""

import json
import shlex
from dataclasses import replace
from decimal import Decimal

import pytest
from typer.testing import CliRunner

import mriocarbon as mc
from mriocarbon.cbam.audit_inputs import header_of, read_inputs
from mriocarbon.cbam.auditing import audit, audit_all
from mriocarbon.cbam.certificates import CertificatePrice
from mriocarbon.cbam.origins import Origin, origin
from mriocarbon.cbam.reference_user import read_references
from mriocarbon.cli.main import app

PLANT = (
    "cn,origin,value,unit,low,high,scope,boundary,route,name,source\n"
    "7201,CHN,1.66,t CO2e/t,1.65,1.67,direct,cbam,,Plant 1,verified report 2025\n"
)
USUAL = {
    "year": 2026, "references": (), "prices": None, "trade": None, "corrections": None,
    "price": None, "mrio": None, "band": 0.1, "q": 0.05, "procedure": "BY", "draws": 10_000,
    "seed": 2026,
}  # fmt: skip


def command(place="CHN", **options):
    where = Origin("ALL", "all", False) if place == "ALL" else origin(place)
    return header_of(where, read_inputs(**(USUAL | options))).command


def test_the_command_makes_the_same_report_again(tmp_path):
    plant = tmp_path / "a plant.csv"
    plant.write_text(PLANT, encoding="utf-8")
    asked = {
        "year": 2027, "price": 90.5, "band": 0.2, "q": 0.1, "procedure": "BH", "draws": 150,
        "seed": 3,
    }  # fmt: skip
    found = audit("CHN", references=[plant], **asked)
    words = shlex.split(found.header.command)
    assert words[0] == "mriocarbon"
    out = tmp_path / "out"
    again = CliRunner().invoke(app, [str(out) if w == "DIR" else w for w in words[1:]])
    assert again.exit_code == 0, again.output
    told = json.loads((out / "audit.json").read_text(encoding="utf-8"))
    from mriocarbon.report import cbam as report

    report.write_audit(found, tmp_path / "first")
    assert told == json.loads((tmp_path / "first" / "audit.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, ""),
        ({"price": "2026-Q1"}, ""),
        ({"price": "2026-Q3"}, " --price 2026-Q3"),
        ({"price": 80}, " --price 80.0"),
        ({"price": 75.36}, " --price 75.36"),
        ({"price": 2026}, " --price 2026.0"),  # 2026 EUR, not the price of that year
        ({"price": 2030.0}, " --price 2030.0"),
        ({"price": "2026"}, " --price 2026"),
        ({"price": "2030", "year": 2030}, " --year 2030 --price 2030"),
        (
            {"price": CertificatePrice(Decimal("80.5"), "2026-Q1", "2026-04-01", "me")},
            " --price 80.5  # in Python, with price= its period and source",
        ),
        ({"price": Decimal("8E+1")}, " --price 80.0"),
        ({"price": Decimal("1E-7")}, " --price 0.0000001"),
        (
            {"price": CertificatePrice(Decimal(90), "my scenario", "2026-04-01", "me")},
            " --price 90.0  # in Python, with price= its period and source",
        ),
        ({"year": 2030}, " --year 2030"),
        ({"draws": 1000}, " --draws 1000"),
        ({"procedure": "BH"}, " --procedure BH"),
    ],
)
def test_the_command_names_what_is_not_the_default(options, told):
    assert command(**options) == f"mriocarbon cbam audit --origin CHN --out DIR{told}"


def test_all_origins_have_fewer_draws_by_default():
    line = "mriocarbon cbam audit --origin all --out DIR"
    assert (command("ALL", draws=1000), command("ALL")) == (line, f"{line} --draws 10000")
    told = f"{line} --draws 150  # in Python, with only=['CHN', 'IND']"
    found = audit_all(only=["China", "IND", "CHN"], draws=150)
    assert (found.header.command, found.header.origin.name) == (told, "2 origins")


def test_what_has_no_path_is_said_to_be_a_file_or_a_table(tmp_path):
    plant = tmp_path / "plant.csv"
    plant.write_text(PLANT, encoding="utf-8")
    (one,) = read_references(plant)
    other = replace(one, name="Plant 2")
    assert command(references=[one, other]).endswith("--out DIR --references FILE")
    table = mc.load("oecd-icio-2022")
    assert command(mrio=table).endswith(f"  # in Python, with mrio= {table.provenance.dataset}")


def test_why_the_first_quarter_is_told_in_every_year():
    for year in (2026, 2030):
        header = header_of(origin("CHN"), read_inputs(**(USUAL | {"year": year})))
        assert "the compilation of the trade at hand" in header.price_note
    for own in (75.36, CertificatePrice(Decimal("80.5"), "2026-Q1", "2026-04-01", "me")):
        given = header_of(origin("CHN"), read_inputs(**(USUAL | {"price": own})))
        assert given.price_note == ""
