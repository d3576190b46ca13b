"""`mriocarbon cbam`: the EU's default values, what they cost, and their audit."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

import mriocarbon as mc
from mriocarbon.cli import complete
from mriocarbon.cli.shared import console, steps
from mriocarbon.cli.where import CheckpointFolder, Cluster, Resume, Scheduler, Workers, place
from mriocarbon.errors import InputError

app = typer.Typer(
    help="The EU's carbon border mechanism: default values, obligation, audit.",
    no_args_is_help=True,
)

Origin = Annotated[
    str,
    typer.Option(help="Country of origin, by code or name.", autocompletion=complete.origins),
]
Year = Annotated[int, typer.Option(help="Year of import, 2026 or later.")]
Route = Annotated[str | None, typer.Option(help="Production route: the annex's letter, A to L.")]
Corrections = Annotated[
    Path | None, typer.Option(help="CSV of a later act that corrects the annex.")
]
Draws = Annotated[int | None, typer.Option(help="Bootstrap draws; 10,000, or 1,000 for all.")]


@app.command()
def default(
    cn: Annotated[
        str, typer.Argument(help="CN code of 4, 6 or 8 digits.", autocompletion=complete.goods)
    ],
    origin: Origin,
    year: Year = 2026,
    route: Route = None,
    vintage: Annotated[str, typer.Option(help="2025/2621, or 2023 (transitional).")] = "2025/2621",
    corrections: Corrections = None,
) -> None:
    """The default value of one good, with act, annex, row and edition."""
    from mriocarbon.report import cbam as report

    value = mc.cbam.default_value(
        cn,
        origin=origin,
        year=year,
        route=route,
        vintage=vintage,
        corrections=None if corrections is None else mc.cbam.read_corrections(corrections),
    )
    report.terminal_default(value, console())


@app.command()
def obligation(
    cn: Annotated[
        str, typer.Argument(help="CN code of 4, 6 or 8 digits.", autocompletion=complete.goods)
    ],
    tonnes: Annotated[str, typer.Argument(help="Net mass in tonnes.")],
    origin: Origin,
    year: Year = 2026,
    route: Route = None,
    see: Annotated[
        str | None,
        typer.Option(help="Actual embedded emissions, t CO2e per t; the default value if absent."),
    ] = None,
    price: Annotated[
        str | None,
        typer.Option(help="EUR per certificate, or a quarter (2026-Q1); the year's own if absent."),
    ] = None,
    paid_abroad: Annotated[str, typer.Option(help="EUR of carbon price paid in all.")] = "0",
) -> None:
    """Certificates to surrender for one consignment, and what they cost."""
    from mriocarbon.report import cbam as report

    found = mc.cbam.obligation(
        cn,
        tonnes,
        origin=origin,
        year=year,
        route=route,
        see=see,
        data="default" if see is None else "actual",
        price=price,
        paid_abroad=paid_abroad,
    )
    report.terminal_obligation(found, console())


@app.command()
def audit(
    origin: Annotated[
        str,
        typer.Option(help="Country by code or name, or all.", autocompletion=complete.origins),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write the report (HTML, CSV, JSON, xlsx) here.")
    ] = None,
    year: Year = 2026,
    references: Annotated[
        list[Path] | None, typer.Option(help="CSV of plant data or LCA; repeatable.")
    ] = None,
    prices: Annotated[Path | None, typer.Option(help="CSV of producer prices per tonne.")] = None,
    trade: Annotated[
        Path | None,
        typer.Option(help="Trade: Comext or BACI csv, or origin,cn,year,tonnes,value_eur."),
    ] = None,
    corrections: Corrections = None,
    price: Annotated[
        str | None,
        typer.Option(help="EUR per certificate, or whose: a quarter or a year; 2026-Q1 if absent."),
    ] = None,
    band: Annotated[float, typer.Option(help="Equivalence band, as a share.")] = 0.10,
    q: Annotated[float, typer.Option(help="Accepted rate of false discoveries.")] = 0.05,
    procedure: Annotated[
        str, typer.Option(help="How that rate is kept: BY (under any dependence) or BH.")
    ] = "BY",
    draws: Draws = None,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.")] = 2026,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    workers: Workers = None,
    checkpoint: CheckpointFolder = None,
    resume: Resume = False,
) -> None:
    """Hold the default values of an origin, or of all, against independent estimates."""
    from mriocarbon.report import cbam as report

    everyone = origin.strip().casefold() == "all"
    if out is not None:
        report.check_target(out, all_origins=everyone)  # before the work, not after it
    options: dict[str, Any] = {
        "year": year,
        "references": tuple(references or ()),
        "prices": prices,
        "trade": trade,
        "corrections": corrections,
        "price": price,
        "band": band,
        "q": q,
        "procedure": procedure,
        "seed": seed,
        **({} if draws is None else {"draws": draws}),
    }
    if not everyone and (scheduler or cluster or workers or checkpoint or resume):
        raise InputError(
            "one origin is audited in this process",
            where="--scheduler, --cluster, --workers, --checkpoint, --resume",
            do="leave them out, or audit --origin all",
        )
    with place(scheduler, cluster, workers, checkpoint) as where, steps() as step:
        if everyone:
            found = mc.cbam.audit_all(
                progress=step, engine=where, checkpoint=checkpoint, resume=resume, **options
            )
            files = [] if out is None else report.write_all(found, out, say=step)
            show = partial(report.terminal_all, found)
        else:
            single = mc.cbam.audit(origin, progress=step, **options)
            files = [] if out is None else report.write_audit(single, out, say=step)
            show = partial(report.terminal_audit, single)
    show(console())
    if out is not None:
        page = next(file for file in files if file.suffix == ".html")
        print(f"\nWrote {len(files)} files to {out}; open {page}")
