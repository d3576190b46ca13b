"""Whole routes by name: the steps from ore, stone or gas to a good, and what leaves at the end."""

from __future__ import annotations

from dataclasses import dataclass

from mriocarbon.errors import UnknownNameError

__all__ = ["ROUTES", "Route", "route"]


@dataclass(frozen=True, slots=True)
class Route:
    """A route.

    Attributes
    ----------
    name : str
    steps : tuple of str
        Processes of the library, upstream first.
    good, unit : str
        What a unit of it makes.
    about : str
    """

    name: str
    steps: tuple[str, ...]
    good: str
    unit: str
    about: str


_IRON = ("coke-oven", "sinter", "pellet", "pig-iron")
_MADE = (
    Route("steel-bf-bof", (*_IRON, "bf-bof"), "steel", "t", "coking to converter"),
    Route("steel-scrap-eaf", ("scrap-eaf",), "steel", "t", "arc furnace, scrap and some pig iron"),
    Route("steel-dri-eaf", ("pellet", "dri-gas", "dri-eaf"), "steel", "t", "shaft on natural gas"),
    Route(
        "steel-hydrogen",
        ("pellet", "hydrogen-electrolysis", "dri-hydrogen", "dri-eaf-hydrogen"),
        "steel",
        "t",
        "shaft on hydrogen from electrolysis",
    ),
    Route(
        "hot-rolled-bf-bof",
        (*_IRON, "bf-bof", "semi-finished", "hot-rolled-flat"),
        "hot-rolled-flat",
        "t",
        "coking to strip mill",
    ),
    Route(
        "hot-rolled-eaf",
        ("scrap-eaf", "semi-finished", "hot-rolled-flat"),
        "hot-rolled-flat",
        "t",
        "arc furnace to strip mill",
    ),
    Route(
        "cement-portland",
        ("clinker-grey", "portland-grey"),
        "cement portland-grey",
        "t",
        "kiln and grinding",
    ),
    Route(
        "aluminium-prebake",
        ("anode-baking", "electrolysis-cell"),
        "aluminium",
        "t",
        "baking of anodes, cells and casthouse",
    ),
    Route(
        "ammonia-electrolysis",
        ("hydrogen-electrolysis", "ammonia-hydrogen"),
        "ammonia",
        "t",
        "hydrogen from electrolysis, synthesis",
    ),
)
ROUTES = {one.name: one for one in _MADE}
"""The routes by name."""


def route(name: str) -> Route:
    """Return a route.

    Parameters
    ----------
    name : str
        One of `ROUTES`.

    Returns
    -------
    Route
        Its steps, upstream first, and the good that they make.

    Raises
    ------
    UnknownNameError
        No such route.

    Examples
    --------
    >>> route("steel-dri-eaf").steps
    ('pellet', 'dri-gas', 'dri-eaf')
    """
    if name not in ROUTES:
        raise UnknownNameError.of("route", name, ROUTES)
    return ROUTES[name]
