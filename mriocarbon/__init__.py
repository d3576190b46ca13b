"""mriocarbon: carbon accounting on multi-regional input-output tables.

The public face is `mriocarbon.api`; names are loaded when they are first used, so that
``import mriocarbon`` costs little.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mriocarbon.api import *  # noqa: F403


def _api() -> Any:
    # Not `from mriocarbon import api`: that would ask __getattr__ for "api" again, without end.
    return importlib.import_module("mriocarbon.api")


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return _api().__all__
    # `from mriocarbon import tools` asks here first: a room that takes in another must not load
    # them all, itself among them.
    if not name.startswith("_") and importlib.util.find_spec(f"mriocarbon.{name}"):
        return importlib.import_module(f"mriocarbon.{name}")
    if not name.startswith("_") and name in _api().__all__:
        return getattr(_api(), name)
    raise AttributeError(f"module 'mriocarbon' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_api().__all__, "__version__"])
