"""The report of a CBAM audit: whole or absent, complete, honest, readable by machines."""

import csv
import dataclasses
import io
import json
import math
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from report import cbam_factory as factory
from rich.console import Console

from mriocarbon.cbam.defaults import default_value
from mriocarbon.cbam.obligation import obligation
from mriocarbon.cbam.results import Audit, AuditAll, Interval
from mriocarbon.errors import DataFileError, InputError
from mriocarbon.report import cbam, cbam_frames, cbam_machine, cbam_page
from mriocarbon.report.cbam_figures import forests
from mriocarbon.report.cbam_view import VERDICTS, View, codes
from mriocarbon.report.cbam_words import summary

TEMPLATES = Path(cbam.__file__).parent / "templates"
VOID = {"meta", "br", "link", "img", "hr", "input"}
FILES = {
    "report.html", "lines.csv", "references.csv", "aggregates.csv", "coherence.csv", "costs.csv",
    "audit.json", "audit.xlsx",
}  # fmt: skip


@pytest.fixture(scope="module")
def audit():
    return factory.audit()


@pytest.fixture(scope="module")
def bare():
    """An audit of an origin without trade and without any comparison."""
    made = factory.audit(money=False)
    lines = tuple(
        dataclasses.replace(
            x, main=None, comparisons=(), alongside=(), verdict="no reference",
            marked_verdict="no reference", why="no reference of the same boundary", kinds=(),
            covered_base=None, covered_marked=None,
        )
        for x in made.lines
    )  # fmt: skip
    return dataclasses.replace(
        made, lines=lines, aggregates=(), coherence=(), defects=(), swings=(), variance=(),
        claim=dataclasses.replace(made.claim, overall="cannot be decided", holds=(), fails=(),
                                  equivalent=(), undecided=()),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(audit, tmp_path_factory):
    target = tmp_path_factory.mktemp("cbam") / "new" / "out"
    cbam.write_audit(audit, target)
    return target


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


class Reader(HTMLParser):
    """Checks nesting; keeps tags, ids and the cells of tables."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.tags, self.ids, self.tables = [], [], [], []
        self.feed(text)
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack and self.stack.pop() == tag, f"</{tag}>"

    def handle_data(self, data):
        if "td" in self.stack or "th" in self.stack:
            self.tables[-1][-1][-1] += data


def rows(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def snapshot(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
    }


# ---------------------------------------------------------------------------- the folder


def test_writes_the_promised_files_and_nothing_else(folder):
    assert {p.name for p in folder.iterdir()} == FILES
    assert [p.name for p in folder.parent.iterdir()] == ["out"]


def test_same_audit_same_bytes(audit, folder, tmp_path):
    cbam.write_audit(audit, tmp_path / "again")
    assert snapshot(tmp_path / "again") == snapshot(folder)


def test_only_the_formats_asked_for(audit, tmp_path):
    written = cbam.write_audit(audit, tmp_path / "a", formats=["json", "csv"])
    assert {p.name for p in written} == FILES - {"report.html", "audit.xlsx"}
    assert {p.name for p in (tmp_path / "a").iterdir()} == {p.name for p in written}
    for wrong in (["pdf"], []):
        with pytest.raises(InputError, match="choose among html"):
            cbam.write_audit(audit, tmp_path / "b", formats=wrong)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("error", [RuntimeError("no"), KeyboardInterrupt(), OSError(28, "full")])
def test_an_error_half_way_leaves_nothing(audit, tmp_path, monkeypatch, error):
    target = tmp_path / "out"
    target.mkdir()
    (target / "report.html").write_text("old", encoding="utf-8")
    (target / "mine.csv").write_text("a", encoding="utf-8")
    before = snapshot(tmp_path)

    def fail(*_):
        raise error

    monkeypatch.setattr(cbam_page, "render", fail)  # after CSV and JSON
    with pytest.raises(DataFileError if isinstance(error, OSError) else type(error)):
        cbam.write_audit(audit, target, formats=["html", "csv", "json"])
    assert snapshot(tmp_path) == before


def test_a_place_that_cannot_be_used_is_told_before_anything(audit, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="this is a file"):
        cbam.check_target(tmp_path / "file")
    (tmp_path / "out" / "lines.csv").mkdir(parents=True)
    with pytest.raises(InputError, match=r"lines\.csv"):
        cbam.write_audit(audit, tmp_path / "out")
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "origins").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="puts its folder 'origins'"):
        cbam.check_target(tmp_path / "all", all_origins=True)
    with pytest.raises(InputError, match="puts its folder 'origins'"):
        cbam.write_all(factory.audit_all(["CHN"]), tmp_path / "all")
    cbam.check_target(tmp_path / "all")  # one origin needs no such folder
    assert (tmp_path / "all" / "origins").read_text(encoding="utf-8") == "mine"


# --------------------------------------------------------------------------------- page


def test_page_needs_nothing_from_outside(page):
    reader = Reader(page)
    for tag, attrs in reader.tags:
        assert tag not in {"script", "link", "iframe", "img", "object", "embed", "base"}
        assert not {"src", "srcset", "data", "poster"} & set(attrs)
    assert "@import" not in page and "url(" not in page
    assert len(reader.ids) == len(set(reader.ids))
    links = {a["href"] for tag, a in reader.tags if tag == "a" and a["href"].startswith("#")}
    assert {x[1:] for x in links} <= set(reader.ids)
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()


def test_every_figure_has_a_text_alternative_and_every_table_a_head(page):
    reader = Reader(page)
    drawings = [a for tag, a in reader.tags if tag == "svg"]
    assert len(drawings) >= 8
    assert all(a["role"] == "img" and len(a["aria-label"]) > 20 for a in drawings)
    assert sum(tag == "thead" for tag, _ in reader.tags) == len(reader.tables)
    numbers = [int(x) for x in re.findall(r'<figure id="figure-(\d+)"', page)]
    assert numbers == list(range(1, len(numbers) + 1))
    titles = [int(x) for x in re.findall(r'id="table-(\d+)-title"', page)]
    assert titles == list(range(1, len(titles) + 1))


def test_header_names_what_the_audit_rests_on(audit, page):
    h = audit.header
    facts = (h.act, h.edition, h.table_sha256, h.price_period, h.trade_year, h.boundary, h.table)
    assert f"2026-Q1 ({h.price_source}), held constant over the years" in page
    # the annex is that before its correction, and the page says that none was put in
    for told in ("the correcting Regulation (EU) 2026/1740 was not at hand", "may differ from the"):
        assert told in page, told
    for words in (*facts, "10\u00a0%, fertilisers 1\u00a0%", "10,000 draws", f"seed {h.seed}"):
        assert words in page, words


def test_annex_holds_every_line_once(audit, page):
    annex = page[page.index('<h2 id="annex"') :]
    found = [r for table in Reader("<div>" + annex[: annex.index("</main>")].replace(
        "</section>", "") + "</div>").tables for r in table if "Reference" not in "".join(r)
        and len(r) >= 12]  # fmt: skip
    assert len(found) == len(audit.lines)
    by_code = {}
    for line in audit.lines:
        by_code.setdefault(line.cn, []).append(line)
    for row in found:
        code = row[0].replace(" ", "")
        assert any(
            row[3].startswith(f"{x.value.total:.3f}") if x.value.total is not None
            else row[3].startswith("–")
            for x in by_code[code]
        )  # fmt: skip


def test_forest_draws_every_compared_line_in_one_row(audit, page):
    view = View(audit)
    drawn = [line for row in view.rows for line in row.lines]
    assert len(drawn) == len(view.compared) == len({id(x) for x in drawn})
    for row in view.rows:
        assert len({(x.value.total, x.main.reference.value, x.verdict) for x in row.lines}) == 1
    text = "".join(p.svg for p in forests(view))
    assert text.count("<g>") == len(view.rows) + text.count("Median, ") // 2
    for row in view.rows:
        assert row.codes.split(";")[0] in text
        for line in row.lines:
            assert line.cn[4:6] in row.codes or len(line.cn) == 4


def test_assumed_references_carry_the_mark_to_the_last_page(audit, page):
    annex = page[page.index('<h2 id="annex"') :]
    marks = sum(bool(x.main and x.main.reference.assumed) for x in audit.lines)
    assert marks and annex.count("†") >= marks
    assert "† rests on an assumption" in page[page.index("<footer>") :]
    for words in audit.assumptions:
        assert words.replace("=", "=") in page


def test_summary_counts_add_up_and_say_both(audit):
    view = View(audit)
    words = summary(view)
    text = " ".join(words.sentences)
    counted = [view.counts[v] for v in ("over", "under", "not biased", "inconclusive")]
    assert sum(counted) == len(view.compared)
    assert f"Of {len(audit.lines)} default values, {len(view.compared)} could" in text
    assert "conservative by design" in text and "After mark-up" in text
    assert words.headline.startswith("They overstate in part: ")
    points = dict(words.points)
    assert points["The claim examined"].startswith("the default values overstate the emissions")
    for name in ("It holds (the value overstates) for", "It fails (the value understates) for"):
        assert points[name]
    assert "at most 0" not in text and "on no line: the missing proof" in text
    assert "75.36 EUR per certificate (2026-Q1, held constant)" in points["Cost"]
    assert "net in 2026" in points["Cost"] and "gross" in points["Cost"]
    assert "8.10 Mt" in points["Cost"] and "36.57 Mt CO2e" in points["Cost"]
    # the question is "over- or understate?": each answer says which
    for overall, start in (
        ("holds", "They overstate, mostly"),
        ("does not hold", "They do not overstate"),
        ("cannot be decided", "It cannot be decided"),
    ):
        other = dataclasses.replace(audit.claim, overall=overall)
        made = summary(View(dataclasses.replace(audit, claim=other)))
        assert made.headline.startswith(start)


def test_foreign_text_is_escaped(audit):
    evil = "<script>alert(1)</script>"
    made = dataclasses.replace(
        audit, notes=(evil,), assumptions=(evil,), sources=(evil,),
        header=dataclasses.replace(audit.header, trade_source=evil, table=evil),
        lines=tuple(
            dataclasses.replace(x, value=dataclasses.replace(x.value, description=evil))
            for x in audit.lines[:30]
        ),
    )  # fmt: skip
    text = cbam_page.render(made, [])
    assert "<script" not in text and text.count("&lt;script&gt;") >= 5


def test_an_audit_without_trade_or_references_is_a_whole_report(bare, tmp_path):
    cbam.write_audit(bare, tmp_path / "bare")
    text = (tmp_path / "bare" / "report.html").read_text(encoding="utf-8")
    Reader(text)
    assert "No line of this origin could be compared" in text
    assert "No cost path" in text and "It cannot be decided" in text
    assert rows(tmp_path / "bare", "costs.csv")[0]["reason"] == "no trade data for this origin"
    told = json.loads((tmp_path / "bare" / "audit.json").read_text(encoding="utf-8"))
    assert told["money"] is None and "no trade data" in told["null_reasons"]["money"]


def test_prints_and_draws_in_a_browser(folder, tmp_path):
    import shutil
    import subprocess

    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no browser here")
    target = tmp_path / "page.pdf"
    subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={target}",
         (folder / "report.html").as_uri()],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", target.read_bytes())
    wide = [float(w) > float(h) for w, h in boxes]
    assert 5 < len(boxes) < 60
    assert 0 < sum(wide) < len(wide)  # text and figures upright, the annex across


# ---------------------------------------------------------------------------- CSV, xlsx


def test_lines_csv_is_the_audit(audit, folder):
    found = rows(folder, "lines.csv")
    assert len(found) == len(audit.lines)
    for row, line in zip(found, View(audit).ordered, strict=True):
        assert row["cn"] == line.cn and row["verdict"] == line.verdict
        total = line.value.total
        assert row["total_t_per_t"] == ("" if total is None else str(total))
        if line.main is None:
            assert row["bias"] == "" and row["reason"]
        else:
            assert float(row["bias"]) == pytest.approx(line.main.bias.value, rel=1e-9)
            assert float(row["reference_t_per_t"]) == pytest.approx(line.main.reference.value)
            assert row["estimated"] == "; ".join(line.main.reference.assumed)


def test_references_costs_and_aggregates(audit, folder):
    found = rows(folder, "references.csv")
    singles = sum(len(x.comparisons) for x in audit.lines)
    assert sum(r["use"] == "merged" for r in found) == singles
    assert sum(r["use"] == "alongside" for r in found) == sum(len(x.alongside) for x in audit.lines)
    gaps = [r for r in found if r["use"] == "missing"]
    assert len(gaps) == sum(len(x.missing) for x in audit.lines) and all(r["reason"] for r in gaps)
    assert all(r["sources"] for r in found if r["use"] == "merged")
    costs = [r for r in rows(folder, "costs.csv") if r["basis"] == "trade at hand"]
    assert [int(r["year"]) for r in costs] == list(range(2026, 2035))
    for r in costs:  # net = mark-up + bias + reference + what has no reference, to the cent
        parts = ("markup_eur", "bias_eur", "net_reference_eur", "net_without_reference_eur")
        assert sum(Decimal(r[p]) for p in parts) == Decimal(r["net_eur"])
        assert (r["price_eur"], r["price_period"]) == ("75.36", "2026-Q1")
        assert r["price_source"].startswith("European Commission") and r["lines"] == "2"
    groups = rows(folder, "aggregates.csv")
    assert len(groups) == len(audit.aggregates)
    assert int(groups[0]["lines"]) == len(View(audit).compared)


def test_text_that_looks_like_a_formula_stays_text(audit, folder):
    frame = cbam_frames.Frame("x", ("a",), (("=1+1",), ("@x",), ("-3",), (-3.5,), (None,)))
    told = list(csv.reader(io.StringIO(cbam_frames.written(frame))))
    assert [r[0] if r else "" for r in told[1:]] == ["'=1+1", "'@x", "'-3", "-3.5", ""]
    book = openpyxl.load_workbook(folder / "audit.xlsx")
    cell = next(c for r in book["assumptions"].iter_rows() for c in r if c.value == "=1+1 looks"
                " like a formula")  # fmt: skip
    assert cell.data_type == "s"
    assert not any(c.data_type == "f" for s in book for r in s.iter_rows() for c in r)


def test_workbook_holds_numbers_as_numbers_and_codes_as_text(audit, folder):
    book = openpyxl.load_workbook(folder / "audit.xlsx")
    assert book.sheetnames[0] == "header"
    assert {"lines", "references", "aggregates", "coherence", "costs", "sources", "assumptions",
            "missing"} <= set(book.sheetnames)  # fmt: skip
    for sheet in book:
        assert sheet.freeze_panes == "B2"
    sheet = book["lines"]
    head = [c.value for c in sheet[1]]
    cells = [dict(zip(head, r, strict=True)) for r in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(cells) == len(audit.lines)
    for cell, line in zip(cells, View(audit).ordered, strict=True):
        assert cell["cn"] == line.cn and isinstance(cell["cn"], str)
        if line.value.total is not None:
            assert isinstance(cell["total_t_per_t"], int | float)
            assert cell["total_t_per_t"] == pytest.approx(float(line.value.total), abs=1e-12)


# --------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize(("kind", "name"), [(Audit, "cbam_audit"), (AuditAll, "cbam_all")])
def test_schema_in_the_package_is_the_one_of_the_records(kind, name):
    text = (TEMPLATES / f"{name}.schema.json").read_text(encoding="utf-8")
    assert text == cbam_machine.schema_text(kind), (
        "make it again: python -m mriocarbon.report.cbam_machine [all]"
        f" > mriocarbon/report/templates/{name}.schema.json"
    )
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_json_is_valid_and_complete(audit, bare, folder):
    schema = json.loads((TEMPLATES / "cbam_audit.schema.json").read_text(encoding="utf-8"))
    for found, text in (
        (audit, (folder / "audit.json").read_text(encoding="utf-8")),
        (bare, cbam_machine.content(bare)),
    ):
        told = json.loads(text, parse_constant=lambda x: pytest.fail(f"{x} is no JSON"))
        jsonschema.validate(told, schema)
        assert len(told["lines"]) == len(found.lines)
        for line, own in zip(told["lines"], found.lines, strict=True):
            if own.value.total is not None:
                assert line["value"]["total"] == float(own.value.total)
            if own.main is None:
                assert line["main"] is None and line["null_reasons"]["main"]


def test_no_figure_is_null_without_a_reason():
    found = cbam_machine.plain(Interval(1.0, math.nan, math.inf, "one cluster only"))
    assert found["low"] is None and found["high"] is None
    assert found["null_reasons"] == {"low": "one cluster only", "high": "one cluster only"}
    assert cbam_machine.plain(Decimal("3.187")) == 3.187


# --------------------------------------------------------------------------- all, screen


def test_all_origins_side_by_side(tmp_path):
    found = factory.audit_all()
    written = cbam.write_all(found, tmp_path / "all")
    names = {p.relative_to(tmp_path / "all").as_posix() for p in written}
    assert names == {"report.html", "origins.csv", "variance_split.csv", "audit.json",
                     "audit.xlsx", *(f"origins/{k}.csv" for k in found.audits)}  # fmt: skip
    text = (tmp_path / "all" / "report.html").read_text(encoding="utf-8")
    Reader(text)
    for row in found.rows:
        assert row.origin.name in text and f'href="origins/{row.origin.iso3}.csv"' in text
    schema = json.loads((TEMPLATES / "cbam_all.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads((tmp_path / "all" / "audit.json").read_text("utf-8")), schema)
    lines = rows(tmp_path / "all" / "origins", "CHN.csv")
    assert len(lines) == len(found.audits["CHN"].lines)
    before = snapshot(tmp_path)
    cbam.write_all(found, tmp_path / "all")  # again, over itself
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_screen_fits_and_survives_a_poor_terminal(audit, bare, width, encoding):
    for found in (audit, bare):
        raw = io.BytesIO()
        file = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
        console = Console(file=file, width=width, force_terminal=False)
        cbam.terminal_audit(found, console)
        file.flush()
        text = raw.getvalue().decode(encoding)
        assert max(map(len, text.splitlines())) <= width
        assert (found.origin.name in text and "By sector" in text) or found is bare
    cbam.terminal_all(factory.audit_all(["CHN"]), Console(file=io.StringIO(), width=width))


def test_codes_are_named_in_short(audit):
    lines = [x for x in audit.lines if x.cn.startswith("7217")]
    assert codes(lines).startswith("7217 ") and codes(lines).count("7217") == 1
    route = f" ({lines[0].value.route})" if len({x.value.route for x in lines}) == 1 else ""
    assert codes(lines, 1).endswith(f"and {len(lines) - 1} more{route}")
    assert set(VERDICTS) >= {x.verdict for x in audit.lines} - {"no default value"}


def test_default_value_and_obligation_on_the_screen():
    file = io.StringIO()
    console = Console(file=file, width=100)
    cbam.terminal_default(default_value("7208", origin="CHN", year=2026), console)
    cbam.terminal_default(default_value("7208", origin="CHN", vintage="2023", year=2025), console)
    text = file.getvalue()
    assert "3.187" in text and "3.506" in text and "10\u00a0%" in text and "2025/2621" in text
    found = obligation("7208", 100, origin="CHN", year=2026, price="75.36")
    cbam.terminal_obligation(found, console)
    text = file.getvalue()[len(text) :]
    assert "350.6" in text and "certificates" in text and "75.36" in text
