r"""What a process leaves out of its purchases, estimated from its industry in the table.

Industry j buys :math:`a_{ij}` of i per unit of its output. A process of that industry whose product
is worth p buys :math:`p\,a_{ij}`, unless its own inventory holds it already: the rows of the
industries that its own inputs come from are struck out, in all regions, so that nothing is counted
twice. Kept, removed and direct add up to the whole of the industry, exactly:

.. math::
    p\,m_j = p\,q_j + \sum_{i \in covered} p\,m_i a_{ij} + \sum_{i \notin covered} p\,m_i a_{ij}

(Suh & Huppes 2005, J. Cleaner Prod. 13, 687; Strømman, Peters & Hertwich 2009, Ecol. Econ. 68,
2585, on the removal of double counting: both UNVERIFIED, not opened).

Whole industries are struck out: a process that lists its steel and not its aluminium covers basic
metals only where the two are industries of their own. What is kept is therefore a lower estimate
with respect to industries that are covered in part, and holds the mean technology of the industry
for the rest. Capital goods are no purchases of the year and are in neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.inventory.gwp import gwp
from mriocarbon.lca.gases import read_flow
from mriocarbon.lca.hybrid_gases import TableGases, exchanges, potentials, table_gases
from mriocarbon.lca.hybrid_money import (
    bundle_processes,
    citation,
    is_money,
    money_name,
    place,
    sector_and_region,
)
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.system import Flow
from mriocarbon.model.checked import is_real
from mriocarbon.model.table import MRIO

__all__ = ["Complement", "complement", "covered_by"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Complement:
    """The purchases of a process that its inventory lacks, per `amount` of its product.

    Attributes
    ----------
    process : str
    sector, region : str
        Its industry in the table.
    value : float
        Of the product (per `amount`), money of the table at basic prices.
    industries : tuple of str
        Suppliers: the sectors of the table.
    covered : tuple of str
        Those that the process's own inputs come from.
    unknown : tuple of str
        Inputs of the process whose industry is not known: their industries could not be struck
        out and are perhaps counted twice.
    money : ndarray, shape (sectors,)
        Bought from each industry, all regions; covered or not.
    kept, removed : ndarray, shape (gases, sectors)
        Cradle to gate of these purchases: not covered, and covered.
    direct : ndarray, shape (gases,)
        What the industry emits itself for this value.
    adds_direct : bool
        Whether `direct` is part of the estimate: only where the process states no greenhouse gas
        of its own.
    exchanges : tuple of Exchange
        To add to the process: one purchase for each industry kept, and `direct` where it is
        added. Empty for what is zero.
    processes : tuple of Process
        What provides them: one for each industry kept, at the mix of regions that industry
        (sector, region) buys from.
    gases : TableGases
    assumed : tuple of str
    """

    process: str
    sector: str
    region: str
    value: float
    industries: tuple[str, ...]
    covered: tuple[str, ...]
    unknown: tuple[str, ...]
    money: Array
    kept: Array
    removed: Array
    direct: Array
    adds_direct: bool
    exchanges: tuple[Exchange, ...]
    processes: tuple[Process, ...]
    gases: TableGases
    assumed: tuple[str, ...]

    def score(self, report: str = "AR6", *, horizon: int = 100) -> dict[str, float]:
        """Return kg CO2e per `amount` of the process's product.

        Returns
        -------
        dict
            ``"kept"`` and ``"removed"`` purchases, ``"direct"`` emissions of the industry, their
            sum ``"whole"``, and ``"added"``: what the estimate adds to the process.
        """
        c = potentials(self.gases, report, horizon=horizon)
        kept, removed = float((c @ self.kept).sum()), float((c @ self.removed).sum())
        direct = float(c @ self.direct)
        return {
            "kept": kept, "removed": removed, "direct": direct,
            "whole": kept + removed + direct,
            "added": kept + (direct if self.adds_direct else 0.0),
        }  # fmt: skip

    def by_industry(self, report: str = "AR6", *, horizon: int = 100) -> dict[str, float]:
        """Return kg CO2e kept by supplying industry, largest first."""
        c = potentials(self.gases, report, horizon=horizon) @ self.kept
        order = np.argsort(-np.abs(c), kind="stable")
        return {self.industries[k]: float(c[k]) for k in order if c[k] != 0}

    def added_to(self, process: Process) -> Process:
        """Return the process with the estimate among its exchanges."""
        if process.name != self.process:
            raise InputError(
                f"the estimate is of {self.process!r}", where=f"process {process.name!r}",
                do="estimate each process on its own",
            )  # fmt: skip
        return replace(process, exchanges=(*process.exchanges, *self.exchanges))


def complement(
    mrio: MRIO,
    process: Process,
    *,
    sector: str,
    region: str,
    price: float,
    covered: Iterable[str] = (),
    sectors: Mapping[str, str] | None = None,
    direct: bool | None = None,
    uncertainty: bool = True,
) -> Complement:
    """Estimate what a process leaves out of its purchases.

    Parameters
    ----------
    mrio : MRIO
    process : Process
        Its inputs from processes of the table (`money_name`) cover their industry.
    sector, region : str
        The industry of the table that it belongs to.
    price : float
        Of its product: money of the table per unit, basic prices.
    covered : iterable of str
        Industries that its inputs cover beside those found by their sector.
    sectors : mapping of str to str, optional
        Industry of a provider, by its name or by its product.
    direct : bool, optional
        Add what the industry emits itself. By default only where the process states no
        greenhouse gas.
    uncertainty : bool
        See `hybrid_money.money_process`.

    Returns
    -------
    Complement
        All marked as estimated.

    Raises
    ------
    InputError
        A price that is not above zero; a process without output in the table.
    UnknownNameError
        No such region or sector.

    Notes
    -----
    Co-products share in the purchases: their value is added where each states its property
    ``"price"`` (money of the table per unit); else the estimate is of the main product alone, and
    says so.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.lca.hybrid import complement
    >>> mill = Process("mill", "steel", 1.0, "t", (
    ...     Exchange("Carbon dioxide, fossil", 1.9, "t", "biosphere", "out", "air"),
    ...     Exchange("ore", 160.0, "USD", provider="B07, AUS [table]")))
    >>> found = complement(mc.load("oecd-icio-2022"), mill, sector="C24A", region="CHN",
    ...                    price=650.0, covered=("B05", "D"))
    >>> found.covered, found.adds_direct
    (('B05', 'B07', 'D'), False)
    >>> score = found.score()
    >>> bool(abs(score["kept"] + score["removed"] + score["direct"] - score["whole"]) < 1e-9)
    True
    """
    if not (is_real(price) and price > 0):
        raise InputError(f"price is {price!r}", where=f"process {process.name!r}",
                         do="give the basic price of its product, above zero")  # fmt: skip
    gases = table_gases(mrio)
    j, told = place(mrio, region, sector)
    index = mrio.index
    where, industry = index.pairs[j]
    if mrio.x[j] == 0:
        raise InputError(f"{index.name(j)} has no output", where=f"process {process.name!r}",
                         do="choose another region or sector")  # fmt: skip
    names = index.sectors
    found, unknown = covered_by(process, names, covered=covered, sectors=sectors)
    value, assumed = _value(process, price)
    if told:
        assumed.append(told)
    R, S = len(index.regions), len(names)
    bought = value * mrio.Z[:, j] / mrio.x[j]  # (n,), in money
    struck = np.array([name in found for name in names])
    embodied = gases.m * bought
    by_sector = embodied.reshape(-1, R, S).sum(axis=1)
    kept = np.where(struck, 0.0, by_sector)
    removed = np.where(struck, by_sector, 0.0)
    money = bought.reshape(R, S).sum(axis=0)
    own = value * gases.q[:, j]
    adds = not _states_a_gas(process) if direct is None else direct
    cited = f"{citation(mrio)}; estimated as the purchases of {industry}, {where}"
    wanted = [s for s in range(S) if not struck[s] and bought[s::S].any()]
    columns = np.zeros((len(bought), len(wanted)))
    titles = []
    for k, s in enumerate(wanted):
        columns[s::S, k] = bought[s::S]
        titles.append(money_name(f"{names[s]} as bought by {industry}", where))
    makers = (
        bundle_processes(
            mrio, columns, titles, tags=("table", "estimated"), uncertainty=uncertainty
        )
        if wanted else ()
    )  # fmt: skip
    added = [
        Exchange(
            maker.product, float(money[s]), gases.currency, provider=maker.name, source=cited,
            category=ESTIMATE,
        )
        for s, maker in zip(wanted, makers, strict=True)
    ]  # fmt: skip
    if adds:
        added += [replace(e, category=ESTIMATE) for e in exchanges(gases, own, cited)]
        assumed.append(
            f"{process.name}: states no greenhouse gas of its own, so that what {industry}, {where}"
            " emits for the value of its product is added"
        )
    assumed.append(
        f"{process.name}: purchases not listed are those of the average of {industry}, {where};"
        f" struck out as covered: {', '.join(found) or 'nothing'}"
    )
    if unknown:
        assumed.append(
            f"{process.name}: the industry of {', '.join(unknown)} is not known: perhaps counted"
            " twice"
        )
    for array in (money, kept, removed, own):
        array.setflags(write=False)
    return Complement(
        process.name, industry, where, value, names, found, unknown, money, kept, removed, own,
        adds, tuple(added), makers, gases, tuple(assumed),
    )  # fmt: skip


ESTIMATE = "estimated by the table"
"""Category of the exchanges that a complement adds."""


def covered_by(
    process: Process,
    industries: Iterable[str],
    *,
    covered: Iterable[str] = (),
    sectors: Mapping[str, str] | None = None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the industries that a process's own inputs come from, and inputs of none known.

    Parameters
    ----------
    process : Process
    industries : iterable of str
        Sectors of the table.
    covered, sectors
        See `complement`.

    Raises
    ------
    UnknownNameError
        An industry that the table does not have.

    Examples
    --------
    >>> mill = Process("mill", "steel", 1.0, "t", (
    ...     Exchange("ore", 160.0, "USD", provider="B07, AUS [table]"),
    ...     Exchange("power", 0.4, "MWh"), Exchange("oxygen", 60.0, "kg")))
    >>> covered_by(mill, ["B07", "C20", "D"], sectors={"power": "D"})
    (('B07', 'D'), ('oxygen',))
    """
    known, of = list(industries), sectors or {}
    found: set[str] = set()
    unknown: list[str] = []
    for name in covered:
        _known(name, known, process)
        found.add(name)
    for e in process.exchanges:
        if e.kind == "biosphere" or e.is_product or e.category == ESTIMATE:
            continue
        if e.provider and is_money(e.provider):
            sector, _ = sector_and_region(e.provider)
        else:
            sector = of.get(e.provider) or of.get(e.flow, "")
        if sector:
            _known(sector, known, process)
            found.add(sector)
        else:
            unknown.append(e.flow)
    return tuple(name for name in known if name in found), tuple(dict.fromkeys(unknown))


def _known(name: str, known: list[str], process: Process) -> None:
    if name not in known:
        raise UnknownNameError.of(
            "sector", name, known, do=f"(covered by process {process.name!r})"
        )


def _states_a_gas(process: Process) -> bool:
    known = frozenset(gwp("AR6"))
    return any(
        e.kind == "biosphere"
        and e.direction == "out"
        and read_flow(
            Flow(e.flow, e.compartment, e.direction, e.unit, e.cas, e.carbon), known=known
        ).gas
        for e in process.exchanges
    )


def _value(process: Process, price: float) -> tuple[float, list[str]]:
    """Worth of what a process makes, and what was assumed."""
    value, assumed = process.amount * price, []
    for e in process.co_products:
        if "price" in e.properties:
            value += e.amount * float(e.properties["price"])
        else:
            assumed.append(
                f"{process.name}: the purchases for its co-product {e.flow} are not estimated: it"
                " has no price"
            )
    return value, assumed
