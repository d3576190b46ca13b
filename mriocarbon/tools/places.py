"""Regions outside the table: countries, groups, the world, and regions of a source's own."""

from __future__ import annotations

from collections.abc import Sequence

from mriocarbon.build.concordance import group_names
from mriocarbon.model.labels import fold
from mriocarbon.tools import resolve


def place(name: str, known: Sequence[str] = ()) -> resolve.Read:
    """Return what a name means: a code of `known`, a group (EU27, G7, ...), WLD, or a country.

    Examples
    --------
    >>> place("g20").code, place("世界").code, place("Côte d'Ivoire").code
    ('G20', 'WLD', 'CIV')
    """
    asked = name.strip()
    codes = {fold(one): one for one in (*known, *group_names(), "WLD")}
    code = codes.get(fold(asked))
    if code is not None:
        return resolve.Read(name, code, resolve.country_name(code), "code")
    if ":" in asked:  # a region of one source, such as gfed:BONA, is checked by who reads it
        return resolve.Read(name, asked, asked, "code")
    return resolve.country(asked)
