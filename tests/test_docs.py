"""The pages: their Python runs, their commands and links exist, no name and no page is left out."""

import importlib
import re
import shlex
import warnings
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

import mriocarbon as mc
from mriocarbon.errors import MriocarbonWarning

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ROOTS = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
PAGES = [*ROOTS, *sorted(DOCS.rglob("*.md"))]
# the one is run by docs/gallery.py, the other reads a report that has to be written first
ELSEWHERE = {"gallery.md", "adjustments-2022-json.md"}
RUN = [
    page
    for page in PAGES[len(ROOTS) :]
    if "\n```python\n" in page.read_text(encoding="utf-8") and page.name not in ELSEWHERE
]
NEEDS_DATA = "<!-- needs data -->"
BLOCK = re.compile(
    rf"^(?P<mark>{NEEDS_DATA}\s*\n)?```(?P<kind>python|sh)\n(?P<code>.*?)^```", re.M | re.S
)


def blocks(text: str, kind: str) -> list[tuple[bool, str, int]]:
    """Return (needs data, code, first line) of every block of a kind."""
    return [
        (m["mark"] is not None, m["code"], text.count("\n", 0, m.start("code")))
        for m in BLOCK.finditer(text)
        if m["kind"] == kind
    ]


def run(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, *, marked: bool) -> None:
    """Run the blocks of a page in a row, those that need data or the others.

    Later blocks use what earlier ones made; those that need data stand on their own.
    """
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MRIOCARBON_CACHE", str(folder / "cache"))
    space: dict[str, object] = {"__name__": "page"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        for needs_data, code, line in blocks(page.read_text(encoding="utf-8"), "python"):
            if needs_data == marked:
                exec(compile("\n" * line + code, str(page), "exec"), space)


def test_blocks_are_found():
    text = f"a\n```python\nx = 1\n```\n{NEEDS_DATA}\n```python\ny = 2\n```\n```sh\nls\n```\n"
    assert blocks(text, "python") == [(False, "x = 1\n", 2), (True, "y = 2\n", 6)]
    assert blocks(text, "sh") == [(False, "ls\n", 9)]
    assert {"read.md", "build.md", "write-a-reader.md", "index.md"} <= {page.name for page in RUN}


def indented(text: str) -> list[str]:
    """Return the lines of blocks that are code by indentation alone, which nothing here runs."""
    found: list[str] = []
    fenced, before = False, ""
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and line.startswith(("    ", "\t")) and (not before or before in found):
            found.append(line)
        before = line
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_is_fenced_so_that_it_is_run(page):
    code = re.compile(r"\bmc\.|import mriocarbon|from mriocarbon")
    assert [one for one in indented(page.read_text("utf-8")) if code.search(one)] == []


def test_indented_blocks_are_seen():
    assert indented("a\n\n    mc.x\n    mc.y\n\n```\n\n    mc.z\n```\n- b\n    c\n") == [
        "    mc.x", "    mc.y"
    ]  # fmt: skip


SLOW = ("serve-api", "cluster")  # each starts servers


@pytest.mark.parametrize(
    "page",
    [pytest.param(one, id=str(one.relative_to(DOCS)), marks=[pytest.mark.slow] * (one.stem in SLOW))
     for one in RUN],
)  # fmt: skip
def test_python_runs_without_the_data_folder(page, tmp_path, monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    run(page, tmp_path, monkeypatch, marked=False)


WITH_DATA = [page for page in RUN if NEEDS_DATA in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", WITH_DATA, ids=lambda page: page.stem)
def test_python_runs_with_the_data_folder(page, tmp_path, monkeypatch, data_folder):
    run(page, tmp_path, monkeypatch, marked=True)


COMMANDS = [
    command
    for page in PAGES
    for _, code, _ in blocks(page.read_text(encoding="utf-8"), "sh")
    for command in re.sub(r"\\\n\s*", "", code).splitlines()
    if command.startswith("mriocarbon ")
]


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_commands_and_their_options_exist(command):
    """Only looked up: most of them would need files or a network."""
    from typer.main import get_command

    from mriocarbon.cli.main import app

    words = shlex.split(command, comments=True)[1:]
    here = get_command(app)
    while hasattr(here, "commands"):
        if here.invoke_without_command and (not words or words[0].startswith("-")):
            break  # a group that is a command itself, such as `serve`
        assert words and words[0] in here.commands, command
        here = here.commands[words.pop(0)]
    known = {name for one in here.params for name in (*one.opts, *one.secondary_opts)}
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= known, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    gone = [k for k in links if "://" not in k and not (page.parent / k).exists()]
    assert not gone, gone


ROOM = re.compile(r"^```\{room\} ([\w.]+)\n([\w\s]*?)```$", re.M)


def documented() -> list[str]:
    """Full names of all that the reference documents, once for each time."""
    found = []
    for page in sorted((DOCS / "reference" / "api").glob("*.md")):
        for module, listed in ROOM.findall(page.read_text(encoding="utf-8")):
            room = importlib.import_module(module)
            found += [f"{module}.{name}" for name in listed.split() or room.__all__]
    return found


def test_each_public_name_is_on_exactly_one_page():
    import mriocarbon as mc

    count = Counter(documented())
    assert {name for name, times in count.items() if times > 1} == set()
    rooms = {name for name in mc.__all__ if isinstance(getattr(mc, name), ModuleType)}
    flat = {f"mriocarbon.{name}" for name in set(mc.__all__) - rooms}
    assert flat == {name for name in count if name.count(".") == 1}
    for room in rooms:
        wanted = {f"mriocarbon.{room}.{name}" for name in getattr(mc, room).__all__}
        assert wanted <= set(count), room


@cache
def told_things() -> list[object]:
    parted = (full.rpartition(".") for full in documented())
    return [getattr(importlib.import_module(place), name) for place, _, name in parted]


def is_told(thing: object) -> bool:
    """Whether the reference documents this very thing, under whatever name."""
    return any(one is thing for one in told_things())


def test_a_thing_that_no_page_of_the_reference_has_is_seen():
    from mriocarbon.model import Source
    from mriocarbon.model.arrays import matrix

    assert is_told(Source) and is_told(mc.Source) and not is_told(matrix)


IMPORTED = re.compile(r"^from (mriocarbon[\w.]*) import (.+)$", re.M)
HOW_TOS = sorted((DOCS / "how-to").glob("*.md"))


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: page.stem)
def test_what_a_how_to_imports_is_in_the_reference(page):
    """By the thing itself: `mriocarbon.model.Source` is `mc.Source`."""
    code = "\n".join(one for _, one, _ in blocks(page.read_text(encoding="utf-8"), "python"))
    lacking = []
    for place, names in IMPORTED.findall(code):
        for name in names.replace(" ", "").split(","):
            thing = getattr(importlib.import_module(place), name, None)
            used = [name]
            if thing is None or isinstance(thing, ModuleType):  # of a module, what is called
                place, thing = f"{place}.{name}", importlib.import_module(f"{place}.{name}")
                used = re.findall(rf"\b{name}\.(\w+)", code)
            home = importlib.import_module(place)
            lacking += [f"{place}.{one}" for one in used if not is_told(getattr(home, one))]
    assert not lacking, lacking


def test_each_page_stands_in_one_table_of_contents():
    listed: Counter[Path] = Counter()
    for page in PAGES[len(ROOTS) :]:
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text("utf-8"), re.S):
            for line in tree.splitlines():
                if line and not line.startswith(":"):
                    name = re.sub(r".*<(.*)>$", r"\1", line)
                    listed[(page.parent / f"{name}.md").resolve()] += 1
    pages = {page.resolve() for page in PAGES[len(ROOTS) :]} - {(DOCS / "index.md").resolve()}
    assert listed == dict.fromkeys(pages, 1)


def test_a_property_told_with_a_colon_is_told_whole(monkeypatch):
    """Napoleon alone makes a type of what stands before the colon."""
    from sphinx.ext.napoleon import NumpyDocstring

    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    rooms = importlib.import_module("rooms")
    docstring = ["All inputs, shape (n,): value added, taxes.", "", "More of it."]
    told = NumpyDocstring(docstring, what="property", name="m.x").lines()
    assert ":type: All inputs, shape (n,)" in told
    rooms.told_whole(None, "property", "", None, None, told)
    assert [line for line in told if line] == [docstring[0], "More of it."]
    typed = ["It.", ":type: int"]
    rooms.told_whole(None, "attribute", "", None, None, typed)
    assert typed == ["It.", ":type: int"]


def test_a_letter_with_an_accent_and_an_index_is_a_letter_with_an_index(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    made = importlib.import_module("mathml")

    def tags(tex: str) -> list[str]:
        return [e.tag.rpartition("}")[2] for e in ElementTree.fromstring(made.mathml(tex)).iter()]

    # the converter itself has munderover here: 1 stands below x, as below a sum
    assert tags(r"\hat x_1") == ["math", "msub", "mover", "mi", "mo", "mn"]
    assert tags(r"\tilde Z_{ij}")[1:4] == ["msub", "mover", "mi"]
    assert tags(r"\sum_i^n x") == ["math", "munderover", "mo", "mi", "mi", "mi"]
    assert 'accent="true"' not in made.mathml(r"\hat x^{-1}")
    # an entity that XML does not know, and the space that a name asks for
    assert '<mo rspace="0.1667em">\u2061</mo>' in made.mathml(r"\ln a")
    assert "<mo>\u2061</mo>" in made.mathml(r"\ln (a)")


def test_the_page_of_principles_names_the_reference_of_each():
    page = (DOCS / "methods" / "principles.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page.split("## References")[1], re.M))
    plain = {name: re.sub(r"\[(doi:[^\]]+)\]\([^)]+\)", r"\1", text) for name, text in told.items()}
    assert plain == {one.name: one.reference for one in mc.principles()}
