"""The picture and the listing of supply paths: made, legible, and true to the numbers."""

import io
import itertools
import re

import numpy as np
import pytest
from properties.tables import random_case, toy
from rich.console import Console

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.report import paths_figure, paths_listing
from mriocarbon.report.paths_listing import write_files
from mriocarbon.report.pictures import write_picture
from mriocarbon.report.sector_names import place_name, sector_name
from mriocarbon.structure.path_result import at_most
from mriocarbon.structure.path_tiers import crossings, tiers
from mriocarbon.structure.paths import paths


@pytest.fixture(scope="module")
def largest():
    return paths(mc.load("oecd-icio-2022"), region="USA", stressor="GHG", top=200)


@pytest.fixture(scope="module")
def drawing(largest):
    return paths_figure.figure(largest)


def pixels(png: bytes) -> np.ndarray:
    from matplotlib.image import imread

    return imread(io.BytesIO(png))[:, :, :3]


def test_picture_is_drawn(drawing):
    image = pixels(drawing.png)
    assert min(image.shape[:2]) > 600
    dark = (image < 0.2).all(axis=2).mean()
    blue = (image[:, :, 2] - image[:, :, 0] > 0.2).mean()
    assert 0.005 < dark < 0.2 and blue > 0.05  # bars and text; ribbons
    assert (image > 0.98).all(axis=2).mean() > 0.3


def test_picture_names_sectors_in_words_and_says_what_it_leaves_out(drawing, largest):
    text = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawing.svg))
    for word in ("Electricity and gas", "Crops and animals", "United States", "final product",
                 "Source: OECD ICIO 2025", "rests on estimates", "30 chains of"):  # fmt: skip
        assert word in text, word
    carried = largest.value[:30].sum()
    assert f"{carried:,.0f} Mt CO₂e†, {100 * carried / largest.total:.0f}\u00a0%" in text
    assert f"No other chain is above {at_most(largest.value[30], 2)} Mt" in text
    assert (
        drawing.title == "United States: the largest supply chains behind final demand, GHG, 2022"
    )
    assert "no direct emissions of households" in drawing.caption
    assert "Electricity and gas in United States" in drawing.description


def test_same_paths_same_bytes(drawing, largest):
    again = paths_figure.figure(largest)
    assert again.svg == drawing.svg and again.png == drawing.png


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("region", ["r0", None])
def test_bars_carry_what_the_paths_carry_and_never_overlap(seed, region):
    case = random_case(seed, 3, 4, density=0.6)
    found = paths(case.mrio(), region=region, top=60)
    drawn = [k for k in range(len(found)) if found.tier[k] <= paths_figure.DEEP][:30]
    columns, unit = paths_figure._columns(found, drawn)
    paths_figure._place(columns, unit)
    assert columns[0][0].total == pytest.approx(found.value[drawn].sum())
    for before, column in zip(columns, [*columns[1:], []], strict=True):
        through = sum(sum(bar.into.values()) for bar in before)
        assert through == pytest.approx(sum(bar.total for bar in column))
        for bar in before:
            assert bar.total == pytest.approx(bar.emitted + sum(bar.into.values()))
        for upper, lower in itertools.pairwise(before):
            room = max(paths_figure.SLOT, upper.total * unit)
            assert upper.y + room <= lower.y + 1e-9
        assert all(bar.y >= -1e-9 for bar in before)
    assert pixels(paths_figure.figure(found).png).std() > 0.05


def test_what_cannot_be_drawn_is_counted_or_refused():
    below = toy(Y=np.array([[30, 40], [-20, 85], [10, 45], [5, 120]], dtype=float))
    found = paths(below, region="A", top=30)
    negative = int((found.value[:25] < 0).sum())
    assert negative > 0
    told = paths_figure.figure(found, most=20).caption
    assert re.search(r"\d+ chains? among them cannot be drawn \(below zero", told)
    nothing = paths(toy(stressors={"GHG": -np.ones(4)}, households=None), region="A", top=5)
    with pytest.raises(NotAvailableError, match="no path to draw"):
        paths_figure.figure(nothing)


def test_picture_of_a_product_says_so():
    found = paths(mc.load("oecd-icio-2022"), region="USA", product=("CHN", "C29"), top=40)
    title = paths_figure.figure(found).title
    assert (
        title
        == "United States: the largest supply chains behind motor vehicles from China, GHG, 2022"
    )


@pytest.mark.parametrize("value", [0.05810001, 129.2, 3.0, 1e-9 / 3, 0.0])
def test_a_rounded_bound_is_a_bound(value):
    assert "e" not in at_most(value, 2) or value < 1e-6
    for digits in (2, 4):
        assert value <= float(at_most(value, digits)) <= value * (1 + 10.0 ** (1 - digits))


def test_a_long_title_fits():
    found = paths(mc.load("oecd-icio-2022"), region="ROW", product=("EU27", "C302T309"), top=40)
    drawing = paths_figure.figure(found)
    image = pixels(drawing.png)
    assert (image[:60, -8:] > 0.95).all()  # nothing runs out of the page


def test_names():
    assert sector_name("D", "oecd-icio-2022-full") == "Electricity and gas"
    assert sector_name("D", "wiod") == "D"
    assert place_name("FRA") == "France" and place_name("EU27") == "European Union (27)"
    codes = mc.load("oecd-icio-2022").sectors
    assert all(sector_name(code, "oecd-icio-2022") != code for code in codes)
    assert len({sector_name(code, "oecd-icio-2022") for code in codes}) == len(codes)


def screen(width: int = 120) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=False)


def test_listing_tells_list_cover_and_proof(largest):
    console = screen()
    mrio = mc.load("oecd-icio-2022")
    totals = tuple(function(mrio, region="USA", stressor="GHG") for function in (tiers, crossings))
    paths_listing.show(largest, console, most=5, totals=totals)
    text = console.file.getvalue()
    assert "USA Electricity and gas" in text and "† the origin of imported" in text
    assert f"{100 * largest.coverage:.1f} %" in text
    assert f"none of them above {at_most(largest.remainder_bound)} (proven)" in text
    assert "all paths by deliveries" in text and "all paths by borders" in text
    assert len(re.findall(r"^ +\d+ +[\d.,]+ +[\d.]+ +[\d.]+ +\d+ ", text, re.M)) == 5
    paths_listing.group(largest.by("sector"), console)
    assert "not listed" in console.file.getvalue()


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.svg", "a.png"])
def test_files_are_written_by_their_ending(largest, tmp_path, name):
    target = tmp_path / name
    picture = name[2] not in "cj"
    what = paths_figure.figure(largest) if picture else largest

    def write(what, target):
        return write_picture(what, target) if picture else write_files(what, target, None)[0]

    assert write(what, target) == target
    assert target.stat().st_size > 10_000
    assert [p.name for p in tmp_path.iterdir()] == [name]
    with pytest.raises(InputError, match="cannot tell the format"):
        write(what, tmp_path / "a.doc")


@pytest.mark.parametrize("most", [0, -1, 2.5, True, None])
def test_a_picture_of_no_paths_is_refused(largest, most):
    with pytest.raises(InputError, match="not a positive whole number"):
        paths_figure.figure(largest, most=most)


@pytest.mark.parametrize("scale", [1e-4, 1e-9])
def test_small_amounts_are_legible(scale):
    from tests.properties.tables import TOY_F

    found = paths(toy(stressors={"GHG": TOY_F * scale}, households=None, year=2011), top=20)
    console = Console(file=io.StringIO(), width=120)
    paths_listing.show(found, console, totals=(tiers(toy()),))
    paths_listing.group(found.by("sector"), console)
    text = console.file.getvalue()
    told = re.search(r"20 paths: ([\d.]+) of ([\d.]+) Mt CO2e", text)
    assert float(told[2]) == pytest.approx(found.total, rel=0.01)
    assert float(told[1]) == pytest.approx(found.value.sum(), rel=0.01)
    account = re.search(r"account +([\d.]+)", text)
    assert float(account[1]) == pytest.approx(found.total, rel=0.01)
    assert "GHG behind final demand in 2011, all regions" in text
    line = re.search(
        r"of ([\d.]+) Mt CO₂e,.* account of ([\d.]+) Mt", paths_figure.figure(found).svg
    )
    assert float(line[2]) == pytest.approx(found.total, rel=0.01)
    assert float(line[1]) > 0


def test_list_and_picture_are_both_written_or_neither(largest, drawing, tmp_path, monkeypatch):
    out, place = tmp_path / "a.csv", tmp_path / "a.svg"
    out.write_text("before")

    def fail(*_):
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(paths_listing, "write_picture", fail)
        with pytest.raises(OSError, match="no room"):
            paths_listing.write_files(largest, out, (drawing, place))
    assert out.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    assert paths_listing.write_files(largest, out, (drawing, place)) == [out, place]
    assert out.read_text().startswith("# name")
    assert "<svg" in place.read_text(encoding="utf-8")
