"""`mriocarbon lca`: a product's carbon footprint from question to interpretation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.lca_auto import auto, match
from mriocarbon.cli.shared import console, steps
from mriocarbon.errors import InputError

app = typer.Typer(
    help="Life cycle assessment: a product's carbon footprint, every step checked.",
    no_args_is_help=True,
)

StudyFile = Annotated[str, typer.Argument(help="A study's .yaml file, or the name of an example.")]
MOST = 40

app.command("auto")(auto)
app.command("match")(match)


@app.command()
def run(
    study: StudyFile,
    out: Annotated[
        Path | None, typer.Option(help="Write the report (HTML, CSV, JSON) here.")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(help="Monte Carlo draws; the study's if absent.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the draws; the study's if absent.")
    ] = None,
) -> None:
    """Do a study: goal and scope, inventory, impact, interpretation."""
    from mriocarbon.report import lca as report

    if out is not None:
        report.check_target(out)  # before the work, not after it
    with steps() as step:
        found = mc.lca.run(study, draws=draws, seed=seed, progress=step)
        files = [] if out is None else report.write(found, out, say=step)
    report.terminal(found, console())
    if out is not None:
        page = next(file for file in files if file.suffix == ".html")
        print(f"\nWrote {len(files)} files to {out}; open {page}")


@app.command()
def examples() -> None:
    """The example studies that run on the embedded data."""
    from mriocarbon.report import listing

    found = [(name, mc.lca.read_study(path).title) for name, path in mc.lca.examples().items()]
    listing.rows(("name", "study"), found, console(), whole=("name",))
    print("\nRun one with: mriocarbon lca run NAME --out DIR")


@app.command()
def find(
    text: Annotated[str, typer.Argument(help="Part of the name of a process or product.")],
    background: Annotated[
        Path | None, typer.Option(help="EcoSpold 1 file, folder or zip; the US LCI if absent.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most processes to list.")] = MOST,
) -> None:
    """Processes of the background whose name or product holds a text."""
    from mriocarbon.report import listing

    if not text.strip():
        raise InputError("an empty text", where="lca find", do="give part of a name")
    library = mc.lca.us_lci() if background is None else mc.lca.read_ecospold1(background)
    words = text.casefold().split()
    found = [
        p for p in library.processes
        if all(w in p.name.casefold() or w in p.product.casefold() for w in words)
    ]  # fmt: skip
    shown = sorted(found, key=lambda p: (len(p.name), p.name))[:limit]
    if shown:
        rows = [(p.name, p.unit, p.location, str(p.year or "")) for p in shown]
        listing.rows(("process", "unit", "place", "year"), rows, console())
    rest = len(found) - limit
    print(f"{len(found)} of {len(library.processes)} processes of {library.source.name}"
          + (f"; {rest} not shown, see --limit" if rest > 0 else ""))  # fmt: skip


@app.command()
def compare(
    first: StudyFile,
    second: StudyFile,
    draws: Annotated[
        int | None, typer.Option(min=100, help="Paired draws; the first study's if absent.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed; the first study's if absent.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the comparison as JSON here.")] = None,
) -> None:
    """Two studies of one functional unit in one system, with paired draws."""
    from mriocarbon.report import lca as report

    if out is not None:
        from mriocarbon.report.pictures import check_files

        check_files(out, None, (".json",))
    with steps() as step:
        found = mc.lca.compare(first, second, draws=draws, seed=seed, progress=step)
    report.terminal_comparison(found, console())
    if out is not None:
        print(f"\nWrote {report.write_comparison(found, out)}")
