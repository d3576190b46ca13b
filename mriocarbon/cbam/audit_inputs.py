"""What an audit is given: read and checked before any work, and told at the head of its report."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mriocarbon import __version__
from mriocarbon.cbam.annex import annex_sha256
from mriocarbon.cbam.certificates import GIVEN, CertificatePrice, resolve_price
from mriocarbon.cbam.comparing import Choices
from mriocarbon.cbam.corrections import Corrections, read_corrections
from mriocarbon.cbam.law import ACTS, check_year
from mriocarbon.cbam.origins import Origin
from mriocarbon.cbam.prices import Prices, read_prices
from mriocarbon.cbam.reference import Reference
from mriocarbon.cbam.reference_user import read_references
from mriocarbon.cbam.results import Header
from mriocarbon.cbam.trade import TradeData, read_trade, trade_2024
from mriocarbon.errors import InputError, MriocarbonError, UnknownNameError
from mriocarbon.model import MRIO
from mriocarbon.model.checked import MOST_DRAWS, whole

DRAWS, DRAWS_ALL, SEED = 10_000, 1_000, 2026
PRICE_PERIOD = "2026-Q1"
_WHY_QUARTER = (
    "the price of the compilation of the trade at hand, so that its totals can be compared; a"
    " single obligation takes each year's own price unless one is given"
)
BOUNDARY = (
    "CBAM's own (Implementing Regulation (EU) 2025/2547): direct emissions of the production"
    " process and of its precursors among CBAM goods; electricity only for cement, fertilisers"
    " and agglomerated ore"
)
YEAR, BAND, Q, PROCEDURE = 2026, 0.10, 0.05, "BY"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What all origins share."""

    year: int
    user: tuple[Reference, ...]
    prices: Prices | None
    trade: TradeData
    corrections: Corrections | None
    price: CertificatePrice
    mrio: MRIO | None
    choices: Choices
    draws: int
    seed: int
    files: tuple[str, ...] = ()
    """The options of the command line that name them; FILE is what Python had no path of."""


def read_inputs(
    year: int,
    references: Iterable[Reference | str | Path],
    prices: Prices | str | Path | None,
    trade: TradeData | str | Path | None,
    corrections: Corrections | str | Path | None,
    price: CertificatePrice | float | str | None,
    mrio: MRIO | None,
    band: float,
    q: float,
    procedure: str,
    draws: int,
    seed: int,
) -> Inputs:
    """Read and check everything before any work is done."""
    check_year(year)
    if not 0 < band < 1 or not 0 < q < 1:
        raise InputError(
            f"band {band!r} and q {q!r} have to lie between 0 and 1",
            where="audit",
            do="give shares: band=0.10 is a band of 10 %",
        )
    if procedure not in ("BY", "BH"):
        raise UnknownNameError.of("procedure", str(procedure), ("BY", "BH"))
    whole("draws", draws, least=100, where="audit", most=MOST_DRAWS)
    whole("seed", seed, least=0, where="audit")
    user: list[Reference] = []
    references = tuple(references)
    given = (*(("references", one) for one in references), ("prices", prices), ("trade", trade),
             ("corrections", corrections))  # fmt: skip
    files = [
        f"--{name} {shlex.quote(str(one)) if isinstance(one, str | Path) else 'FILE'}"
        for name, one in given
        if one is not None
    ]
    for one in references:
        user.extend([one] if isinstance(one, Reference) else read_references(one))
    if prices is not None and not isinstance(prices, Prices):
        prices = read_prices(prices)
    if trade is None:
        trade = trade_2024()
    elif not isinstance(trade, TradeData):
        trade = read_trade(trade)
    if corrections is not None and not isinstance(corrections, Corrections):
        corrections = read_corrections(corrections)
    paid = resolve_price(PRICE_PERIOD if price is None else price, year)
    return Inputs(
        year, tuple(user), prices, trade, corrections, paid, mrio,
        Choices(band, q, procedure), draws, seed, tuple(dict.fromkeys(files)),
    )  # fmt: skip


def header_of(place: Origin, inputs: Inputs, *, only: Sequence[str] = ()) -> Header:
    """Say what was audited, with what, under which choices, and how to do it again."""
    act = ACTS["2025/2621"]
    table = inputs.mrio
    years = sorted({t.year for t in inputs.trade.lines} | {t.year for t in inputs.trade.totals})
    later = inputs.corrections
    return Header(
        origin=place,
        year=inputs.year,
        act=act.number,
        edition=act.edition,
        table_sha256=annex_sha256(),
        correction="" if later is None else f"{later.edition}, {len(later)} rows",
        price_period=inputs.price.period,
        price_eur=float(inputs.price.eur),
        price_source=inputs.price.source,
        price_note=_WHY_QUARTER if _priced(inputs) == PRICE_PERIOD else "",
        trade_year=", ".join(map(str, years)),
        trade_source=inputs.trade.source,
        boundary=BOUNDARY,
        table="OECD ICIO 2022 (2025 edition)" if table is None else table.provenance.dataset,
        band=inputs.choices.band,
        q=inputs.choices.q,
        procedure=inputs.choices.procedure,
        draws=inputs.draws,
        seed=inputs.seed,
        version=__version__,
        command=_command(place, inputs, only),
    )


def _priced(inputs: Inputs) -> str:
    """Return what gives the price of a certificate again: its period, or the number."""
    price = inputs.price
    try:
        if resolve_price(price.period, inputs.year) == price:
            return price.period
    except MriocarbonError:
        pass
    told = format(price.eur, "f")
    return told if "." in told else f"{told}.0"  # 2026 would be a year


def _command(place: Origin, inputs: Inputs, only: Sequence[str]) -> str:
    """Return the line that makes this report again: every choice that is not the default."""
    everyone = place.iso3 == "ALL"
    choices, price = inputs.choices, _priced(inputs)
    options = (
        ("year", inputs.year, YEAR),
        ("price", price, PRICE_PERIOD),
        ("band", choices.band, BAND),
        ("q", choices.q, Q),
        ("procedure", choices.procedure, PROCEDURE),
        ("draws", inputs.draws, DRAWS_ALL if everyone else DRAWS),
        ("seed", inputs.seed, SEED),
    )
    words = [f"mriocarbon cbam audit --origin {'all' if everyone else place.iso3} --out DIR"]
    words += [f"--{name} {value}" for name, value, usual in options if value != usual]
    words += inputs.files
    table = inputs.mrio
    own = [] if table is None else [f"mrio= {table.provenance.dataset}"]
    own += [f"only={list(only)}"] if only else []
    if inputs.price.period not in (GIVEN, price):
        own.append("price= its period and source")
    return " ".join(words) + (f"  # in Python, with {' and '.join(own)}" if own else "")
