r"""An industry of the table as a unit process: one unit of money of its product, cradle to gate.

Column j of the table answers as :math:`q'(I-A)^{-1} e_j`, gas by gas: a process without inputs
whose elementary flows are those of its whole supply chain. Linked into a system of processes it
makes the tiered hybrid (Bullard et al. 1978, Resources and Energy 1, 267; Suh & Huppes
2005, J. Cleaner Prod. 13, 687: both UNVERIFIED, not opened).

Prices are **basic** prices of the table's price year: purchasers' prices less trade and transport
margins less taxes. Money at purchasers' prices makes the result too high in the industry by the
share of the margins, and too low in trade and transport.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.datasets.national import region_of
from mriocarbon.errors import InputError, ShapeError, UnknownNameError
from mriocarbon.lca.hybrid_gases import TableGases, exchanges, table_gases
from mriocarbon.lca.hybrid_spread import multiplier_spread
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.model.labels import find_region
from mriocarbon.model.table import MRIO

__all__ = [
    "by_industry",
    "SUFFIX", "bundle_processes", "citation", "is_money", "money_name", "money_process", "place",
    "sector_and_region",
]  # fmt: skip

Array = NDArray[np.float64]
SUFFIX = " [table]"
_MAKE = "cradle to gate"


def money_name(sector: str, region: str) -> str:
    """Return the name of the process that stands for an industry of the table.

    Examples
    --------
    >>> money_name("C24A", "CHN")
    'C24A, CHN [table]'
    """
    return f"{sector}, {region}{SUFFIX}"


def is_money(name: str) -> bool:
    """Tell whether a process of this name stands for an industry of the table.

    Examples
    --------
    >>> is_money("C24A, CHN [table]"), is_money("C24A")
    (True, False)
    """
    return name.endswith(SUFFIX)


def sector_and_region(name: str) -> tuple[str, str]:
    """Return sector and region out of a name that `money_name` made.

    Raises
    ------
    InputError
        It is no such name.

    Examples
    --------
    >>> sector_and_region("C24A, CHN [table]")
    ('C24A', 'CHN')
    """
    # sectors may hold commas, as those of many tables do; regions do not
    sector, comma, region = name.removesuffix(SUFFIX).rpartition(",")
    if not is_money(name) or not comma or not sector.strip():
        raise InputError(
            f"{name!r} names no industry of a table", where="provider",
            do=f"write {money_name('SECTOR', 'REGION')!r}",
        )  # fmt: skip
    return sector.strip(), region.strip()


def by_industry(
    mrio: MRIO, money: Mapping[tuple[str, str], float] | ArrayLike, *, what: str, where: str
) -> NDArray[np.float64]:
    """Return money for industries as one vector, shape (n,); doubled industries add up.

    Parameters
    ----------
    mrio : MRIO
    money : mapping of (region, sector) to float, or array (n,)
    what, where : str
        For messages.

    Raises
    ------
    ShapeError, UnknownNameError
    """
    n = len(mrio.index)
    if isinstance(money, Mapping):
        y = np.zeros(n)
        for (region, sector), amount in money.items():
            y[place(mrio, region, sector)[0]] += float(amount)
        return y
    y = np.array(money, dtype=np.float64)
    if y.shape != (n,):
        raise ShapeError(f"{what} has shape {y.shape}", where=where,
                         do=f"give one amount for each of {n} industries")  # fmt: skip
    return y


def place(mrio: MRIO, region: str, sector: str) -> tuple[int, str]:
    """Return the position of an industry in the table and what was assumed to find it.

    A country that is part of an aggregate region of the OECD table is answered by that region.

    Raises
    ------
    UnknownNameError
        No such region or sector; with near names.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> place(mc.load("oecd-icio-2022"), "Germany", "C24A")
    (17, 'table: DEU is answered by EU27, the region that holds it')
    """
    index, told = mrio.index, ""
    try:
        r = index.region(region)
    except UnknownNameError:
        if not mrio.provenance.dataset.startswith("oecd-icio-2022"):
            raise
        members = region_of()
        code = list(members)[find_region(region, list(members))] if region.strip() else ""
        held = members.get(code, "")
        if held not in index.regions:
            raise
        r = index.region(held)
        told = f"table: {code} is answered by {held}, the region that holds it"
    return r * len(index.sectors) + index.sector(sector), told


def citation(mrio: MRIO) -> str:
    """Return what to cite for numbers of a table."""
    cited = [s.citation or s.name for s in mrio.provenance.sources]
    return "; ".join(dict.fromkeys(cited)) or mrio.provenance.dataset


def money_process(
    mrio: MRIO, region: str, sector: str, *, name: str | None = None, uncertainty: bool = True
) -> Process:
    r"""Return one industry of the table as a unit process.

    Its product is one unit of money (USD of the table's price year, basic prices), its elementary
    flows :math:`m_j = (q'(I-A)^{-1})_j` for every gas. Methane is split by the industry that
    emits it (`hybrid_gases.BIOGENIC`).

    Parameters
    ----------
    mrio : MRIO
    region : str
        Code or name; a country inside an aggregate region of the OECD table is answered by it.
    sector : str
        Label of the industry.
    name : str, optional
        Of the process; `money_name` if not given.
    uncertainty : bool
        Give every flow the lognormal spread that first order finds for its multiplier from the
        error model of the table. It holds for the average of the industry, not for one product.

    Returns
    -------
    Process
        In kg per unit of money; groups of gases in kg CO2e.

    Raises
    ------
    UnknownNameError
        No such region or sector.
    NotAvailableError
        The table has no greenhouse gases.
    InputError
        The industry has no output.

    References
    ----------
    Leontief (1970), doi:10.2307/1926294. Suh & Huppes (2005), J. Cleaner Prod. 13, 687
    (UNVERIFIED: not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.lca.hybrid import money_process
    >>> steel = money_process(mc.load("oecd-icio-2022"), "China", "C24A")
    >>> steel.name, steel.amount, steel.unit, steel.year
    ('C24A, CHN [table]', 1.0, 'USD', 2022)
    >>> round(steel.exchanges[0].amount, 2), steel.exchanges[0].unit  # CO2 per USD
    (2.4, 'kg')
    """
    k, told = place(mrio, region, sector)
    index = mrio.index
    own = money_name(index.pairs[k][1], index.pairs[k][0])
    column = np.zeros((len(index), 1))
    column[k] = 1.0
    return bundle_processes(
        mrio, column, [name or own], comments=[told], uncertainty=uncertainty
    )[0]  # fmt: skip


def bundle_processes(
    mrio: MRIO,
    bundles: Array,
    names: Sequence[str],
    *,
    comments: Iterable[str] = (),
    tags: tuple[str, ...] = ("table",),
    uncertainty: bool = True,
) -> tuple[Process, ...]:
    """Return a process for each bundle of products: one unit of money of the bundle.

    Parameters
    ----------
    mrio : MRIO
    bundles : ndarray, shape (n, k)
        Money by industry; each column is scaled to one unit of money.
    names : sequence of str, length k
    comments : iterable of str
        One for each, or none.
    tags : tuple of str
    uncertainty : bool
        See `money_process`.

    Raises
    ------
    InputError
        A bundle without money, or of industries without output.
    """
    gases = table_gases(mrio)
    D = np.asarray(bundles, dtype=np.float64)
    money = D.sum(axis=0)
    for k, name in enumerate(names):
        idle = np.flatnonzero((D[:, k] != 0) & (mrio.x == 0))
        if money[k] == 0 or len(idle):
            what = f"{mrio.index.name(int(idle[0]))} has no output" if len(idle) else "no money"
            raise InputError(
                f"{name!r}: {what}, so that nothing is known of what it emits",
                where=f"table {mrio.provenance.dataset!r}",
                do="choose another region or sector",
            )
    D = D / money
    amounts = gases.m @ D
    spread, basis = np.zeros_like(amounts), ""
    if uncertainty:
        spread, basis = multiplier_spread(mrio, gases, D)
    cited, notes = citation(mrio), [*comments] or [""] * len(names)
    where = mrio.index.regions
    made = []
    for k, name in enumerate(names):
        flows = tuple(
            e if not basis or sd == 0 else _with(e, float(sd))
            for e, sd in _flows(gases, amounts[:, k], spread[:, k], cited)
        )
        held = {where[int(i) // len(mrio.sectors)] for i in np.flatnonzero(D[:, k])}
        text = [notes[k], *gases.assumed, *(f"estimated: {t}" for t in gases.estimated)]
        if basis:
            text.append(f"spread of the multipliers: {basis}")
        made.append(
            Process(
                name, f"{name.removesuffix(SUFFIX)}, {_MAKE}", 1.0, gases.currency, flows,
                location=held.pop() if len(held) == 1 else "", year=mrio.price_year or mrio.year,
                tags=tags, source=cited, comment="; ".join(t for t in text if t),
            )
        )  # fmt: skip
    return tuple(made)


def _flows(
    gases: TableGases, amounts: Array, spread: Array, cited: str
) -> Iterable[tuple[Exchange, float]]:
    there = spread[amounts != 0]  # as `exchanges` leaves out what is not emitted
    return zip(exchanges(gases, amounts, cited), there, strict=True)


def _with(e: Exchange, sd: float) -> Exchange:
    from dataclasses import replace

    return replace(e, uncertainty=Uncertainty("lognormal", sd))
