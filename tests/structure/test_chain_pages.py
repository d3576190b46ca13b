"""Figures and commands of value chains, inequality and leakage."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import typer
from properties.tables import toy
from typer.testing import CliRunner

import mriocarbon as mc
from mriocarbon.cli.chains import chains as chains_command
from mriocarbon.cli.inequality import inequality as inequality_command
from mriocarbon.cli.inequality import leakage as leakage_command
from mriocarbon.errors import (
    DataFileError,
    InputError,
    MriocarbonError,
    NotAvailableError,
    ShapeError,
)
from mriocarbon.report import chain_figures
from mriocarbon.structure.gvc import chains
from mriocarbon.structure.inequality import inequality
from mriocarbon.structure.leakage import leakage

app = typer.Typer()
for command in (chains_command, inequality_command, leakage_command):
    app.command()(command)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def mrio() -> mc.MRIO:
    return mc.load("oecd-icio-2022")


@pytest.mark.parametrize(
    "options",
    [
        {"view": "forward"}, {"view": "backward"}, {"view": "exports"},
        {"view": "exports", "method": "koopman-wang-wei", "content": "value added"},
        {"view": "forward", "content": "primary inputs"},
    ],
)  # fmt: skip
def test_bars_add_up_and_repeat(mrio, options):
    found = chains(mrio, **options)
    one, two = chain_figures.chain(found), chain_figures.chain(found)
    assert one.svg == two.svg and one.png == two.png
    assert one.png.startswith(b"\x89PNG")
    assert "China" in one.svg and "†" in one.svg and "OECD" in one.svg
    assert re.search(r"\b100\b", one.svg)
    if "value added" in options.values() or "primary inputs" in options.values():
        assert "billion USD" in one.svg and "greenhouse" not in one.svg


def test_bars_of_one_region(mrio):
    found = chains(mrio, level="sector")
    drawing = chain_figures.chain(found, region="China")
    assert "Iron and steel" in drawing.svg and "China: where GHG" in drawing.svg
    assert "The 20 largest of 50" in drawing.caption
    with pytest.raises(InputError, match="name the region"):
        chain_figures.chain(found)
    with pytest.raises(InputError, match="no sectors"):
        chain_figures.chain(chains(mrio), region="CHN")
    with pytest.raises(ShapeError, match="region_to"):
        chain_figures.chain(chains(mrio, level="bilateral"))
    with pytest.raises(ShapeError, match="item"):
        chain_figures.chain(leakage(mrio))


def test_bars_with_negative_terms_go_left_of_zero():
    mrio = toy(Y=[[110, -40], [80, -15], [10, 45], [5, 120]])
    found = chains(mrio)
    assert found["A", "final exports"] < 0
    assert "−" in chain_figures.chain(found).svg  # a tick below zero
    assert "−" not in chain_figures.chain(chains(toy())).svg


def test_lorenz(mrio):
    people = mc.population(2022)
    found = [inequality(mc.account(mrio, p), people) for p in ("consumption", "production")]
    drawing = chain_figures.lorenz(*found)
    assert f"{found[0].gini:.2f}" in drawing.svg and "equal for all" in drawing.svg
    assert drawing.svg == chain_figures.lorenz(*found).svg
    below = inequality({"a": -1.0, "b": 5.0}, {"a": 1.0, "b": 1.0})
    assert "not defined" in chain_figures.lorenz(below).svg
    zero = inequality({"a": 0.0, "b": 5.0}, {"a": 1.0, "b": 1.0})
    assert "infinite" in chain_figures.lorenz(zero).svg
    with pytest.raises(InputError, match="curves"):
        chain_figures.lorenz()


def test_leakage_figure(mrio):
    found = leakage(mrio)
    drawing = chain_figures.leakage(found)
    assert "home technology" in drawing.svg and "+791†" in drawing.svg
    with pytest.raises(ShapeError, match="region_with"):
        chain_figures.leakage(leakage(mrio, level="bilateral"))


def test_chains_command_writes_what_it_shows(mrio, tmp_path: Path):
    text = run("chains", "exports", "--method", "koopman-wang-wei", "--content", "primary inputs",
               "--out", str(tmp_path / "k.csv"), "--figure", str(tmp_path / "k.svg"))  # fmt: skip
    assert "…" not in text and "billion USD" in text
    assert "counted twice = " in text and "the terms leave" in text and "†" in text
    head = (tmp_path / "k.csv").read_text().partition("region,term")[0]
    assert "# closure: " in head and "# equations: 1 final exports = q_s B_ss" in head
    lines = [x for x in (tmp_path / "k.csv").read_text().splitlines() if not x.startswith("#")]
    assert lines[0] == "region,term,value" and len(lines) == 1 + 20 * 9
    total = sum(float(line.rsplit(",", 1)[1]) for line in lines[1:])
    found = chains(mrio, "exports", method="koopman-wang-wei", content="primary inputs")
    assert total == pytest.approx(found.value.sum())
    assert (tmp_path / "k.svg").read_text().startswith("<?xml")


def test_chains_command_of_one_region():
    text = run("chains", "backward", "--level", "origin", "--region", "Japan", "--percent")
    assert "of Japan" in text and "China" in text and "% of total" in text
    one = run("chains", "--region", "CHN")
    assert "China" in one and "United States" not in one


def test_inequality_command(tmp_path: Path):
    text = run("inequality", "consumption", "--group", "G7=USA,Japan,GBR,CAN",
               "--out", str(tmp_path / "i.csv"), "--figure", str(tmp_path / "i.png"))  # fmt: skip
    assert "Gini: total 0.37" in text and "in G7" in text and "in others" in text
    assert (tmp_path / "i.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "i.csv").exists()


def saved(folder: Path, name: str, f: list[float]) -> str:
    path = folder / name
    np.savez(path, Z=[[10.0, 5], [5, 10]], Y=[[80.0, 5], [10, 75]], F__GHG=f,
             regions=["A", "B"], sectors=["1"])  # fmt: skip
    return str(path)


def test_leakage_command(tmp_path: Path):
    text = run("leakage", "--out", str(tmp_path / "l.csv"), "--figure", str(tmp_path / "l.svg"))
    assert "technology" in text and "…" not in text and "accounting, not cause" in text
    assert (tmp_path / "l.csv").exists() and (tmp_path / "l.svg").exists()
    before, after = saved(tmp_path, "b.npz", [100, 100]), saved(tmp_path, "a.npz", [80, 105])
    text = run("leakage", "--table", before, "--after", after, "--home", "A")
    assert "strong leakage: 25.0 %" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["chains", "sideways"], "unknown view"),
        (["chains", "--level", "sector"], "do not fit a screen"),
        (["chains", "backward", "--approach", "sink"], "option of view"),
        (["chains", "--figure", "x.pdf"], ".svg or .png"),
        (["chains", "--level", "sector", "--figure", "x.svg"], "name the region"),
        (["inequality", "--group", "rich"], "NAME=REGION"),
        (["inequality", "--group", "a=USA", "--group", "b=United States"], "USA is in the groups"),
        (["inequality", "--group", "a=Atlantis"], "unknown region"),
        (["leakage", "--home", "USA"], "both a later table"),
        (["leakage", "--after", "oecd-icio-2022", "--home", "USA"], "NOT MEANINGFUL"),
        (["leakage", "--after", "oecd-icio-2022", "--home", "USA", "--out", "x.csv"], "no file"),
    ],
)
def test_bad_words_are_told_and_leave_nothing(words, says, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MriocarbonError, match=re.escape(says)):
        run(*words)
    assert not list(tmp_path.iterdir())


def test_a_table_without_households_is_told():
    with pytest.raises(MriocarbonError, match="households"):
        mc.account(toy(households=None), "consumption")


@pytest.fixture
def drawn(monkeypatch):
    """The figures as they are drawn, to be measured."""
    kept: list = []
    finish = chain_figures.f.finish

    def keep(figure, *rest):
        kept.append(figure)
        return finish(figure, *rest)

    monkeypatch.setattr(chain_figures.f, "finish", keep)
    return kept


def bars(axes) -> dict[str, list[tuple[float, float]]]:
    """Return (left, right) of the segments of each bar, from left to right, by its label."""
    names = {k: text.get_text() for k, text in enumerate(axes.get_yticklabels())}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names.values()}
    for patch in axes.patches:
        row = round(patch.get_y() + patch.get_height() / 2)
        found[names[row]].append((patch.get_x(), patch.get_x() + patch.get_width()))
    return found


def test_segments_stand_where_the_terms_say(drawn):
    mrio = toy(Y=[[110, -40], [80, -15], [10, 45], [5, 120]])
    found = chains(mrio)
    chain_figures.chain(found)
    segments = bars(drawn[0].axes[0])
    for region in mrio.regions:
        k = mrio.regions.index(region)
        share = 100 * found.value[k] / found.value[k].sum()
        up = down = 0.0
        want = []
        for term, part in zip(found.terms, share, strict=True):
            at = (up, up + part) if part >= 0 else (down + part, down)
            up, down = max(up, at[1]), min(down, at[0])
            if np.abs(found.value[:, found.terms.index(term)]).max() > 1e-9:
                want.append(at)
        np.testing.assert_allclose(sorted(segments[region]), sorted(want), atol=1e-9)
        assert sum(b - a for a, b in segments[region]) == pytest.approx(np.abs(share).sum())
    texts = [text.get_text() for text in drawn[0].axes[0].texts]
    k = found.terms.index("final exports")
    below = 100 * found.value[0, k] / found.value[0].sum()
    assert below < -5  # what is negative has its figure too, in the middle of its segment
    label = drawn[0].axes[0].texts[texts.index(f"−{abs(below):.0f}")]
    left, right = next(at for at in segments["A"] if at[1] - at[0] == pytest.approx(-below))
    assert label.get_position()[0] == pytest.approx((left + right) / 2)


def test_what_is_not_drawn_is_named_in_the_picture(mrio, drawn):
    chain_figures.chain(chains(toy(stressors={"CO2, fossil": [240.0, 50, -60, -40]},
                                   households={})))  # fmt: skip
    assert "not drawn, total not above zero: B" in drawn[0].axes[0].get_xlabel()
    assert any("Where CO₂, fossil of producers" in text.get_text() for text in drawn[0].texts)
    chain_figures.chain(chains(mrio, level="sector"), region="KOR")
    assert "the 20 largest of 50" in drawn[1].axes[0].get_xlabel()
    assert any(text.get_text().endswith(", 2022") for text in drawn[1].texts)


def test_the_lorenz_curve_has_people_below_and_names_its_groups(mrio, drawn):
    groups = {r: "G7" if r in ("USA", "JPN", "GBR", "CAN") else "others" for r in mrio.regions}
    found = inequality(mc.account(mrio, "consumption"), mc.population(2022), groups=groups)
    chain_figures.lorenz(found)
    curve = next(line for line in drawn[0].axes[0].lines if line.get_marker() == "o")
    np.testing.assert_array_equal(curve.get_xdata(), 100 * found.people_share)
    np.testing.assert_array_equal(curve.get_ydata(), 100 * found.amount_share)
    texts = [text.get_text() for text in drawn[0].texts]
    assert "G7: CAN, GBR, JPN, USA" in texts
    assert any("Consumption (GHG) per person, between regions, 2022" in text for text in texts)


def test_diamonds_stand_at_home_technology(mrio, drawn):
    found = leakage(mrio)
    chain_figures.leakage(found)
    axes = drawn[0].axes[0]
    names = [text.get_text() for text in axes.get_yticklabels()]
    marks = {}
    for line in axes.lines:
        if line.get_marker() == "D":
            marks |= dict(zip(np.asarray(line.get_ydata(), int), line.get_xdata(), strict=True))
    ends = {round(p.get_y() + p.get_height() / 2): p.get_width() for p in axes.patches}
    for k, region in enumerate(mrio.regions):
        row = names.index(chain_figures.place_name(region))
        assert marks[row] == found[region, "imports at home technology"]
        assert ends[row] == pytest.approx(found.value[k, 0])
    assert any(text.get_text().startswith("GHG in imports") for text in drawn[0].texts)


def test_a_leakage_figure_of_small_and_of_no_numbers(drawn):
    chain_figures.leakage(leakage(toy(stressors={"GHG": [0.024, 0.005, 0.006, 0.004]},
                                      households={})))  # fmt: skip
    gaps = [t.get_text() for t in drawn[0].axes[0].texts if t.get_text() != "gap"]
    assert all(re.fullmatch(r"[+−]0\.\d{4}", text) for text in gaps), gaps
    below = leakage(toy(stressors={"GHG": [-240.0, 50, 60, 40]}, households={}))
    chain_figures.leakage(below)
    low = min(below.value[:, :2].min(), 0)
    assert low < 0 and drawn[1].axes[0].get_xlim()[0] < low
    alone = mc.MRIO.from_arrays(Z=[[10]], Y=[[90]], regions=["A"], sectors=["1"],
                                stressors={"GHG": [5]})  # fmt: skip
    with pytest.raises(InputError, match="nothing is imported"):
        chain_figures.leakage(leakage(alone))


def row_of(text: str, name: str) -> list[float]:
    """Return the figures of the first row of a screen table that is called so."""
    line = next(x for x in text.splitlines() if x.strip().startswith(f"{name} "))
    return [float(word.replace(",", "").replace("−", "-"))
            for word in line.strip().removeprefix(name).split()]  # fmt: skip


def test_the_screen_shows_the_figures_of_the_result(mrio):
    found = chains(mrio, "exports", content="primary inputs")
    korea = found.value[mrio.regions.index("KOR")]
    text = run("chains", "exports", "--content", "primary inputs")
    assert "primary inputs, 2022, billion USD" in text
    np.testing.assert_allclose(row_of(text, "South Korea"), [*korea / 1e3, korea.sum() / 1e3],
                               atol=0.051)  # fmt: skip
    np.testing.assert_allclose(row_of(text, "all")[-1], found.value.sum() / 1e3, atol=0.051)
    text = run("chains", "exports", "--content", "primary inputs", "--percent")
    np.testing.assert_allclose(row_of(text, "South Korea")[:-1], 100 * korea / korea.sum(),
                               atol=0.051)  # fmt: skip
    text = run("inequality")
    people, account = mc.population(2022), mc.account(mrio, "consumption")
    usa = row_of(text, "United States")
    want = [people["USA"] / 1e6, account["USA"], 1e6 * account["USA"] / people["USA"], 100, 100]
    np.testing.assert_allclose(usa, want, atol=0.051)
    assert "consumption (GHG), 2022, per person" in text
    assert "population of 2022" in text and "Our World in Data" in text


def test_exports_of_emissions_have_no_sum_over_regions():
    text = run("chains", "exports")
    assert "must not be added up" in text and not re.search(r"^\s*all ", text, re.MULTILINE)
    assert re.search(r"^\s*all ", run("chains", "forward"), re.MULTILINE)


def test_a_level_too_wide_for_a_screen_is_written(tmp_path: Path):
    path = tmp_path / "x.csv"
    text = run("chains", "exports", "--level", "bilateral sector", "--region", "KOR",
               "--out", str(path))  # fmt: skip
    assert text.strip() == f"Wrote {path}"
    head = path.read_text()
    assert "# year: 2022" in head and "# stressor: GHG" in head
    assert sum(not line.startswith("#") for line in head.splitlines()) == 1 + 20 * 50 * 20 * 6


def table_of(folder: Path, name: str, f: list[float], **more) -> str:
    made = mc.MRIO.from_arrays(
        Z=[[10, 5], [5, 10]], Y=[[80, 5], [10, 75]], regions=["USA", "CHN"], sectors=["1"],
        **{"stressors": {"SO2": f}, "units": {"SO2": "kt"}, **more},
    )  # fmt: skip
    return str(mc.save(made, folder / name) or folder / name)


def test_people_from_a_file(tmp_path: Path):
    table = table_of(tmp_path, "so2.npz", [100, 100])
    words = ["inequality", "--table", table, "--no-households"]
    with pytest.raises(NotAvailableError, match="the table has none"):
        run(*words)
    old = table_of(tmp_path, "old.npz", [100, 100], year=1950)
    with pytest.raises(NotAvailableError, match="no population of 1950"):
        run("inequality", "--table", old, "--no-households")
    people = tmp_path / "people.csv"
    people.write_text("region,people\nUSA,200000\nCHN,1000000\n")
    text = run(*words, "--population", str(people), "--out", str(tmp_path / "i.csv"))
    assert "population of people.csv" in text and "t / person" in text
    made = inequality(
        mc.account(mc.load(table), "consumption", households=False), {"USA": 2e5, "CHN": 1e6}
    )
    assert row_of(text, "United States")[2] == pytest.approx(made.per_person[-1], abs=0.0051)
    assert made.per_person[-1] < 1
    assert "# stressor: SO2" in (tmp_path / "i.csv").read_text()
    for bad, says in (
        ("a,b\n", "missing columns: region, people"), ("region,people\nUSA,many\n", "row 2"),
        ("region,people\nUSA,1\nUSA,2\n", "twice"),
        ("region,people\nUSA,333,000,000\n", "4 cells under 2 columns"),  # once read as 333
    ):  # fmt: skip
        people.write_text(bad)
        with pytest.raises(InputError, match=says):
            run(*words, "--population", str(people))
    with pytest.raises(DataFileError, match="no such file"):
        run(*words, "--population", str(tmp_path / "none.csv"))


def test_leakage_of_one_region_with_others(mrio, tmp_path: Path):
    text = run("leakage", "--level", "bilateral", "--region", "KOR", "--least-output", "5")
    found = leakage(mrio, level="bilateral", least_output=5)
    assert "leakage, GHG of South Korea with others, 2022" in text
    items = found.value[mrio.regions.index("KOR"), mrio.regions.index("USA")]
    assert row_of(text, "United States")[:2] == pytest.approx(items[:2], abs=0.051)
    usual = leakage(mrio, level="bilateral")
    assert abs(usual.value[mrio.regions.index("KOR"), mrio.regions.index("USA"), 1] - items[1]) > 1
    assert "South Korea" in run("leakage", "--region", "KOR")
    with pytest.raises(InputError, match="do not fit"):
        run("leakage", "--level", "bilateral")
    text = run("leakage", "--level", "bilateral", "--out", str(tmp_path / "b.csv"))
    assert text.strip() == f"Wrote {tmp_path / 'b.csv'}"
    before = table_of(tmp_path, "b.npz", [100, 100], year=2000)
    after = table_of(tmp_path, "a.npz", [80, 105], year=2010)
    text = run("leakage", "--table", before, "--after", after, "--home", "USA")
    assert "USA, SO2, 2000 to 2010: changes in kt" in text
    with pytest.raises(InputError, match="whole accounts"):
        run("leakage", "--table", before, "--after", after, "--home", "USA", "--least-output", "1")


def test_a_region_is_not_left_out_of_a_picture_in_silence(tmp_path: Path):
    with pytest.raises(InputError, match="no sectors"):
        run("chains", "exports", "--region", "KOR", "--figure", str(tmp_path / "e.svg"))
    assert not list(tmp_path.iterdir())
