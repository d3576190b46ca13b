"""What processes do not list of their purchases, estimated by the table."""

from __future__ import annotations

from mriocarbon.lca.completeness import LeftOut
from mriocarbon.lca.impact import Climate
from mriocarbon.lca.prepare import Prepared

__all__ = ["unlisted"]


def unlisted(prepared: Prepared, found: Climate) -> tuple[tuple[LeftOut, ...], bool]:
    """Return what the foreground leaves out of its purchases, and whether it was estimated."""
    return (), False
