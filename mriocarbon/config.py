"""Settings, read from the environment when asked for (never on import).

===================  =====================================================================
variable             meaning
===================  =====================================================================
MRIOCARBON_DATA      folder with the source data that the embedded data are derived from;
                     needed only to recompute the 4,050-sector accounts and to rebuild
===================  =====================================================================
"""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path | None:
    """Return the folder named by ``MRIOCARBON_DATA``, or None if it is not set.

    Whether it exists is for the caller to say: this floor raises nothing.
    """
    value = os.environ.get("MRIOCARBON_DATA", "")
    return Path(value).expanduser() if value else None
