"""The public functions with typed arguments and typed results, for agents, MCP, REST and pages.

A tool takes names as people write them, calls one public function, and returns a `ToolResult`:
every number a `Figure` with its unit, interval, labels and whether it is an estimate, with the
sources and the caveats. Tools only read, and each bounds what it returns. They know nothing of
language models, servers or pages.

Examples
--------
>>> from mriocarbon import tools
>>> found = tools.call("account", {"regions": ["China"], "principle": "consumption"})
>>> one = found.figures[0]
>>> one.labels["region"], one.unit, one.low < one.value < one.high
('CHN', 'Mt CO2e', True)
"""

from __future__ import annotations

from mriocarbon.tools.registry import GROUPS, Tool, call, get, listing, progress
from mriocarbon.tools.types import Cited, Figure, ToolResult

__all__ = ["GROUPS", "Cited", "Figure", "Tool", "ToolResult", "call", "get", "listing", "progress"]
