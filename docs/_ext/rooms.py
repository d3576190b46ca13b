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
from collections.abc import Sized
from types import ModuleType
from typing import Any

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


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", expand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
