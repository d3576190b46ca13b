"""The legal tables of the package ``opencbam``, read once, with their hashes."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from mriocarbon.errors import DataFileError

DEFAULTS = "default_values_2621.json"
GOODS = "cbam_goods_cn.json"
BENCHMARKS = "benchmarks_2620.json"
ANNEX_IV = "annex_iv_precursor_defaults_2621.json"


@lru_cache(maxsize=8)
def legal_table(name: str) -> tuple[Any, str]:
    """Return the parsed table and the sha256 of its file.

    Raises
    ------
    DataFileError
        The installed opencbam does not hold the file.
    """
    place = files("opencbam.engine.data") / name
    try:
        raw = place.read_bytes()
    except OSError as error:
        raise DataFileError(
            f"the legal table {name!r} cannot be read: {error.strerror or error}",
            where="package opencbam",
            do="install opencbam 0.1 anew",
        ) from error
    return json.loads(raw), hashlib.sha256(raw).hexdigest()
