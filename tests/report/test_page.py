"""report.html: complete, honest, offline, and drawn by a real browser."""

import re
import subprocess
from html.parser import HTMLParser

import matplotlib.image
import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon import report
from mriocarbon.report import page as pages
from mriocarbon.report import text as t
from mriocarbon.report.adjustments_view import View, choices
from mriocarbon.studies.scan import PUBLISHED

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Reader(HTMLParser):
    """Checks nesting and collects what the tests ask for."""

    def __init__(self):
        super().__init__()
        self.stack, self.ids, self.tags, self.headings = [], [], [], []
        self.tables, self.cell = [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag not in VOID:
            self.stack.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self.tables.append({"caption": "", "rows": []})
        if tag == "tr" and self.tables:
            self.tables[-1]["rows"].append([])
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        assert self.stack and self.stack[-1] == tag, f"</{tag}> closes {self.stack[-3:]}"
        self.stack.pop()

    def handle_data(self, data):
        if "caption" in self.stack:
            self.tables[-1]["caption"] += data
        elif "td" in self.stack or "th" in self.stack:
            self.tables[-1]["rows"][-1][-1] += data


@pytest.fixture(scope="module")
def reader(page):
    reader = Reader()
    reader.feed(page)
    assert reader.stack == []
    return reader


def test_nothing_comes_from_outside(page, reader):
    for tag, attrs in reader.tags:
        assert tag not in {"script", "link", "iframe", "img", "object", "embed", "base"}
        assert not {"src", "srcset", "data", "poster"} & set(attrs)
        for key in ("href", "xlink:href"):
            if attrs.get(key) and tag != "a":
                assert attrs[key].startswith("#"), (tag, attrs)
    assert "@import" not in page and "@font-face" not in page
    assert all(link.startswith("#") for link in re.findall(r"url\(([^)]*)\)", page))


def test_structure_is_accessible(page, reader):
    assert page.startswith("<!DOCTYPE html>") and '<html lang="en">' in page
    assert len(reader.ids) == len(set(reader.ids)), "ids are doubled"
    assert reader.headings[0] == 1 and reader.headings.count(1) == 1
    steps = zip(reader.headings, reader.headings[1:], strict=False)
    assert all(later - earlier <= 1 for earlier, later in steps)
    for tag, attrs in reader.tags:
        if tag == "th":
            assert attrs["scope"] in {"col", "row", "colgroup"}
        if tag == "svg":
            assert attrs["role"] == "img" and len(attrs["aria-label"]) > 60
        if tag == "a" and attrs["href"].startswith("#"):
            assert attrs["href"][1:] in reader.ids
        for key in ("aria-labelledby", "aria-describedby"):
            assert attrs.get(key, reader.ids[0]) in reader.ids
    used = set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page))
    assert used <= set(reader.ids)


def test_every_table_and_figure_says_its_source_unit_and_ratio(page, reader):
    captions = [table["caption"] for table in reader.tables]
    captions += re.findall(r"<figcaption>(.*?)</figcaption>", page, re.DOTALL)
    assert len(captions) >= 15
    for caption in captions:
        lower = caption.lower()
        assert "source" in lower, caption
        assert "unit" in lower or "no ratio" in lower, caption
        assert "denominator" in lower or "no ratio" in lower or "row: where" in lower, caption


def test_every_mark_is_explained_and_every_estimate_marked(study, reader):
    for table in reader.tables:
        body = "".join(cell for row in table["rows"] for cell in row)
        if "†" in body:
            assert "†" in table["caption"], table["caption"]
    view = View(study)
    key = {row[0].strip(): row[1:] for row in reader.tables[1]["rows"] if row}
    row = next(r for r in view.rows if r.principle == "consumption")
    expected = []
    for region in PUBLISHED:
        for c in (row.industries, row.full, row.households):
            mark = "†" if c.estimated else ""
            expected.append(t.percent(c.percent[region]) + mark)
    found = [re.match(r"[−+\d.]+†?", cell)[0] for cell in key["consumption"]]
    assert found == expected and all(cell.endswith("†") for cell in found)
    assert next(c for c in key["production"] if c) == "0.0", "exact, not marked"
    assert [c for c in key["published"] if c] == ["−17.7", "+15.2", "+7.2"]


def test_co2_has_its_own_tables_and_every_figure_is_marked(study, reader, page):
    table = next(x for x in reader.tables if any("consumption" in r[:1] for r in x["rows"])
                 and "81" not in x["caption"] and "CO₂ by industry" in x["caption"])  # fmt: skip
    row = next(r for r in View(study).rows_of("CO2") if r.principle == "consumption")
    cells = next(r for r in table["rows"] if r and r[0] == "consumption")[1:]
    expected = [
        t.percent(c.percent[region]) + "†"
        for region in PUBLISHED
        for c in (row.industries, row.households)
    ]
    assert [re.match(r"[−+\d.]+†", cell)[0] for cell in cells] == expected
    for gas, reach in study.verdict.by_gas.items():
        title = f"The nearest of {t.counted(reach.tried, 'combination')}, {gas}"
        assert t.nice(title) in page
    assert "CO₂ by country and industry is an estimate" in page
    assert "no CO₂ satellite" not in page


def test_the_scan_is_whole_and_in_order(study, reader):
    rows = reader.tables[-1]["rows"][1:]
    assert [int(row[0]) for row in rows] == [c.number for c in study.combinations]
    for row, c in zip(rows, study.combinations, strict=True):
        if c.available:
            shown = [t.marked(t.percent(c.percent[r]), c.estimated) for r in PUBLISHED]
            assert row[8:11] == shown
            if c.estimated:
                assert all(cell.endswith("†") for cell in row[8:12])
        else:
            assert "NOT AVAILABLE" in row[-1]


def test_says_everything(study, page):
    for principle in study.principles:
        assert f"<code>{principle.name}</code>" in page
        assert str(pages.formula(principle.formula)) in page
        assert str(pages.linked(principle.reference)) in page
    for item in study.items:
        assert item.sha256 in page and item.licence in page
        assert str(pages.linked(item.citation)) in page
    assert f"{len(study.combinations)} combinations" in page
    assert f"mriocarbon {mc.__version__}" in page
    assert "mriocarbon reproduce 2022 --out DIR" in page
    first = t.nice(View(study).verdict[0])
    assert first in page and page.index(first) < page.index("<table")


def test_verdict_is_in_words_and_marks_estimates(study):
    lines = View(study).verdict
    assert len(lines) == len(study.verdict.text)
    nearest = next(line for line in lines if line.startswith("The nearest"))
    best = study.verdict.nearest
    assert choices(best) in nearest and best.label not in nearest
    assert f"China {t.percent(best.percent['CHN'])} %†" in nearest
    assert "(China −17.7 %," in lines[0]
    alone = next(line for line in lines if line.startswith("United States alone"))
    assert "(published +15.2 %)" in alone and "%† (published" in alone


def test_text_is_escaped():
    assert "<b>" not in str(pages.formula("a <b> c")) and "<i>" not in str(pages.linked("<i>"))
    assert str(pages.formula("L_r^-1 - qbar_i")) == "L<sub>r</sub><sup>−1</sup> − q̄<sub>i</sub>"


@pytest.mark.parametrize(
    "narrow",
    [
        {"tables": ["gcb-2025"]},
        {"tables": ["oecd-icio-2022-full"], "principle": ["era"]},
        {"principle": ["production"]},
        {"regions": ["IND"], "principle": ["shared"], "gases": ["GHG"]},
        {"gases": ["CO2"]},
        {"gases": ["CO2"], "regions": ["NOR"], "principle": ["income"]},
    ],
)
def test_narrowed_studies_give_a_whole_page(narrow, tmp_path):
    report.write(mc.reproduce_2022(**narrow), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.stack == []
    assert "nan" not in re.sub(r"<[^>]*>", " ", text).lower().split()


# ---------------------------------------------------------------------------- a browser


def screenshot(chromium, folder, target, scheme, width=1000):
    subprocess.run(
        [
            str(chromium), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-background-networking", "--disable-dev-shm-usage",
            f"--user-data-dir={target.parent / 'profile'}",
            f"--blink-settings=preferredColorScheme={scheme}", f"--window-size={width},6000",
            f"--screenshot={target}", (folder / "report.html").as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return matplotlib.image.imread(target)[:, :, :3]


@pytest.mark.parametrize("width", [1000, 500])
def test_renders_in_light_and_dark(chromium, folder, tmp_path, width):
    grounds = {}
    for scheme, name in ((1, "light"), (0, "dark")):
        pixels = screenshot(chromium, folder, tmp_path / f"{name}.png", scheme, width)
        ground = np.median(pixels.reshape(-1, 3), axis=0)
        grounds[name] = ground.mean()
        apart = np.abs(pixels - ground).max(axis=2) > 0.25
        bands = apart.reshape(20, -1).mean(axis=1)
        assert (bands > 0.005).all(), f"a blank stretch in {name}: {bands}"
        ink = np.abs(pixels.mean(axis=2) - grounds[name]).max()
        assert ink > 0.6, "text does not stand out"
    assert grounds["light"] > 0.9 and grounds["dark"] < 0.2
