"""Published intensities beside a default value: of another boundary, so never merged."""

from __future__ import annotations

import math
from collections.abc import Iterable

from mriocarbon.cbam.codes import covers
from mriocarbon.cbam.defaults import DefaultValue
from mriocarbon.cbam.reference import Reference
from mriocarbon.industry.published import Published, published
from mriocarbon.model.normal import Z95

PRODUCTS = {
    "crude-steel": ("7206", "7207"),
    "hydrogen": ("28041000",),
    "pig-iron": ("7201",),
    "clinker": ("25231000",),
    "unwrought-aluminium": ("7601",),
}
"""Products of the published tables and the headings that they can stand beside."""
LETTERS = {"bf-bof": "C", "dri-eaf": "D", "scrap-eaf": "E", "hall-heroult": "K"}
ASSUMED_SD = 0.10
_WHY = "published figure without an interval: log-sd 0.10"


def references_published(values: Iterable[DefaultValue]) -> tuple[Reference, ...]:
    """Return the newest published figure of each source and route for each value.

    Parameters
    ----------
    values : iterable of DefaultValue

    Returns
    -------
    tuple of Reference
        Kind ``published``; their boundary is in words and never ``cbam``.

    Examples
    --------
    >>> from mriocarbon.cbam.defaults import default_value
    >>> slab = references_published([default_value("7207 12 10", origin="CHN")])
    >>> sorted((r.route, r.value) for r in slab if "worldsteel" in r.name)
    [('', 1.92), ('C', 2.34)]
    """
    return tuple(
        _reference(figure, value)
        for value in values
        for figure in _newest()
        if any(covers(heading, value.cn) for heading in PRODUCTS[figure.product])
        and LETTERS.get(figure.route, "") in ("", value.route)
    )


def _newest() -> list[Published]:
    found: dict[tuple[str, str, str], Published] = {}
    for figure in published():
        if figure.product not in PRODUCTS:
            continue
        key = figure.product, figure.route, figure.source.split(",")[0].split(" 20")[0]
        if key not in found or figure.year > found[key].year:
            found[key] = figure
    return list(found.values())


def _reference(figure: Published, value: DefaultValue) -> Reference:
    ranged = bool(figure.low and figure.high)
    sd = (
        math.log(figure.high / figure.low) / (2 * Z95) if figure.low and figure.high else ASSUMED_SD
    )
    source = figure.source.split(",")[0]
    return Reference.of(
        cn=value.cn,
        origin=value.origin.iso3,
        route=LETTERS.get(figure.route, ""),
        kind="published",
        name=f"{source} {figure.year}, {figure.route or 'average'}, {figure.product}",
        scope="direct",
        boundary=figure.boundary,
        value=figure.value,
        loadings={f"published.{source}.{figure.product}.{figure.route}": sd},
        cell=f"published:{source}:{figure.product}",
        region_used="world",
        sources=(figure.source,),
        assumed=() if ranged else (_WHY,),
        notes=(figure.scope_note,),
    )
