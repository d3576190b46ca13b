"""References from process models: a mass and energy balance for the good behind each CN code.

Boundary of Implementing Regulation (EU) 2025/2547: direct emissions of the process and of those
precursors that are CBAM goods; electricity only where it is in the good's scope. The main
reference takes the country's own mix of routes. Where the annex names a route for its value, a
second reference for that route alone stands beside it, so that like is held against like.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mriocarbon import embedded
from mriocarbon.cbam.codes import cn_digits, covers, spaced
from mriocarbon.cbam.defaults import DefaultValue, defaults_of
from mriocarbon.cbam.goods import scope_of
from mriocarbon.cbam.origins import origin as known_origin
from mriocarbon.cbam.reference import Missing, Reference
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.intensity import Intensity, intensity, routes_to
from mriocarbon.industry.processes import made_by, made_from

__all__ = ["ROUTE_OF_LETTER", "Modelled", "modelled", "references_process"]

KIND = "process"
ROUTE_OF_LETTER = {
    "C": "bf-bof",
    "D": "dri-eaf",
    "E": "scrap-eaf",
    "F": "bf-bof",
    "G": "dri-eaf",
    "H": "scrap-eaf",
    "K": "hall-heroult",
    "L": "secondary-aluminium",
}
"""Route of the model for each letter of the annex; A, B and J name a good, not a choice."""
_NOT_COVERED = "the annex has a value, but Regulation (EU) 2023/956 does not cover the code"
_ALL = (
    "precursors are taken as made in the same country",
    "scrap carries no emissions: what a step cuts off raises the emissions of what is left",
)
_NOTES = {
    "steel": (
        "coke and burnt lime are bought: their making is no CBAM process; coke ovens would add"
        " some 0.1 to 0.2 t CO2 per t of hot metal",
        "one national mix of routes is used for flat and long products; in most countries flat"
        " steel comes more from blast furnaces and long steel from arc furnaces",
    ),
    "aluminium": ("baking of anodes is included as if at the smelter; alumina is outside",),
    "fertilisers": ("CO2 that goes from ammonia to urea is not taken off",),
    "hydrogen": ("by-product and electrolytic hydrogen are outside the mix",),
    "cement": (),
    "alloys": ("IPCC tier 1 factors where no ore balance is made",),
}
_MATERIAL = {
    "alloy-steel": "crude-steel",
    "tool-steel": "crude-steel",
    "portland-grey": "clinker-grey",
    "hydraulic-grey": "clinker-grey",
    "portland-white": "clinker-white",
    "hydraulic-white": "clinker-white",
}


@dataclass(frozen=True, slots=True)
class Modelled:
    """One heading of the annex and the product whose model stands for it; "" if none does."""

    cn: str
    description: str
    product: str
    note: str


@lru_cache(maxsize=1)
def _table() -> tuple[Modelled, ...]:
    return tuple(
        Modelled(row["cn"], row["description"], row["product"], row["note"])
        for row in embedded.rows("cbam", "tables", "cn_product.csv")
    )


def modelled(cn: str, description: str = "") -> Modelled:
    """Return the model that stands for a CN code.

    Parameters
    ----------
    cn : str
        4, 6 or 8 digits: a heading of the annex or a code below one. A shorter code is taken when
        all headings below it have the same model.
    description : str
        The annex's words, which tell white from grey clinker; grey without them.

    Raises
    ------
    UnknownNameError
        No heading of the annex holds the code.
    InputError
        The headings below a short code have different models.

    Examples
    --------
    >>> modelled("7208 39 00").product, modelled("25231000", "White clinker").product
    ('hot-rolled-flat', 'clinker-white')
    """
    return _modelled(cn_digits(cn), " ".join(description.split()))


@lru_cache(maxsize=4096)
def _modelled(digits: str, description: str) -> Modelled:
    above = [row for row in _table() if covers(row.cn, digits)]
    if above:
        longest = max(len(row.cn) for row in above)
        rows = [row for row in above if len(row.cn) == longest]
        exact = [row for row in rows if row.description == description]
        return (exact or rows)[0]
    below = [row for row in _table() if covers(digits, row.cn)]
    if not below:
        raise UnknownNameError.of("CN code", digits, [row.cn for row in _table()])
    if len({row.product for row in below}) > 1:
        listed = ", ".join(f"{spaced(row.cn)} {row.product or 'none'}" for row in below[:12])
        raise InputError(
            f"the goods below {spaced(digits)} have different models",
            where=f"CN code {digits}",
            do=f"give a longer code: {listed}",
        )
    return below[0]


def _letters(origin: str) -> Mapping[str, str]:
    """Route letter of each heading of the annex for one origin, where one is named."""
    found: dict[str, str] = {}
    for value in defaults_of(origin):
        if value.route:
            found.setdefault(value.cn, value.route)
    return found


def _material(product: str) -> str:
    while made_from(product):
        product = made_from(product)
    if product in _MATERIAL:
        return _MATERIAL[product]
    return "ammonia" if made_by(product).family == "fertilisers" else product


def _trade(product: str) -> str:
    source = made_from(product)
    while made_by(product).family == "articles" and source:
        product, source = source, made_from(source)
    return made_by(product).family


@lru_cache(maxsize=1024)
def _made(product: str, origin: str, route: str) -> Intensity:
    """Many codes share a product: each is worked out once."""
    return intensity(product, origin=origin, route=route)


def _reference(row: Modelled, cn: str, origin: str, letter: str, scope: str) -> Reference:
    route = ROUTE_OF_LETTER.get(letter, "")
    made = _made(row.product, origin, route)
    whole = scope == "direct+indirect"
    named = f"process model of {row.product}"
    notes = [*_NOTES[_trade(row.product)], *_ALL]
    if row.note:
        notes.append(row.note)
    return Reference.of(
        cn=cn,
        origin=origin,
        route=letter,
        kind=KIND,
        name=f"{named}, route {letter} ({route})" if letter else f"{named}, national mix",
        scope=scope,
        value=made.direct + (made.indirect if whole else 0.0),
        loadings=made.loadings_total if whole else made.loadings,
        cell=f"process:{origin}:{_material(row.product)}" + (f":{route}" if route else ""),
        sources=made.sources,
        assumed=made.assumed,
        notes=notes,
    )


def references_process(
    cns: Iterable[str | DefaultValue],
    origin: str,
    *,
    routes: Mapping[str, str] | None = None,
    alike: bool = True,
) -> tuple[tuple[Reference, ...], tuple[Missing, ...]]:
    """Return what the balances say a tonne of each good embeds.

    Parameters
    ----------
    cns : iterable of str or DefaultValue
        CN codes, or lines of the annex, whose description tells grey from white and whose route
        letter chooses the like-for-like reference.
    origin : str
        ISO3, or any name of a country, or "OTHER".
    routes : mapping of str to str, optional
        Route letter by CN code, in place of the annex's.
    alike : bool
        Whether to add the reference for the annex's route alone.

    Returns
    -------
    (tuple of Reference, tuple of Missing)
        For every code one reference of route "" for the national mix and, where the annex names
        a route that the model knows, one for that letter; or one Missing. Loadings:
        ``<process>.<parameter>``, shared by every country that uses the same row;
        ``mix.<ISO3>.<product>``, ``practice.<ISO3>.<trade>``, ``grid.<ISO3>``.

    Raises
    ------
    UnknownNameError
        A code that is no heading of the annex, or an origin that is no country.
    InputError
        A route letter that the annex does not use.

    Examples
    --------
    >>> references, missing = references_process(["7208"], "CHN")
    >>> [(r.route, 1.3 < r.value < 2.2, r.scope) for r in references], missing
    ([('', True, 'direct'), ('C', True, 'direct')], ())
    """
    place = origin if origin == "OTHER" else known_origin(origin).iso3
    given = dict(routes or {})
    for cn, letter in given.items():
        if letter and (len(letter) != 1 or letter not in "ABCDEFGHJKL"):
            raise InputError(
                f"{letter!r} is no route letter of the annex",
                where=f"references_process, routes[{cn!r}]",
                do="use one of A to L, or leave it out",
            )
    letters: Mapping[str, str] | None = None
    found: list[Reference] = []
    missing: list[Missing] = []
    for one in cns:
        if isinstance(one, str):
            cn, row = cn_digits(one), modelled(one)
            if letters is None and alike and routes is None:
                letters = _letters(place)
            letter = given.get(cn, (letters or {}).get(row.cn, ""))
        else:
            cn, row = one.cn, modelled(one.cn, one.description)
            letter = given.get(cn, one.route)
        if not row.product:
            missing.append(Missing(cn, KIND, row.note))
            continue
        try:
            scope = scope_of(row.cn)
        except UnknownNameError:
            missing.append(Missing(cn, KIND, _NOT_COVERED))
            continue
        found.append(_reference(row, cn, place, "", scope))
        route = ROUTE_OF_LETTER.get(letter, "")
        if alike and route and route in routes_to(row.product):
            found.append(_reference(row, cn, place, letter, scope))
    return tuple(found), tuple(missing)
