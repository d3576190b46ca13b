"""Readers of official layouts, one module each. `mriocarbon.io.read` chooses among them."""

from __future__ import annotations

import importlib

from mriocarbon.io.readers.base import Reader

# In the order in which they are asked; the plain layouts come last, for they claim the most.
MODULES = (
    "oecd", "figaro", "exiobase", "eora26", "gloria", "wiod", "adb", "emerging", "gtap",
    "pymrio_folder", "plain",
)  # fmt: skip


def readers() -> tuple[Reader, ...]:
    """Return all readers.

    Examples
    --------
    >>> [reader.name for reader in readers()][-1]
    'plain'
    """
    return tuple(
        importlib.import_module(f"mriocarbon.io.readers.{name}").READER for name in MODULES
    )
