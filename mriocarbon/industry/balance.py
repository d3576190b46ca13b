r"""A process as flows per tonne of product, and the laws its flows must keep.

What enters with the inputs leaves with the outputs, element by element. Carbon that is neither in
the product nor in a by-product leaves as CO2; energy that is in no output is a loss, which must
not be negative:

.. math::
    m_{CO2} = \tfrac{44}{12} \Bigl(\sum_{in} C - \sum_{out} C\Bigr), \qquad
    Q_{loss} = \sum_{in} E - \sum_{out} E \ge 0

Where hydrogen and oxygen are balanced too, hydrogen that is left leaves as water (what is missing
is taken in as water), metal that is lost leaves as its oxide, and the oxygen that all this needs
beyond what ores and carbonates bring is taken from the air. That amount must not be negative:
this is what stoichiometry asks of every reduction and every splitting of water.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from mriocarbon.errors import InputError
from mriocarbon.industry.arrays import asarray, maximum, namespace
from mriocarbon.industry.parameters import Array
from mriocarbon.model.brief import brief

__all__ = ["CO2_PER_C", "Flow", "Process", "close"]

CO2_PER_C = 44 / 12
"""Tonnes of CO2 per tonne of carbon, as the IPCC guidelines take it."""
_SLACK = 1e-9
O_PER_H = 15.999 / 2.016
"""Oxygen in water per tonne of hydrogen."""
OXIDES = {"Fe": 15.999 / 55.845, "Al": 1.5 * 15.999 / 26.982, "Ca": 15.999 / 40.078}
"""Oxygen per tonne of metal in FeO, Al2O3 and CaO, as which lost metal leaves."""
MASSES = ("C", "Fe", "Ca", "Al", "H", "N", "O", "Ni", "Cr", "metal")


@dataclass(frozen=True, slots=True)
class Flow:
    """One input or output of a process, per tonne of product.

    Attributes
    ----------
    name : str
        What flows.
    amount : ndarray
        How much, in `unit` per tonne of product.
    unit : str
        "t", "GJ" or "MWh".
    content : mapping of str to ndarray
        What the flow carries per tonne of product: "C", "Fe", "Al", "N", "Ni", "Cr" in tonnes,
        "energy" in GJ (lower heating value, or chemical energy against the oxide).
    use : str
        "fuel" where it is burnt for heat, "feed" for all else; decides the scope of its carbon.
    """

    name: str
    amount: Array
    unit: str
    content: Mapping[str, Array]
    use: str = "feed"


@dataclass(frozen=True, slots=True)
class Process:
    """A closed balance per tonne of product.

    Attributes
    ----------
    name, product : str
        Name of the process, and what it makes.
    inputs, outputs : tuple of Flow
        Outputs hold the product, by-products, "CO2" and the losses.
    gases : mapping of str to ndarray
        Other greenhouse gases, tonnes per tonne: "N2O", "CF4", "C2F6".
    precursors : tuple of (str, ndarray)
        CBAM goods consumed, tonnes per tonne; their own emissions are added by the caller.
    electricity : ndarray
        MWh per tonne; zero where electricity is out of the good's scope.
    credit : ndarray
        t CO2 per tonne taken off for waste gas sold, by the rule of the Regulation.
    limits : mapping of str to ndarray
        What the builder knows cannot be, in words; a value below zero says that it is so.
    """

    name: str
    product: str
    inputs: tuple[Flow, ...]
    outputs: tuple[Flow, ...]
    gases: Mapping[str, Array] = field(default_factory=dict)
    precursors: tuple[tuple[str, Array], ...] = ()
    electricity: Array = field(default_factory=lambda: asarray(0.0))
    credit: Array = field(default_factory=lambda: asarray(0.0))
    limits: Mapping[str, Array] = field(default_factory=dict)

    __repr__ = brief

    def total(self, side: str, what: str) -> Array:
        """Sum of an element or of energy over the inputs (``in``) or the outputs (``out``)."""
        flows = self.inputs if side == "in" else self.outputs
        return asarray(sum((asarray(f.content.get(what, 0.0)) for f in flows), np.zeros(())))

    def elements(self) -> tuple[str, ...]:
        """What is balanced here."""
        named = dict.fromkeys(k for f in (*self.inputs, *self.outputs) for k in f.content)
        return tuple(named)

    def gap(self, what: str) -> float:
        """Largest relative difference between what enters and what leaves."""
        entering, leaving = self.total("in", what), self.total("out", what)
        scale = maximum(np.abs(entering), 1e-12)
        return float(np.max(np.abs(entering - leaving) / scale))

    def output(self, name: str) -> Flow:
        """The output of that name."""
        for flow in self.outputs:
            if flow.name == name:
                return flow
        raise InputError(f"process {self.name} has no output {name!r}", where="industry")

    @property
    def co2(self) -> Array:
        """CO2 that leaves, tonnes per tonne of product, gas sold included."""
        return CO2_PER_C * asarray(self.output("CO2").content["C"])

    @property
    def direct(self) -> Array:
        """CO2 of the process as the Regulation attributes it: less the credit for gas sold."""
        return asarray(self.co2 - self.credit)

    def margins(self) -> dict[tuple[str, str], Array]:
        """How far every law is from being broken, entry by entry: below zero it is.

        Returns
        -------
        dict of (str, str) to ndarray
            By law and by what it speaks of: ("negative", flow), ("composition", flow), ("floor",
            "oxygen of air"), ("nothing", what would be made from nothing), ("limit", what the
            builder says cannot be).
        """
        found: dict[tuple[str, str], Array] = {}
        for flow in (*self.inputs, *self.outputs):
            if flow.name == "oxygen of air":
                # fuels burn in air of their own and take no oxygen from an ore
                found["floor", flow.name] = asarray(flow.amount - self._burning())
            elif flow.name != "CO2":
                found["negative", flow.name] = asarray(flow.amount)
            if flow.unit == "t" and flow.name not in ("CO2", "losses", "oxygen of air"):
                held = sum((flow.content[m] for m in MASSES if m in flow.content), asarray(0.0))
                # 44/12 for CO2 is some 0.1 % off the molar masses; what does not flow holds nothing
                found["composition", flow.name] = asarray(
                    flow.amount * 1.001
                    - namespace(flow.amount, held).where(flow.amount > 0, held, 0.0)
                )
        for name in ("CO2", "losses"):
            for what, value in self.output(name).content.items():
                found["nothing", what] = asarray(value)
        for what, value in self.limits.items():
            found["limit", what] = asarray(value)
        return found

    def check(self) -> None:
        """Raise if the medians give off more than they take, or do not close.

        Raises
        ------
        InputError
            Carbon, metal or energy would have to be made from nothing; a flow is negative or
            holds more than it weighs; ore and water need more carbon or hydrogen than is given.
        """
        for what in self.elements():
            if self.gap(what) > _SLACK:
                raise InputError(
                    f"{what} of process {self.name} does not close: gap {self.gap(what):.2e}",
                    where=f"industry, process {self.name}",
                    do="give every flow of the process its content",
                )
        for (law, what), margin in self.margins().items():
            short = float(np.ravel(margin)[0])
            if not short >= -_SLACK:
                said, do = broken(law, what, short)
                raise InputError(
                    f"{said} (process {self.name})" if law == "limit" else said.format(self.name),
                    where=f"industry, process {self.name}, {what}",
                    do=do,
                )

    def _burning(self) -> Array:
        """Oxygen that the fuels need for themselves."""
        fuels = [f.content for f in self.inputs if f.use == "fuel"]
        carbon = sum((asarray(c.get("C", 0.0)) for c in fuels), asarray(0.0))
        hydrogen = sum((asarray(c.get("H", 0.0)) for c in fuels), asarray(0.0))
        return asarray((CO2_PER_C - 1) * carbon + O_PER_H * hydrogen)


def broken(law: str, what: str, short: float) -> tuple[str, str]:
    """Say which law is broken, with a place for the name of the process, and what to do."""
    if law == "floor":
        return (
            "process {} is below its stoichiometric floor: ores, carbonates and water bring"
            f" {-short:.4g} t more oxygen than its carbon and hydrogen can take",
            "give it more reductant, anode or feed",
        )
    if law == "negative":
        return (
            f"process {{}} has a negative flow: {what}, {short:.4g}",
            "check the parameters: a yield or share above one?",
        )
    if law == "composition":
        return (
            f"impossible composition in process {{}}: {what} would hold {-short:.4g} t more of"
            " elements than it weighs",
            "shares of the elements may add up to one at most",
        )
    if law == "limit":
        return what, "check the parameters that it names"
    return (
        f"process {{}} gives off more {what} than it takes in",
        "check the parameters: a yield above one, too little fuel?",
    )


def close(
    name: str,
    product: str,
    inputs: Iterable[Flow],
    outputs: Iterable[Flow],
    *,
    gases: Mapping[str, Array] | None = None,
    precursors: Iterable[tuple[str, Array]] = (),
    electricity: Array | float = 0.0,
    credit: Array | float = 0.0,
    limits: Mapping[str, Array] | None = None,
    air: bool = False,
) -> Process:
    """Close a balance: what carbon is left over becomes CO2, the rest of everything else a loss.

    With `air`, hydrogen and oxygen close through water and the oxygen of the air.

    Examples
    --------
    >>> import numpy as np
    >>> coal = Flow("coal", np.array(1.0), "t", {"C": np.array(0.75), "energy": np.array(25.0)})
    >>> burnt = close("boiler", "steam", [coal], [])
    >>> round(float(burnt.co2), 3), burnt.gap("C") == 0
    (2.75, True)
    """
    entering, leaving = tuple(inputs), tuple(outputs)
    open_balance = Process(name, product, entering, leaving)
    rest = {
        what: open_balance.total("in", what) - open_balance.total("out", what)
        for what in open_balance.elements()
    }
    carbon = rest.pop("C", asarray(0.0))
    emitted = Flow("CO2", CO2_PER_C * carbon, "t", {"C": carbon})
    if air:
        more, emitted, gone = _with_air(carbon, rest)
        entering, leaving = (*entering, *more), (*leaving, *gone)
    lost = Flow("losses", asarray(0.0), "t", rest)
    return Process(
        name,
        product,
        entering,
        (*leaving, emitted, lost),
        dict(gases or {}),
        tuple(precursors),
        asarray(electricity),
        asarray(credit),
        dict(limits or {}),
    )


def _with_air(
    carbon: Array, rest: dict[str, Array]
) -> tuple[tuple[Flow, ...], Flow, tuple[Flow, ...]]:
    """Water and oxygen taken in, CO2 with its oxygen, water given off; `rest` gets oxides."""
    hydrogen = rest.pop("H", asarray(0.0))
    brought = rest.pop("O", asarray(0.0))
    emitted = Flow("CO2", CO2_PER_C * carbon, "t", {"C": carbon, "O": (CO2_PER_C - 1) * carbon})
    oxides = sum(
        (rest[metal] * ratio for metal, ratio in OXIDES.items() if metal in rest), np.zeros(())
    )
    # the small mass of water that is split or formed is the same on both sides of the balance
    off, taken = maximum(hydrogen, 0.0), maximum(-hydrogen, 0.0)
    needed = (CO2_PER_C - 1) * carbon + O_PER_H * hydrogen + oxides - brought
    rest["O"] = asarray(oxides)

    def water(name: str, mass: Array) -> Flow:
        return Flow(name, (1 + O_PER_H) * mass, "t", {"H": mass, "O": O_PER_H * mass})

    inputs = (Flow("oxygen of air", needed, "t", {"O": needed}), water("water", taken))
    return inputs, emitted, (water("water vapour", off),)
