"""The tools over HTTP: an API, the Model Context Protocol, and pages; and a client for them.

`Client` needs nothing but the core; the server needs the extra ``[web]``.
"""

from __future__ import annotations

from mriocarbon.service.client import Client
from mriocarbon.service.settings import Settings

__all__ = ["Client", "Settings"]
