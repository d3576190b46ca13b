"""Pages of the reference: a block ```{room} mriocarbon``` with names becomes their docstrings.

A block without names takes the module's `__all__`. The page lists the names in a table first, then
each in full: functions, classes with their methods, constants.
"""

from __future__ import annotations

import importlib
import inspect
import re
from types import ModuleType
from typing import Any

ROOM = re.compile(r"^```\{room\} (?P<module>[\w.]+)\n(?P<names>[\w\s]*?)```$", re.M)


def names(module: str, listed: str) -> list[str]:
    """Return what a block names, or all that its module is for."""
    return listed.split() or list(importlib.import_module(module).__all__)


def directive(thing: Any) -> list[str]:
    """Return how autodoc is asked for a thing: the directive, and its options."""
    if inspect.isclass(thing):
        return ["autoclass", "   :members:"]
    if callable(thing):
        return ["autofunction"]
    return ["autodata", "   :no-value:"]


def written(module: str, listed: str) -> str:
    """Return a block as reStructuredText within MyST."""
    home = importlib.import_module(module)
    things = {name: getattr(home, name) for name in names(module, listed)}
    things = {name: one for name, one in things.items() if not isinstance(one, ModuleType)}
    lines = ["```{eval-rst}", ".. autosummary::", "   :nosignatures:", ""]
    lines += [f"   ~{module}.{name}" for name in things]
    for name, thing in things.items():
        kind, *options = directive(thing)
        lines += ["", f".. {kind}:: {module}.{name}", *options]
    return "\n".join([*lines, "```"])


def expand(_app: Any, _page: str, source: list[str]) -> None:
    """Replace the blocks of a page before it is parsed."""
    source[0] = ROOM.sub(lambda found: written(found["module"], found["names"]), source[0])


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", expand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
