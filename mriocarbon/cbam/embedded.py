"""Specific embedded emissions of a good and its precursors, by the rules of CBAM.

For one tonne of a good g with precursors i, used in amounts m_i (tonnes per tonne of g):

    SEE_g = AttrEm_g / AL_g + sum_i m_i SEE_i

applied to direct and to indirect emissions apart, and recursively where a precursor has
precursors of its own (Implementing Regulation (EU) 2025/2547, equations 57 to 62). A precursor
made in the EU carries no embedded emissions: they were charged there already. Direct emissions
always count; indirect ones (of electricity, the precursors' included) count only where the
*good* is not among those of Annex II to Regulation (EU) 2023/956, whatever its precursors are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from mriocarbon.cbam.amounts import ZERO, Amount, amount
from mriocarbon.cbam.codes import cn_digits
from mriocarbon.cbam.goods import scope_of
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.brief import brief

__all__ = ["Branch", "Embedded", "Precursor", "Production", "embedded_emissions"]

MOST_SEE = Decimal(100)
"""t CO2e/t; the largest default value is 26.64 (hydrogen). More means kilograms per tonne."""
_KG = "emissions are in t CO2e per tonne: divide by 1000 if these are kg per tonne"


@dataclass(frozen=True, slots=True)
class Precursor:
    """A precursor and how much of it a tonne of the good uses.

    Attributes
    ----------
    good : Production or str
        The precursor's own production, or the name of one handed to
        :func:`embedded_emissions`. Where its embedded emissions are known as a whole (a default
        value, a supplier's figure), a production without precursors.
    tonnes_per_tonne : Decimal
        Tonnes used per tonne of the good, yield losses included.
    """

    good: Production | str
    tonnes_per_tonne: Amount

    def __post_init__(self) -> None:
        name = self.good if isinstance(self.good, str) else self.good.name
        object.__setattr__(
            self,
            "tonnes_per_tonne",
            amount(self.tonnes_per_tonne, f"tonnes of precursor {name!r} per tonne"),
        )


@dataclass(frozen=True, slots=True)
class Production:
    """One production process, per tonne of its good.

    Attributes
    ----------
    name : str
        What to call it; no process may use itself, by name, anywhere upstream.
    cn : str
        CN code (4, 6 or 8 digits).
    direct, indirect : Decimal
        Attributed emissions of this process alone, without precursors, t CO2e per tonne.
        Direct ones may be negative (exported heat or waste gases), as far as the sum stays
        above zero.
    precursors : tuple of Precursor
    eu_origin : bool
        Made in the EU: as a precursor it then carries nothing.

    Raises
    ------
    InputError
        Malformed code, or an amount that is no number or implausible (kg for t).
    """

    name: str
    cn: str
    direct: Amount
    indirect: Amount = ZERO
    precursors: Sequence[Precursor] = ()
    eu_origin: bool = False

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "cn", cn_digits(self.cn))
        put(self, "precursors", tuple(self.precursors))
        for kind, least in (("direct", None), ("indirect", ZERO)):
            value = amount(
                getattr(self, kind),
                f"{kind} emissions of {self.name!r}",
                least=least,
                most=MOST_SEE,
                do=_KG,
            )
            put(self, kind, value)


@dataclass(frozen=True, slots=True)
class Branch:
    """A precursor in the tree: what it is, how much of it, and whether it counts."""

    tonnes_per_tonne: Decimal
    embedded: Embedded
    counted: bool


@dataclass(frozen=True, slots=True)
class Embedded:
    """Specific embedded emissions, t CO2e per tonne of the good.

    Attributes
    ----------
    name, cn, scope : str
        The good and ``direct`` or ``direct+indirect``, what counts for it.
    direct, indirect : Decimal
        With precursors.
    total : Decimal
        What counts towards the obligation: direct, and indirect if in scope.
    own_direct, own_indirect, precursor_direct, precursor_indirect : Decimal
        The two parts; their sums are `direct` and `indirect` exactly.
    tree : tuple of Branch
        The precursors, each with its own tree.
    """

    name: str
    cn: str
    scope: str
    direct: Decimal
    indirect: Decimal
    total: Decimal
    own_direct: Decimal
    own_indirect: Decimal
    precursor_direct: Decimal
    precursor_indirect: Decimal
    tree: tuple[Branch, ...] = field(default=())

    __repr__ = brief

    def lines(self) -> Iterator[str]:
        """Yield the tree as indented text: amount, name, direct and indirect per tonne."""
        yield f"{self.name} ({self.cn}): direct {self.direct}, indirect {self.indirect} t CO2e/t"
        for branch in self.tree:
            note = "" if branch.counted else " [made in the EU: not counted]"
            inner = branch.embedded.lines()
            yield f"  {branch.tonnes_per_tonne} t of {next(inner)}{note}"
            yield from (f"  {line}" for line in inner)


def embedded_emissions(
    production: Production, others: Mapping[str, Production] = MappingProxyType({})
) -> Embedded:
    """Return the specific embedded emissions of a good with all its precursors.

    Parameters
    ----------
    production : Production
    others : mapping of str to Production, optional
        Productions that precursors name instead of holding them.

    Returns
    -------
    Embedded
        t CO2e per tonne, exact (no rounding).

    Raises
    ------
    InputError
        A process is upstream of itself (the message shows the chain), or the sum is negative.
    UnknownNameError
        A precursor names a production that is not in `others`.

    Notes
    -----
    Per functional unit: for cement clinker and cements a tonne of clinker contained, for
    nitric acid, ammonia and mixed fertilisers operators determine emissions per tonne of
    nitrogen (Article 4 of the Regulation). Convert to the unit of the mass declared first.

    References
    ----------
    Commission Implementing Regulation (EU) 2025/2547, Annex II, equations 57 to 62;
    Regulation (EU) 2023/956, Articles 7(1), Annex II and Annex IV.

    Examples
    --------
    >>> iron = Production("hot metal", "7201", "1.5")
    >>> slab = Production("slab", "72071210", "0.2", "0.1", [Precursor(iron, "0.9")])
    >>> found = embedded_emissions(slab)
    >>> found.direct, found.indirect, found.total
    (Decimal('1.55'), Decimal('0.1'), Decimal('1.55'))
    """
    return _embedded(production, others, ())


def _embedded(
    production: Production, others: Mapping[str, Production], above: tuple[str, ...]
) -> Embedded:
    chain = (*above, production.name)
    if production.name in above:
        raise InputError(
            f"{production.name!r} is a precursor of itself: {' <- '.join(chain)}",
            where="precursors",
            do="scrap or gas recycled within a process belongs to that process; "
            "give different processes different names",
        )
    direct, indirect = ZERO, ZERO
    tree = []
    for precursor in production.precursors:
        good = precursor.good
        if isinstance(good, str):
            if good not in others:
                raise UnknownNameError.of("production", good, others)
            good = others[good]
        found = _embedded(good, others, chain)
        tonnes = amount(precursor.tonnes_per_tonne, "tonnes of precursor")
        if not good.eu_origin:
            direct += tonnes * found.direct
            indirect += tonnes * found.indirect
        tree.append(Branch(tonnes, found, not good.eu_origin))
    own_direct = amount(production.direct, "direct emissions", least=None)
    own_indirect = amount(production.indirect, "indirect emissions")
    scope = scope_of(production.cn)
    whole = own_direct + direct
    if whole < 0:
        raise InputError(
            f"the embedded direct emissions of {production.name!r} are negative: {whole}",
            where=" <- ".join(chain),
            do="exported heat and gases cannot outweigh what the process and its precursors emit",
        )
    return Embedded(
        name=production.name,
        cn=production.cn,
        scope=scope,
        direct=whole,
        indirect=own_indirect + indirect,
        total=whole + (own_indirect + indirect if scope == "direct+indirect" else ZERO),
        own_direct=own_direct,
        own_indirect=own_indirect,
        precursor_direct=direct,
        precursor_indirect=indirect,
        tree=tuple(tree),
    )
