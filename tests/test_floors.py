"""The floors of DESIGN.md: what may import what; and what no committed file may hold.

The imports are read from the syntax tree, so imports inside functions and under
``TYPE_CHECKING`` count as well.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mriocarbon"
MAX_LINES = 600
HELD_SHORT = {"mriocarbon", "tests", "scripts", "validation", "benchmarks"}

FLOORS = (
    ("errors", "config", "embedded"),
    ("model",),
    ("solve", "io", "compute"),
    ("build", "accounts", "datasets"),
    ("structure", "uncertainty"),
    ("inventory", "natural", "industry"),
    ("lca", "cbam"),
    ("avoided",),
    ("studies", "atlas"),
    ("report",),
    ("api",),
    ("tools",),
    ("agents", "service"),
    ("cli",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS, start=1) for room in rooms}
# `mriocarbon` itself is the face of api. Its version is a literal with nothing behind it,
# so every floor may read that one name.
FACE = "api"
FREE_NAMES = {"__version__"}


def room_of(module: str) -> str:
    """The top-level module below the package; '' for the package itself."""
    return (module.split(".") + [""])[1]


def imported_modules(
    tree: ast.AST, module: str, is_package: bool, root: str = "mriocarbon"
) -> Iterator[tuple[int, str]]:
    """Line and full name of every module of the package that a syntax tree imports."""
    own_package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = own_package.split(".")
                parts = parts[: len(parts) - node.level + 1]
                base = ".".join([*parts, base] if base else parts)
            if base == root:
                # `from mriocarbon import model`: the names may be modules
                for alias in node.names:
                    if alias.name in FLOOR:
                        names.append(f"{root}.{alias.name}")
                    elif alias.name not in FREE_NAMES:
                        names.append(root)
            else:
                names = [base]
        elif isinstance(node, ast.Call) and node.args:
            # importlib.import_module("mriocarbon.x") and __import__("mriocarbon.x")
            function = node.func
            name = getattr(function, "attr", getattr(function, "id", ""))
            first = node.args[0]
            if (
                name in {"import_module", "__import__"}
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                target = first.value
                if target.startswith("."):
                    level = len(target) - len(target.lstrip("."))
                    parts = own_package.split(".")
                    target = ".".join([*parts[: len(parts) - level + 1], target.lstrip(".")])
                names = [target]
        for name in names:
            if name == root or name.startswith(root + "."):
                yield node.lineno, name


def violations(source: str, module: str, is_package: bool = False) -> list[str]:
    """What one module of the package imports against the floors, one sentence each."""
    found = []
    own = room_of(module)
    if own and own not in FLOOR:
        return [f"{module}: '{own}' stands on no floor; add it to DESIGN.md and to FLOORS here"]
    for line, target in imported_modules(ast.parse(source), module, is_package):
        room = room_of(target)
        where = f"{module}:{line} imports {target}"
        if not own:
            if room != FACE:
                found.append(f"{where}: mriocarbon/__init__.py imports api and nothing else")
        elif room == own:
            continue
        elif not room:
            if FLOOR[own] <= FLOOR[FACE]:
                found.append(f"{where}: the package's face is api, above floor {FLOOR[own]}")
        elif room not in FLOOR:
            found.append(f"{where}: '{room}' stands on no floor")
        elif FLOOR[room] == FLOOR[own]:
            found.append(f"{where}: neighbours on floor {FLOOR[own]} never import one another")
        elif FLOOR[room] > FLOOR[own]:
            found.append(f"{where}: floor {FLOOR[own]} imports floor {FLOOR[room]} above it")
    return found


def module_name(path: Path) -> tuple[str, bool]:
    """Dotted name of a source file, and whether it is a package's __init__."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[-1] == "__init__":
        return ".".join(parts[:-1]), True
    return ".".join(parts), False


def package_sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_package_keeps_the_floors():
    sources = package_sources()
    assert sources, "no source files found: the check would be empty"
    broken = []
    for path in sources:
        module, is_package = module_name(path)
        broken += violations(path.read_text(encoding="utf-8"), module, is_package)
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize(
    ("module", "source", "says"),
    [
        ("mriocarbon.model.table", "from mriocarbon.solve import direct", "floor 2 imports floor"),
        ("mriocarbon.model.table", "def f():\n    import mriocarbon.io.store", "floor 3 above"),
        ("mriocarbon.solve.direct", "from ..io import store", "neighbours on floor 3"),
        ("mriocarbon.solve.direct", "from .. import io", "neighbours on floor 3"),
        ("mriocarbon.errors", "from .config import settings", "neighbours on floor 1"),
        ("mriocarbon.report.write", "import mriocarbon", "the package's face is api"),
        ("mriocarbon.report.write", "from mriocarbon import load", "the package's face is api"),
        ("mriocarbon.api", "import mriocarbon", "the package's face is api"),
        ("mriocarbon.helpers", "import os", "stands on no floor"),
        ("mriocarbon.api", "from mriocarbon.helpers import x", "stands on no floor"),
        (
            "mriocarbon.model.table",
            "if TYPE_CHECKING:\n    from mriocarbon.api import load",
            "floor 11",
        ),
        (
            "mriocarbon.io.store",
            "import importlib\nimportlib.import_module('mriocarbon.cli')",
            "floor 14",
        ),
        ("mriocarbon.accounts.base", "__import__('mriocarbon.build.checks')", "neighbours"),
    ],
)
def test_checker_sees_a_violation(module, source, says):
    found = violations(source, module)
    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize("source", ["from .errors import E", "from mriocarbon import model"])
def test_checker_sees_more_than_api_in_the_face(source):
    found = violations(source, "mriocarbon", is_package=True)
    assert len(found) == 1
    assert "imports api and nothing else" in found[0]


@pytest.mark.parametrize(
    ("module", "is_package", "source"),
    [
        ("mriocarbon", True, "def __getattr__(n):\n    from . import api"),
        ("mriocarbon", True, "import importlib\nimportlib.import_module('mriocarbon.api')"),
        ("mriocarbon.model", True, "from .table import MRIO\nfrom ..errors import E"),
        ("mriocarbon.solve.direct", False, "from .system import x\nfrom ..model import MRIO"),
        ("mriocarbon.model.provenance", False, "from mriocarbon import __version__"),
        ("mriocarbon.cli", False, "import mriocarbon as mc\nfrom mriocarbon import report"),
        ("mriocarbon.api", False, "import mriocarbonate\nimport scipy.io"),
    ],
)
def test_checker_lets_good_imports_pass(module, is_package, source):
    assert violations(source, module, is_package) == []


def test_no_module_grows_too_long():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in project_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in HELD_SHORT
    }
    assert {Path(name).parts[0] for name in lengths} == HELD_SHORT, "a folder was not looked at"
    too_long = {path: lines for path, lines in lengths.items() if lines > MAX_LINES}
    assert not too_long, f"more than {MAX_LINES} lines: {too_long}"


def project_files() -> list[Path]:
    """What git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return [path for path in (ROOT / name for name in names) if path.is_file()]


# A path at the start of a word, so that the paths inside web addresses do not count. Put
# together from pieces, so that this file does not find itself.
_HOMES = "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers"])
_HOSTS = "|".join(
    [
        r"pypi\." + "org",
        r"python" + r"hosted\.org",
        r"npm" + r"js\.org",
        r"deb\.debian\." + "org",
        r"ana" + r"conda\.org",
        "--(?:extra-)?index" + "-url",
        "--find" + "-links",
    ]
)
FORBIDDEN = {
    "absolute path of a machine": re.compile(rf"(?<![\w.:/~$}})>-])/(?:{_HOMES})/\w"),
    "package registry": re.compile(_HOSTS),
}


def forbidden(text: str) -> list[str]:
    return [
        f"line {number}: {what}: {line.strip()[:100]}"
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def test_no_machine_path_and_no_registry_host():
    found = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # arrays and pictures
        found += [f"{path.relative_to(ROOT)}: {hit}" for hit in forbidden(text)]
    assert not found, "\n" + "\n".join(found)


def test_search_for_machine_paths_finds_them():
    assert forbidden("open('/wo" + "rk/data/x.csv')")
    assert forbidden("DATA=/ho" + "me/someone/data")
    assert forbidden("--index" + "-url x")
    assert not forbidden("https://unfccc.int/ho" + "me/page and /tmp/x and src/wo" + "rk/x")


def test_no_folder_of_tests_is_passed_over(pytestconfig):
    """A folder by a name that pytest skips, such as `build`, would go untested in silence."""
    skipped = pytestconfig.getini("norecursedirs")
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    names = {part for folder in folders for part in folder.relative_to(ROOT).parts}
    assert "build" in names
    assert not [name for name in names for mark in skipped if fnmatch(name, mark)]


def private_taken(source: str, module: str, is_package: bool = False) -> list[str]:
    """Private names of other modules that a module takes, by import or through the module."""
    own = module if is_package else module.rpartition(".")[0]
    tree = ast.parse(source)
    taken, known = [], {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = own.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], base]).rstrip(".")
            if base.split(".")[0] != "mriocarbon":
                continue
            for alias in node.names:
                known[alias.asname or alias.name] = f"{base}.{alias.name}"
                if re.match(r"_[^_]", alias.name):
                    taken.append(f"{module}:{node.lineno} takes {base}.{alias.name}")
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and re.match(r"_[^_]", node.attr)
            and (PACKAGE.parent / f"{known.get(node.value.id, '').replace('.', '/')}.py").is_file()
        ):
            taken.append(f"{module}:{node.lineno} takes {known[node.value.id]}.{node.attr}")
    return taken


def test_what_is_private_stays_in_its_module():
    taken = []
    for path in package_sources():
        module, is_package = module_name(path)
        taken += private_taken(path.read_text(encoding="utf-8"), module, is_package)
    assert not taken, "\n" + "\n".join(taken)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from mriocarbon.report.figures import _patch", 1),
        ("from .figures import _patch", 1),
        ("from mriocarbon.report import figures as f\nf._patch()", 1),
        ("from mriocarbon.report import figures as f\nf.patch()\nf.__doc__", 0),
        ("from os import _exit\nfrom mriocarbon import __version__", 0),
        ("from mriocarbon.report.page import environment\nenvironment()._private", 0),
    ],
)
def test_checker_sees_what_is_private(source, found):
    assert len(private_taken(source, "mriocarbon.report.page")) == found
