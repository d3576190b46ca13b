"""Settings, read from the environment when asked for (never on import).

====================  =====================================================================
variable              meaning
====================  =====================================================================
MRIOCARBON_DATA       folder with the source data that the embedded data are derived from;
                      needed only to recompute the 4,050-sector accounts and to rebuild
MRIOCARBON_CACHE      folder for what is downloaded and built; the platform's folder for
                      user caches where it is not set
MRIOCARBON_LLM        an OpenAI-compatible API that serves a language model, such as
                      http://127.0.0.1:8000/v1 (`mriocarbon llm serve` starts one)
MRIOCARBON_LLM_MODEL  the model to ask there; the one it serves where it is not set
MRIOCARBON_LLM_KEY    its key, if it wants one; never shown
MRIOCARBON_LLM_VENV   folder of vLLM's own environment (`mriocarbon llm install`); one below
                      the cache where it is not set
====================  =====================================================================
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Endpoint:
    """Where a language model is served.

    Attributes
    ----------
    url : str
        Base address of an OpenAI-compatible API, without a slash at its end, such as
        ``http://127.0.0.1:8000/v1``. As it was written: what is no address fails when it is used.
    model : str or None
        Name of the model to ask; None is the one that the endpoint serves.
    key : str
        What the endpoint wants as a bearer token; empty where it wants none. Its repr leaves
        it out, so that no log and no trace shows it.

    Examples
    --------
    >>> Endpoint("http://127.0.0.1:8000/v1", key="not to be shown")
    Endpoint(url='http://127.0.0.1:8000/v1', model=None)
    """

    url: str
    model: str | None = None
    key: str = field(default="", repr=False)


def data_folder() -> Path | None:
    """Return the folder named by ``MRIOCARBON_DATA``, or None if it is not set.

    Whether it exists is for the caller to say: this floor raises nothing.
    """
    value = os.environ.get("MRIOCARBON_DATA", "")
    return _expanded(value) if value else None


def _expanded(value: str) -> Path:
    # pathlib raises where there is no such user, or none at all: a container run as user 4242
    return Path(os.path.expanduser(value))


def _home() -> Path:
    """Return the home folder; where the system knows none, a place that can never be made.

    What is to be kept is then refused with the word to set ``MRIOCARBON_CACHE``. A shared folder
    such as /tmp would be no stand-in: another user could have put keys there.
    """
    home = _expanded("~")
    return home if home.is_absolute() else Path(os.devnull)


def cache_folder() -> Path:
    """Return the folder for downloads: ``MRIOCARBON_CACHE``, else the user's cache folder.

    It need not exist; nothing is made here.
    """
    value = os.environ.get("MRIOCARBON_CACHE", "")
    if value:
        return _expanded(value)
    if sys.platform == "win32":  # pragma: no cover - the other platforms are tested
        base = os.environ.get("LOCALAPPDATA", "")
        return (Path(base) if base else _home() / "AppData" / "Local") / "mriocarbon"
    if sys.platform == "darwin":  # pragma: no cover
        return _home() / "Library" / "Caches" / "mriocarbon"
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else _home() / ".cache") / "mriocarbon"


def llm_environment() -> Path:
    """Return the folder of vLLM's own environment; it need not exist."""
    value = os.environ.get("MRIOCARBON_LLM_VENV", "").strip()
    return _expanded(value) if value else cache_folder() / "llm" / "venv"


def llm_endpoint(url: str | None = None, model: str | None = None) -> Endpoint | None:
    """Return the endpoint of an address, or of ``MRIOCARBON_LLM``; None if neither names one.

    The key and model of the environment belong to its address: they go to no other. Whether
    anything answers there is for the caller to find out.
    """
    known = os.environ.get("MRIOCARBON_LLM", "").strip().rstrip("/")
    if url is None and not known:
        return None
    url = known if url is None else url.strip().rstrip("/")
    if known not in ("", url):
        return Endpoint(url, model)
    if known:
        model = model or os.environ.get("MRIOCARBON_LLM_MODEL", "").strip() or None
    return Endpoint(url, model, os.environ.get("MRIOCARBON_LLM_KEY", "").strip())
