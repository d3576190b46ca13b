"""Settings, read from the environment when asked for (never on import).

===================  =====================================================================
variable             meaning
===================  =====================================================================
MRIOCARBON_DATA      folder with the source data that the embedded data are derived from;
                     needed only to recompute the 4,050-sector accounts and to rebuild
MRIOCARBON_CACHE     folder for what is downloaded and built; the platform's folder for
                     user caches where it is not set
===================  =====================================================================
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path | None:
    """Return the folder named by ``MRIOCARBON_DATA``, or None if it is not set.

    Whether it exists is for the caller to say: this floor raises nothing.
    """
    value = os.environ.get("MRIOCARBON_DATA", "")
    return Path(value).expanduser() if value else None


def cache_folder() -> Path:
    """Return the folder for downloads: ``MRIOCARBON_CACHE``, else the user's cache folder.

    It need not exist; nothing is made here.
    """
    value = os.environ.get("MRIOCARBON_CACHE", "")
    if value:
        return Path(value).expanduser()
    if sys.platform == "win32":  # pragma: no cover - the other platforms are tested
        base = os.environ.get("LOCALAPPDATA", "")
        return (Path(base) if base else Path.home() / "AppData" / "Local") / "mriocarbon"
    if sys.platform == "darwin":  # pragma: no cover
        return Path.home() / "Library" / "Caches" / "mriocarbon"
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "mriocarbon"
