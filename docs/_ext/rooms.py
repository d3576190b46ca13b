"""Pages of the reference: a block ```{room} mriocarbon``` with names becomes their docstrings.

A block without names takes the module's `__all__`. The page lists the names in a table first, then
each in full: functions, classes with their methods, constants. Links to files of the repository
that are no pages become the path that they name.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Sized
from functools import cache
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx import addnodes

LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\n]+)\]\((?P<path>\.\.?/[^)#\s]+)(?:#[^)\s]*)?\)")
ROOM = re.compile(r"^```\{room\} (?P<module>[\w.]+)\n(?P<names>[\w\s]*?)```$", re.M)


def names(module: str, listed: str) -> list[str]:
    """Return what a block names, or all that its module is for."""
    return listed.split() or list(importlib.import_module(module).__all__)


def entry(place: str, thing: Any) -> list[str]:
    """Return the lines that ask autodoc for a thing; a constant is told by its value."""
    if inspect.isclass(thing):
        return [f".. autoclass:: {place}", "   :members:"]
    if callable(thing):
        return [f".. autofunction:: {place}"]
    if isinstance(thing, Sized) and not isinstance(thing, str):
        names = [str(one) for one in thing]  # of a mapping, its keys
        told = f"A {type(thing).__name__} of {len(names)}: {', '.join(names)}."
    else:
        told = f"``{thing!r}``"
    return [f".. py:data:: {place}", "", f"   {told}"]


def written(module: str, listed: str) -> str:
    """Return a block as reStructuredText within MyST."""
    home = importlib.import_module(module)
    things = {name: getattr(home, name) for name in names(module, listed)}
    things = {name: one for name, one in things.items() if not isinstance(one, ModuleType)}
    lines = ["```{eval-rst}", ".. autosummary::", "   :nosignatures:", ""]
    lines += [f"   ~{module}.{name}" for name, one in things.items() if callable(one)]
    for name, thing in things.items():
        lines += ["", *entry(f"{module}.{name}", thing)]
    return "\n".join([*lines, "```"])


def inside(text: str, folder: str, root: str) -> str:
    """Return a page in which links that leave the documentation are paths, told as code."""

    def told(found: re.Match[str]) -> str:
        path = os.path.normpath(os.path.join(folder, found["path"]))
        if path.startswith(root + os.sep):
            return found[0]
        return f"{found['text']} (`{os.path.relpath(path, os.path.dirname(root))}`)"

    return LINK.sub(told, text)


def expand(app: Any, page: str, source: list[str]) -> None:
    """Make a page what MyST reads, before it is parsed."""
    text = ROOM.sub(lambda found: written(found["module"], found["names"]), source[0])
    root = str(app.srcdir)
    source[0] = inside(text, os.path.join(root, os.path.dirname(page)), root)


def told_whole(
    _app: Any, what: str, _name: str, _thing: Any, _options: Any, lines: list[str]
) -> None:
    """Join the first line of a property: napoleon takes what stands before a colon as a type."""
    kinds = [line for line in lines if line.startswith(":type: ")]
    if what == "property" and kinds:
        lines.remove(kinds[0])
        first = next(k for k, line in enumerate(lines) if line)
        lines[first] = f"{kinds[0].removeprefix(':type: ')}: {lines[first]}"


def together(
    _app: Any, _what: str, _name: str, _thing: Any, _options: Any, lines: list[str]
) -> None:
    """Tell once what napoleon repeats: of ``draws, seed : int`` each gets the same description."""
    fields: list[tuple[list[str], list[str]]] = []  # names and what is told of them
    out: list[str] = []
    for line in [*lines, "end"]:
        start = re.match(r":param ([^:]+): ?(.*)", line)
        if start:
            fields.append(([start[1]], [start[2]]))
        elif fields and (not line or line.startswith((" ", ":type "))):
            fields[-1][1].append(line)
        else:
            out += [*merged(fields), line]
            fields = []
    lines[:] = out[:-1]


def merged(fields: list[tuple[list[str], list[str]]]) -> list[str]:
    """Return the lines of parameters, those in a row that are told alike as one."""
    alike: list[tuple[list[str], list[str]]] = []
    for names, (first, *more) in fields:
        kinds = [line.partition(": ")[2] for line in more if line.startswith(":type ")]
        text = textwrap.dedent("\n".join(line for line in more if not line.startswith(":type ")))
        told = [kinds[0] if kinds else "", first, *text.rstrip().splitlines()]
        if alike and told == alike[-1][1] and first:
            alike[-1][0].extend(names)
        else:
            alike.append((list(names), told))
    lines = []
    for names, (kind, first, *more) in alike:
        name = ",\u200b".join(names)  # a space would make the first word a type
        lines += [f":param {name}: {first}", *(f"    {line}" if line else "" for line in more)]
        lines += [f":type {name}: {kind}"] if kind else []
    return [*lines, ""] if lines else []


@cache
def shared_names() -> set[str]:
    """Return the names of classes that several rooms have, such as `Process`."""
    import mriocarbon as mc

    rooms = [getattr(mc, name) for name in mc.__all__]
    rooms = [mc, *(room for room in rooms if isinstance(room, ModuleType))]
    count = Counter(name for room in rooms for name in room.__all__)
    return {name for name, times in count.items() if times > 1}


def words_stay_words(_app: Any, tree: nodes.document) -> None:
    """Drop links of types that would lead astray.

    Of "ndarray, shape (n,)" no word is a class; a `Process` of another room is another one.
    """
    for link in list(tree.findall(addnodes.pending_xref)):
        if link.get("reftype") != "class":
            continue
        name, here = link["reftarget"], link.get("py:module") or ""
        own = getattr(sys.modules.get(here), "__all__", ())
        elsewhere = name in shared_names() and name not in own
        if name[:1].islower() or elsewhere:
            link.replace_self(link.children)


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", expand)
    app.connect("autodoc-process-docstring", told_whole, priority=900)  # after napoleon
    app.connect("autodoc-process-docstring", together, priority=900)  # after napoleon
    app.connect("doctree-read", words_stay_words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
