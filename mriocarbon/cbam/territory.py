"""Where the CBAM does not apply: the EU itself and the countries linked to its carbon market."""

from __future__ import annotations

from mriocarbon.model.labels import EU27

__all__ = ["ANNEX_III", "outside"]

ANNEX_III = frozenset({"ISL", "LIE", "NOR", "CHE"})
"""Countries of Annex III, point 1, to Regulation (EU) 2023/956: no obligation for their goods."""


def outside(iso3: str) -> str:
    """Return why goods of a country are not charged; "" if they are.

    Examples
    --------
    >>> outside("NOR")
    'Regulation (EU) 2023/956, Annex III: goods originating in NOR are not charged'
    >>> outside("CHN")
    ''
    """
    if iso3 in ANNEX_III:
        return f"Regulation (EU) 2023/956, Annex III: goods originating in {iso3} are not charged"
    if iso3 in EU27:
        return f"{iso3} is a member state of the EU: its goods are not imports"
    return ""
