"""Scopes: what an estimate counts, and which estimates measure the same thing.

Two figures may be fused only if they draw the same line around the same country by the same
method of counting. Everything else is refused by name: a difference of scope is not an error to
be averaged away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mriocarbon.errors import InputError, UnknownNameError, listed

__all__ = ["SCOPES", "Scope", "same_scope", "scope"]


@dataclass(frozen=True)
class Scope:
    """One way to draw the line.

    Attributes
    ----------
    name : str
    family : str
        The question it answers: ``"fossil"``, ``"greenhouse gases"``, ``"land"``.
    counts : str
        What is inside, in one sentence.
    aliases : tuple of str
        Other spellings, and the words by which source files name it.
    reference : str

    Examples
    --------
    >>> scope("production-based, residence").name
    'residence'
    """

    name: str
    family: str
    counts: str
    aliases: tuple[str, ...] = ()
    reference: str = ""


SCOPES: tuple[Scope, ...] = (
    Scope(
        "territorial",
        "fossil",
        "what is emitted on the territory, bunker fuels apart, land use apart",
        ("territory", "national territory", "production territorial", "without lulucf"),
        "IPCC (2006) Guidelines, vol. 1, section 8.2.1",
    ),
    Scope(
        "residence",
        "fossil",
        "what resident units emit anywhere in the world, their ships and aircraft included",
        ("production-based, residence", "seea", "resident", "air emission accounts"),
        "United Nations et al. (2014) SEEA Central Framework, section 3.6",
    ),
    Scope(
        "consumption",
        "fossil",
        "what is emitted anywhere for the final demand of the country",
        ("footprint", "consumption-based"),
        "Peters, Minx, Weber & Edenhofer (2011)",
    ),
    Scope(
        "territorial without aviation",
        "fossil",
        "as territorial, domestic aviation left out as well",
        ("all anthropogenic sources of ceds but aviation",),
        "CEDS, readme of v2024_07_08: aircraft are booked under 'global'",
    ),
    Scope(
        "NGHGI",
        "land",
        "net emissions of managed land as countries report them, indirect effects included",
        ("national greenhouse gas inventory", "lulucf inventory"),
        "Grassi et al. (2018), doi:10.1038/s41558-018-0283-x",
    ),
    Scope(
        "bookkeeping",
        "land",
        "direct anthropogenic land-use change only, by bookkeeping models",
        ("bookkeeping model", "eluc"),
        "Hansis, Davis & Pongratz (2015); Houghton & Castanho (2023)",
    ),
    Scope(
        "DGVM sink",
        "land",
        "response of natural land to climate and CO2, by dynamic vegetation models",
        ("dgvm", "sland", "land sink"),
        "Friedlingstein et al. (2025)",
    ),
    Scope(
        "top-down",
        "land",
        "all net fluxes of a territory seen by the atmosphere",
        ("inversion", "atmospheric inversion", "net carbon exchange"),
        "Byrne et al. (2023), doi:10.5194/essd-15-963-2023",
    ),
)


def scope(name: str) -> Scope:
    """Return a scope by its name or one of its other spellings.

    Raises
    ------
    UnknownNameError
        No such scope; the message offers near ones.

    Examples
    --------
    >>> scope("bookkeeping").family
    'land'
    """
    wanted = str(name).strip().casefold()
    for item in SCOPES:
        if wanted in (item.name.casefold(), *item.aliases):
            return item
    # Source files append remarks after a semicolon: the words before it name the scope.
    head = wanted.partition(";")[0].strip()
    if head != wanted:
        return scope(head)
    raise UnknownNameError.of("scope", name, [item.name for item in SCOPES])


def same_scope(named: Iterable[tuple[str, str]]) -> Scope:
    """Return the one scope of several sources, or refuse.

    Parameters
    ----------
    named : iterable of (source, scope name)

    Returns
    -------
    Scope

    Raises
    ------
    InputError
        The sources are of more than one scope; the message says who counts what.
    UnknownNameError
        A scope is not on the list.

    Examples
    --------
    >>> same_scope([("GCB", "territorial"), ("UNFCCC", "without LULUCF")]).name
    'territorial'
    >>> try:
    ...     same_scope([("GCB", "territorial"), ("OECD", "residence")])
    ... except InputError as error:
    ...     print(error.what)
    cannot combine territorial with residence
    """
    found: dict[str, set[str]] = {}
    for source, name in named:
        found.setdefault(scope(name).name, set()).add(source)
    if not found:
        raise InputError("no source is left to take a scope from", where="scopes")
    if len(found) > 1:
        raise InputError(
            "cannot combine " + " with ".join(found),
            where=" | ".join(
                f"{name}: {listed(sorted(sources))} ({scope(name).counts})"
                for name, sources in found.items()
            ),
            do="keep the sources of one scope; a difference of scope is not an error to average",
        )
    return scope(next(iter(found)))
