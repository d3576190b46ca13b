"""Mutation testing of what every number goes through: how many small changes the tests notice.

Run as ``make mutants``. mutmut changes the code in one place at a time (an operator, a number, a
text, an argument) and runs the tests that reach it; a change that no test notices survives. This
runs mutmut as pyproject.toml has it, and writes what came of it to docs/mutation.md, with every
survivor. A timeout counts as killed: the change was noticed. A mutant that no test reaches does
not, nor does a crash. Below the floor, or before every mutant was tested, the exit status is 1.

The page holds a digest of the code that was tested. ``python -m scripts.mutants --mark`` says on it
which files have changed since, in no time; a test asks for that.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import io
import json
import os
import platform
import re
import subprocess
import sys
import time
import tokenize
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

FLOOR = 85.0
AREAS = {
    "mriocarbon/accounts": "mriocarbon/accounts/",
    "mriocarbon/cbam/obligation.py": "mriocarbon/cbam/obligation.py",
}
RESULTS = Path("mutants")
REASONS = Path("scripts/mutants.toml")
REPORT = Path("docs/mutation.md")
KILLED = ("killed", "timeout")
UNTESTED = ("not checked", "check was interrupted by user")
COLUMNS = ("killed", "timeout", "survived", "no tests")
AS_TESTED = "All files stand as they were tested."
CHANGED = "**Changed since, so that the figures are of an earlier state:** "
# mutmut's worker ends so where pytest could not run at all; mutmut calls it a timeout.
BROKEN = 255
# One thread each; no plugin that the tests do not need: pytest starts once for every mutant.
QUIET = {
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}


@dataclass(frozen=True)
class Mutant:
    """One changed place.

    Attributes
    ----------
    name : str
        As mutmut calls it: ``mutmut show NAME``.
    path : str
        The file, from the root of the repository.
    status : str
        One of mutmut's words, such as "killed".
    """

    name: str
    path: str
    status: str

    @property
    def function(self) -> str:
        """The function, with its class.

        Examples
        --------
        >>> Mutant("a.b.xǁRoomǁshare__mutmut_3", "a/b.py", "killed").function
        'Room.share'
        >>> Mutant("a.b.x_rooms__mutmut_12", "a/b.py", "killed").function
        'rooms'
        """
        last = self.name.rpartition("__mutmut_")[0].rpartition(".")[2]
        return last[2:].replace("ǁ", ".") if last.startswith("xǁ") else last.removeprefix("x_")


@dataclass(frozen=True)
class Change:
    """What a mutant changed: the line, and its text before and after (empty: left out)."""

    line: int
    old: str
    new: str


@dataclass(frozen=True)
class Reason:
    """Why a survivor stays: it is equivalent, or tells nothing a user reads."""

    path: str
    function: str
    new: str
    why: str


def read_mutants(folder: Path) -> tuple[Mutant, ...]:
    """Return all mutants of a run of mutmut, by file and in its own order.

    Raises
    ------
    ValueError
        There are none.
    """
    found = []
    for meta in sorted(folder.glob("mriocarbon/**/*.py.meta")):
        path = meta.relative_to(folder).as_posix().removesuffix(".meta")
        told = json.loads(meta.read_text("utf-8"))
        found += [
            Mutant(name, path, "broken" if code == BROKEN else status_by_exit_code[code])
            for name, code in told["exit_code_by_key"].items()
        ]
    if not found:
        raise ValueError(f"no mutants in {folder}: run make mutants")
    return tuple(found)


def digest(source: str) -> str:
    """Twelve digits of a file's code: the same where only docstrings, comments or blanks differ.

    Examples
    --------
    >>> digest("def f():\\n    return 1\\n") == digest("def f():\\n    'One.'\\n    return 1  \\n")
    True
    >>> digest("def f():\\n    return 1\\n") == digest("def f():\\n    return 2\\n")
    False
    """
    text = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text[token.start[0] - 1] = text[token.start[0] - 1][: token.start[1]]
    lines = [line.encode() for line in text]  # ast counts bytes
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            said = node.body[0]
            first, last = said.lineno - 1, (said.end_lineno or said.lineno) - 1
            rest = lines[first][: said.col_offset] + lines[last][said.end_col_offset :]
            lines[first : last + 1] = [rest] + [b""] * (last - first)
    code = [line.rstrip() for line in lines if line.strip()]
    return hashlib.sha256(b"\n".join(code)).hexdigest()[:12]


def digests(root: Path = Path()) -> dict[str, str]:
    """Return the digest of each file that is changed by mutmut and has any code of its own."""
    paths = sorted(p for start in AREAS.values() for p in _files(root / start))
    return {p.relative_to(root).as_posix(): digest(p.read_text("utf-8")) for p in paths}


def _files(path: Path) -> list[Path]:
    return [path] if path.suffix == ".py" else sorted(path.glob("**/*.py"))


def marked(page: str, now: Mapping[str, str]) -> str:
    """Return the page with the word whether the code is still the one that was tested.

    Parameters
    ----------
    page : str
        As `report` writes it.
    now : mapping of path to digest
        Of the code as it is.

    Raises
    ------
    ValueError
        The page has no digests, or no place for the word.
    """
    then = dict(re.findall(r"^- `(\S+)`: `([0-9a-f]{12})`$", page, re.MULTILINE))
    word = re.compile(f"^(?:{re.escape(AS_TESTED)}|{re.escape(CHANGED)}.*)$", re.MULTILINE)
    if not then or len(word.findall(page)) != 1:
        raise ValueError(f"{REPORT} does not say what code was tested: run make mutants")
    other = [path for path in sorted({*then, *now}) if then.get(path) != now.get(path)]
    told = CHANGED + ", ".join(f"`{path}`" for path in other) + "." if other else AS_TESTED
    return word.sub(lambda _: told, page)


def unfinished(mutants: Sequence[Mutant]) -> int:
    """How many have not been tested."""
    return sum(m.status in UNTESTED for m in mutants)


def share(mutants: Sequence[Mutant]) -> float:
    """Per cent killed of all that were tested, those that no test reaches among them.

    Examples
    --------
    >>> words = ("killed", "timeout", "survived", "no tests")
    >>> share([Mutant("m", "a.py", word) for word in words])
    50.0
    """
    return (
        100 * sum(m.status in KILLED for m in mutants) / (len(mutants) - unfinished(mutants) or 1)
    )


def change(diff: str, source: str, function: str) -> Change:
    """Find what a diff of one function changed, and where that stands in the file.

    Examples
    --------
    >>> source = "import os\\n\\n\\ndef f(a):\\n    b = a + 1\\n    return b\\n"
    >>> diff = "@@ -1,3 +1,3 @@\\n def f(a):\\n-    b = a + 1\\n+    b = a - 1"
    >>> change(diff, source, "f")
    Change(line=5, old='b = a + 1', new='b = a - 1')
    """
    lines = diff.splitlines()
    hunk = next(k for k, line in enumerate(lines) if line.startswith("@@"))
    body = lines[hunk + 1 :]
    old = [line[1:].strip() for line in body if line.startswith("-")]
    new = [line[1:].strip() for line in body if line.startswith("+")]
    first = next(k for k, line in enumerate(body) if line[0:1] in "-+" and line)
    head = re.match(r"@@ -(\d+)", lines[hunk])
    at = int(head.group(1)) if head else 1
    start, end = _span(source, function)
    guess = start + at + first - 1
    # The same text may stand in the function twice: the one nearest to where the diff has it.
    places = [
        k for k, text in enumerate(source.splitlines()[start - 1 : end], start)
        if old and text.strip() == old[0]
    ]  # fmt: skip
    line = min(places, key=lambda k: abs(k - guess), default=guess)
    return Change(line, " ".join(old), " ".join(new))


def _span(source: str, function: str) -> tuple[int, int]:
    """First and last line of a function, or of a method ``Class.method``."""
    nodes: list[ast.stmt] = ast.parse(source).body
    *classes, name = function.split(".")
    for one in classes:
        nodes = next(n.body for n in nodes if isinstance(n, ast.ClassDef) and n.name == one)
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return node.lineno, node.end_lineno or node.lineno
    raise ValueError(f"no function {function} in the file: the mutants are of another state of it")


def read_reasons(text: str) -> tuple[Reason, ...]:
    """Read what is known of survivors: tables ``[[survivor]]`` of file, function, new, why."""
    return tuple(
        Reason(one["file"], one["function"], one["new"], one["why"])
        for one in tomllib.loads(text).get("survivor", [])
    )


def report(
    mutants: Sequence[Mutant],
    changes: Mapping[str, Change],
    reasons: Sequence[Reason],
    *,
    command: str,
    seconds: float,
    code: Mapping[str, str],
) -> str:
    """Return the page: figures by file, then every mutant that was not killed.

    Parameters
    ----------
    mutants : sequence of Mutant
    changes : mapping of a mutant's name to Change
        Of all that were not killed.
    reasons : sequence of Reason
    command : str
        That made the run, with its settings.
    seconds : float
        That it took.
    code : mapping of path to digest
        Of the code that was tested.
    """
    rows = [_row(path, [m for m in mutants if m.path == path]) for path in _paths(mutants)]
    areas = [_row(f"**{name}**", _of(mutants, start)) for name, start in AREAS.items()]
    head = (
        "| file | share killed | mutants | killed | timeout | survived | no tests | broken |"
        " not tested |"
    )
    left = unfinished(mutants)
    parts = [
        "# Mutation testing",
        "How many small changes to the code the tests notice: an operator, a number, a text, an\n"
        "argument is changed in one place, and the tests that reach it are run. Written by\n"
        "`make mutants`, which fails where less than "
        f"{FLOOR:.0f} % of either part are killed.\nTimeouts count as killed, mutants that no test"
        " reaches and crashes do not.",
        f"`{command}`: {seconds:,.0f} seconds; mutmut {version('mutmut')},"
        f" pytest {version('pytest')}, Python {platform.python_version()}.",
        AS_TESTED,
    ]
    if left:
        parts.append(
            f"**Unfinished: {left:,} of {len(mutants):,} mutants were not tested.** Shares are of"
            " those that were."
        )
    parts += [
        "\n".join([head, "|---|" + "---:|" * 8, *areas, *rows]),
        "## Survivors",
        "One line each: the line of the file, the function, its text before and after. A word"
        "\nfollows where somebody looked at it; all others were not looked at.",
    ]
    for path in _paths(mutants):
        alive = [m for m in mutants if m.path == path and m.name in changes]
        if alive:
            lines = [_line(m, changes[m.name], reasons) for m in alive]
            parts += [f"### {path}", "\n".join(["```text", *lines, "```"])]
    parts += [
        "## What was tested",
        "The first twelve digits of the SHA-256 of each file, without docstrings, comments and\n"
        "empty lines."
        " `python -m scripts.mutants --mark` compares them with the files as they are. Tests\n"
        "may have changed: they are not compared.",
        "\n".join(f"- `{path}`: `{code[path]}`" for path in sorted(code)),
    ]
    return "\n\n".join(parts) + "\n"


def _paths(mutants: Sequence[Mutant]) -> list[str]:
    return list(dict.fromkeys(m.path for m in mutants))


def _of(mutants: Sequence[Mutant], start: str) -> list[Mutant]:
    return [m for m in mutants if m.path.startswith(start)]


def _row(name: str, mutants: Sequence[Mutant]) -> str:
    counts = [sum(m.status == word for m in mutants) for word in COLUMNS]
    left = unfinished(mutants)
    cells = [len(mutants), *counts, len(mutants) - sum(counts) - left, left]
    told = f"{share(mutants):.1f} %" if len(mutants) > left else "-"
    return f"| {name} | {told} | " + " | ".join(f"{n:,}" for n in cells) + " |"


def _line(mutant: Mutant, what: Change, reasons: Sequence[Reason]) -> str:
    why = next((f"  # {r.why}" for r in reasons if fits(r, mutant, what)), "")
    told = f"{what.line} {mutant.function}: {what.old}  ->  {what.new or '(left out)'}"
    if mutant.status != "survived":
        told += f"  [{mutant.status}]"
    return told + why


def fits(reason: Reason, mutant: Mutant, what: Change) -> bool:
    """Whether a reason is one of this survivor."""
    return (reason.path, reason.function, reason.new) == (mutant.path, mutant.function, what.new)


def below(mutants: Sequence[Mutant]) -> list[str]:
    """Say which parts miss the floor, or were not tested at all."""
    found = []
    for name, start in AREAS.items():
        part = _of(mutants, start)
        if not part:
            found.append(f"{name}: no mutants")
        elif share(part) < FLOOR:
            found.append(f"{name}: {share(part):.2f} % killed, asked {FLOOR:.0f} %")
    return found


def changes_of(
    mutants: Sequence[Mutant], diff: Callable[[str, str], str], root: Path = Path()
) -> dict[str, Change]:
    """Return what each mutant changed that was tested and not killed."""
    sources = {path: (root / path).read_text("utf-8") for path in _paths(mutants)}
    return {
        m.name: change(diff(m.name, m.path), sources[m.path], m.function)
        for m in mutants
        if m.status not in KILLED and not unfinished([m])
    }


def _seconds() -> float:
    """What all runs into this folder took: one that was broken off goes on where it was."""
    path = RESULTS / "seconds.json"
    return float(json.loads(path.read_text("utf-8"))) if path.exists() else 0.0


def _known() -> dict[str, str]:
    """Digests of what was tested into this folder; none before the first run."""
    path = RESULTS / "code.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def _tested(
    mutants: Sequence[Mutant], code: dict[str, str], names: Sequence[str]
) -> dict[str, str]:
    """Digests of what is tested now: a later run counts for a file only if it ran all of it.

    mutmut goes on where it was, and tests a changed function again, but not those beside it.
    """
    known = _known()
    again = [
        path for path in code
        if names and all(any(fnmatch(m.name, n) for n in names) for m in mutants if m.path == path)
    ]  # fmt: skip
    return known | {path: code[path] for path in again} if known else code


def _mark() -> int:
    """Write on the page whether the code has changed since; 0 if the page can say so."""
    try:
        page = marked(REPORT.read_text("utf-8"), digests())
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    REPORT.write_text(page, "utf-8")
    print(next(line for line in page.splitlines() if line.startswith((AS_TESTED, CHANGED))))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mutmut, write the report; 1 where a part is below the floor or the run unfinished."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--children", type=int, default=2, help="processes at once")
    parser.add_argument("--report-only", action="store_true", help="of the run in mutants/")
    parser.add_argument("--mark", action="store_true", help="say which files changed since")
    parser.add_argument("names", nargs="*", help="test these mutants again (wildcards)")
    given = parser.parse_args(arguments)
    if given.mark:
        return _mark()
    if not given.report_only:
        code = digests()
        program = Path(sys.executable).with_name("mutmut")
        command = [str(program), "run", "--max-children", str(given.children), *given.names]
        start = time.monotonic()
        ended = subprocess.run(command, env=os.environ | QUIET, check=False).returncode
        taken = _seconds() + time.monotonic() - start
        (RESULTS / "seconds.json").write_text(json.dumps(taken), "utf-8")
        if ended:
            print("error: mutmut did not come to its end; what it says is above", file=sys.stderr)
            return 1
    mutants = read_mutants(RESULTS)
    if not given.report_only:
        tested = _tested(mutants, code, given.names)
        (RESULTS / "code.json").write_text(json.dumps(tested), "utf-8")
    elif not (tested := _known()):
        print(f"error: {RESULTS} does not say what was tested: run make mutants", file=sys.stderr)
        return 1
    reasons = read_reasons(REASONS.read_text("utf-8"))
    changes = changes_of(mutants, lambda name, path: get_diff_for_mutant(name, path=path))
    page = report(
        mutants, changes, reasons, command="make mutants", seconds=_seconds(), code=tested
    )
    REPORT.write_text(marked(page, digests()), "utf-8")
    print(f"mutants: {REPORT}")
    missing = below(mutants)
    if left := unfinished(mutants):
        missing.append(f"{left} of {len(mutants)} mutants were not tested: run make mutants again")
    looked = [(m, changes[m.name]) for m in mutants if m.name in changes]
    missing += [
        f"{REASONS}: no such survivor any more, remove it: {r.path} {r.function}: {r.new}"
        for r in reasons
        if not any(fits(r, m, what) for m, what in looked)
    ]
    for text in missing:
        print(text, file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
