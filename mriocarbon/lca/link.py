"""Which process an input comes from: by name of the process, then product, code and place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mriocarbon.errors import InputError, LabelError, UnknownNameError, listed
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.units import compatible

__all__ = ["Producers", "Unlinked", "reason_of"]


@dataclass(frozen=True, slots=True)
class Unlinked:
    """An exchange that leads nowhere: what it would add is not in the result.

    Attributes
    ----------
    process, flow : str
    column : int
        Position of the process in the system.
    amount : float
        Per `amount` of the process's product, signed as in the matrices: what is taken is
        negative.
    unit : str
    kind : str
        "technosphere" or "waste".
    reason : str
        "no producer", "cut-off flow", "ecosystem service", "waste without treatment",
        "several producers" or "other unit".
    """

    process: str
    flow: str
    column: int
    amount: float
    unit: str
    kind: str
    reason: str


def reason_of(exchange: Exchange) -> str:
    """Return why nobody provides it, as far as the source tells.

    Examples
    --------
    >>> reason_of(Exchange("CUTOFF Sodium silicate", 1.0, "kg", category="CUTOFF Flows"))
    'cut-off flow'
    """
    text = f"{exchange.flow} {exchange.category}".casefold()
    if any(word in text for word in ("cutoff", "cut-off", "dummy")):
        return "cut-off flow"
    if exchange.category.casefold().startswith("ecosystem services"):
        return "ecosystem service"
    return "waste without treatment" if exchange.kind == "waste" else "no producer"


class Producers:
    """All processes by what they make.

    Examples
    --------
    >>> mill = Process("mill", "steel", 1.0, "t", location="JP")
    >>> Producers([mill]).of(Exchange("steel", 0.1, "kg"))
    (0,)
    """

    def __init__(
        self, processes: Sequence[Process], choose: Mapping[str, str] | None = None
    ) -> None:
        self.processes = processes
        self.position: dict[str, int] = {}
        self.makers: dict[str, list[int]] = {}
        for number, process in enumerate(processes):
            if process.name in self.position:
                raise LabelError(
                    f"two processes named {process.name!r}",
                    where=f"processes {self.position[process.name] + 1} and {number + 1}",
                    do="give each a name of its own; the product may be the same",
                )
            self.position[process.name] = number
            self.makers.setdefault(process.product, []).append(number)
        self.choice = {
            product: self.named(name, f"choice for {product!r}")
            for product, name in (choose or {}).items()
        }
        for product, number in self.choice.items():
            if processes[number].product != product and not self.of_name(product):
                raise UnknownNameError.of("product", product, self.makers, do="(in choose)")
            if processes[number].product != product:
                raise InputError(
                    f"{processes[number].name!r} makes {processes[number].product!r}",
                    where=f"choice for {product!r}",
                    do="choose one of "
                    + listed([processes[k].name for k in self.of_name(product)]),
                )

    def of_name(self, product: str) -> list[int]:
        """Positions of the processes that make a product."""
        return self.makers.get(product, [])

    def named(self, name: str, where: str) -> int:
        """Position of a process; UnknownNameError with near names."""
        found = self.position.get(name)
        if found is None:
            raise UnknownNameError.of("process", name, self.position, do=f"({where})")
        return found

    def of(self, exchange: Exchange, *, but: int = -1, user: str = "") -> tuple[int, ...]:
        """Return the processes that may provide an exchange, the fewest that its labels allow.

        Parameters
        ----------
        exchange : Exchange
            Of technosphere or waste.
        but : int
            A process that is no candidate: itself, for what a co-product replaces.
        user : str
            The process whose exchange it is, for messages.
        """
        if exchange.provider:
            of = f", process {user!r}" if user else ""
            return (self.named(exchange.provider, f"provider of {exchange.flow!r}{of}"),)
        candidates = [k for k in self.of_name(exchange.flow) if k != but]
        if len(candidates) > 1 and exchange.code:
            candidates = self._narrowed(candidates, "code", exchange.code)
        if len(candidates) > 1:
            fit = [k for k in candidates if compatible(exchange.unit, self.processes[k].unit)]
            candidates = fit or candidates
        if len(candidates) > 1 and exchange.flow in self.choice:
            return (self.choice[exchange.flow],)
        if len(candidates) > 1 and exchange.location:
            candidates = self._narrowed(candidates, "location", exchange.location)
        return tuple(candidates)

    def _narrowed(self, candidates: list[int], label: str, value: str) -> list[int]:
        same = [k for k in candidates if getattr(self.processes[k], label) == value]
        return same or candidates
