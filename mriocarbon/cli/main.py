"""The command line: each command parses, asks the api for a result, and hands it to report."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import warnings
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

import mriocarbon as mc
from mriocarbon.cli import complete
from mriocarbon.cli.ask import ask
from mriocarbon.cli.avoided import avoided
from mriocarbon.cli.cbam import app as cbam_app
from mriocarbon.cli.chains import chains
from mriocarbon.cli.data import app as data_app
from mriocarbon.cli.db import app as db_app
from mriocarbon.cli.decompose import decompose
from mriocarbon.cli.doctor import doctor
from mriocarbon.cli.extract import extract
from mriocarbon.cli.industry import app as industry_app
from mriocarbon.cli.inequality import inequality, leakage
from mriocarbon.cli.lca import app as lca_app
from mriocarbon.cli.linkages import linkages, scopes
from mriocarbon.cli.llm import app as llm_app
from mriocarbon.cli.machine import machine
from mriocarbon.cli.map import map_
from mriocarbon.cli.mcp import mcp
from mriocarbon.cli.natural import app as natural_app
from mriocarbon.cli.paths import paths
from mriocarbon.cli.scenario import scenario
from mriocarbon.cli.serve import app as serve_app
from mriocarbon.cli.shared import (
    Detail,
    Out,
    Principle,
    Stressor,
    Table,
    console,
    known,
    load,
    steps,
)
from mriocarbon.cli.shock import important, shock
from mriocarbon.cli.table import app as table_app
from mriocarbon.cli.usage import Wrong, error_of
from mriocarbon.cli.where import (
    CheckpointFolder,
    Cluster,
    Draws,
    Resume,
    Scheduler,
    Seed,
    Uncertainty,
    Workers,
    place,
    told,
)
from mriocarbon.errors import MriocarbonError, MriocarbonWarning, NotAvailableError

app = typer.Typer(
    name="mriocarbon",
    help="Carbon accounting on multi-regional input-output tables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(table_app, name="table")
app.add_typer(data_app, name="data")
app.add_typer(db_app, name="db")
app.add_typer(cbam_app, name="cbam")
app.add_typer(lca_app, name="lca")
app.add_typer(industry_app, name="industry")
app.add_typer(natural_app, name="natural")
app.add_typer(serve_app, name="serve")
app.add_typer(llm_app, name="llm")


def _given(*settings: object) -> bool:
    """Tell whether any setting of a Monte Carlo was given."""
    return any(value is not None and value is not False for value in settings)


def _show_version(value: bool) -> None:
    if value:
        print(f"mriocarbon {mc.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    cite: Annotated[
        Path | None,
        typer.Option(help="Write what the command rests on, to cite it: NAME.bib or .txt."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Carbon accounting on multi-regional input-output tables."""
    if cite is not None:
        from mriocarbon.cli.cite import citing

        context.with_resource(citing(cite, context.invoked_subcommand or ""))


@app.command()
def reproduce(
    year: Annotated[int, typer.Argument(help="Only 2022.")],
    out: Annotated[Path | None, typer.Option(help="Write report, CSV, JSON, figures here.")] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="oecd-icio-2022, oecd-icio-2022-full or gcb-2025; repeatable."),
    ] = None,
    principle: Annotated[
        list[str] | None,
        typer.Option(
            help="See `mriocarbon principles`; repeatable.", autocompletion=complete.principles
        ),
    ] = None,
    gas: Annotated[
        list[str] | None,
        typer.Option(help="GHG or CO2; repeatable.", autocompletion=complete.stressors),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(help="Region by code or name; repeatable.", autocompletion=complete.regions),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Recompute the 4,050-sector accounts from the folder MRIOCARBON_DATA."
        ),
    ] = False,
    uncertainty: Uncertainty = None,
    draws: Draws = None,
    seed: Seed = None,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    workers: Workers = None,
    checkpoint: CheckpointFolder = None,
    resume: Resume = False,
    with_natural: Annotated[
        bool,
        typer.Option(
            "--with-natural", help="Natural carbon beside the accounts, by scope, never netted."
        ),
    ] = False,
) -> None:
    """National carbon adjustments of 2022, under every principle, against the published ones."""
    from mriocarbon import report
    from mriocarbon.datasets.full import source_folder
    from mriocarbon.errors import UnknownNameError
    from mriocarbon.studies.intervals_2022 import Drawing

    if year != 2022:
        raise UnknownNameError.of("year", str(year), ["2022"], do="(the only year so far)")
    folder = source_folder("--full") if full else None
    if out is not None:
        report.check_target(out)  # before the work, not after it
    given = _given(draws, seed, scheduler, cluster, workers, checkpoint, resume)
    with place(scheduler, cluster, workers, checkpoint) as where, steps() as step:
        drawing = None
        if uncertainty == "monte-carlo" or given:
            drawing = Drawing(draws or 1000, seed or 0, where, checkpoint, resume, told(step))
        study = mc.reproduce_2022(
            tables=table or (),
            principle=principle or (),
            gases=gas or (),
            regions=region or (),
            full=folder,
            uncertainty=uncertainty,
            drawing=drawing,
            natural=with_natural,
            progress=step,
        )
        files = [] if out is None else report.write(study, out, progress=step)
    report.terminal(study, console())
    if out is not None:
        page = next(file for file in files if file.suffix == ".html")
        print(f"\nWrote {len(files)} files to {out}; open {page}")


@app.command()
def principles() -> None:
    """List the accounting principles: formula, boundary, what they conserve, reference."""
    from mriocarbon.report import listing

    listing.principles(mc.principles(), console())


@app.command()
def account(
    principle: Principle,
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    stressor: Stressor = None,
    households: Annotated[
        bool, typer.Option(help="Add direct emissions of households to their region.")
    ] = True,
    region: Annotated[
        list[str] | None,
        typer.Option(help="Show these only; repeatable.", autocompletion=complete.regions),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help='Convert to this unit, such as "kt CO2e".')
    ] = None,
    per_capita: Annotated[
        bool, typer.Option("--per-capita", help="In tonnes per person; embedded tables only.")
    ] = False,
    stream: Annotated[
        bool,
        typer.Option("--stream", help="From a .zarr store without loading its flows."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write it here: NAME.csv, or NAME.xlsx, a workbook that computes."),
    ] = None,
    uncertainty: Uncertainty = None,
    draws: Draws = None,
    seed: Seed = None,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    workers: Workers = None,
    checkpoint: CheckpointFolder = None,
    resume: Resume = False,
) -> None:
    """One account of every region, from an embedded table or a file of yours."""
    from mriocarbon.report import listing
    from mriocarbon.report.pictures import check_files

    check_files(out, None, (".csv", ".xlsx"))  # before the work, not after it
    more: dict[str, Any] = {
        name: value for name, value in (("draws", draws), ("seed", seed)) if value is not None
    }
    monte_carlo = _given(draws, seed, scheduler, cluster, workers, checkpoint, resume)
    if stream and (monte_carlo or uncertainty is not None or detail is not None):
        raise NotAvailableError(
            "a streamed table has no uncertainty and no detail",
            where="--stream",
            do="leave --stream out to load the table, or the other settings",
        )
    with place(scheduler, cluster, workers, checkpoint) as where, steps() as step:
        step(f"reading {table}")
        asked = [name for name in region or () if name != "unallocated"]  # a row, no region
        if stream:
            from mriocarbon.accounts.streamed import streamed_account
            from mriocarbon.io.store import Store

            known(Store(Path(table)), asked)
            result = streamed_account(
                table, principle, stressor=stressor, households=households, progress=step
            )
        else:
            mrio = load(table, detail)
            known(mrio, asked)
            step(f"computing {principle}")
        if monte_carlo:
            more |= {"engine": where, "checkpoint": checkpoint, "resume": resume}
            more |= {} if uncertainty is None else {"progress": told(step)}
        if not stream:
            result = mc.account(
                mrio, principle, stressor=stressor, households=households,
                uncertainty=uncertainty, **more,
            )  # fmt: skip
        amounts = result  # a workbook has amounts, and those per person on a sheet of their own
        if per_capita:
            result = result.per(mc.population(result.provenance.year or 2022))
            result = result.to(result.unit.replace("Mt", "t", 1))
        if unit is not None:
            result = result.to(unit)
        amounts = amounts if per_capita else result
    listing.result(result, console(), regions=region or (), summed=not per_capita)
    if out is not None and out.suffix.lower() == ".xlsx":
        from mriocarbon.report.accounts_workbook import write_workbook

        people = mc.population(result.provenance.year or 2022) if per_capita else None
        print(f"\nWrote {write_workbook([amounts], out, people=people)}")
    elif out is not None:
        print(f"\nWrote {result.to_csv(out)}")


@app.command()
def trade(
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    stressor: Stressor = None,
    out: Out = None,
) -> None:
    """Emissions embodied in each region's exports and imports, and their balance."""
    from mriocarbon.report import listing
    from mriocarbon.report.pictures import check_files

    check_files(out, None)
    with steps() as step:
        step(f"reading {table}")
        result = mc.trade(load(table, detail), stressor)
    listing.result(result, console())
    if out is not None:
        print(f"\nWrote {result.to_csv(out)}")


for _command in (
    avoided, paths, decompose, chains, extract, scenario, linkages, scopes, shock, important,
    inequality, leakage, machine, doctor, mcp,
):  # fmt: skip
    app.command()(_command)
app.command("map")(map_)
app.command()(ask)


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Tell a warning in one line, without the place in the code where it was raised."""
    kind = "" if issubclass(category, MriocarbonWarning) else f" ({category.__name__})"
    print(f"warning{kind}: {message}", file=sys.stderr)


# What a person can do something about; other errors of the system are faults of ours, with a trace.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


def main() -> None:
    """Run the command line; an error of ours is told in words and exits with 2."""
    warnings.showwarning = _warn
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        # A sign that the terminal or the pipe cannot write comes as a plain one or "?", not as a
        # traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_plain_signs(stream.encoding))
    columns = shutil.get_terminal_size().columns
    try:
        try:
            # help is never narrower than 50 by itself, and a small terminal breaks its words
            width = max(columns - 2, 20) if columns < 52 else None
            status = app(terminal_width=width, standalone_mode=False, prog_name="mriocarbon")
        except Wrong as wrong:
            if type(wrong).__name__ != "NoArgsIsHelpError":
                raise error_of(wrong, app) from None
            wrong.show()
            status = 2
        finally:
            sys.stdout.flush()  # here, where what goes wrong can be told
    except typer.Abort:  # an answer that was not given
        print("Aborted!", file=sys.stderr)
        sys.exit(1)
    except MriocarbonError as error:
        notes = getattr(error, "__notes__", ())
        # a trace on the worker is for those who call from Python
        _fail(str(error), *(note for note in notes if not note.startswith("on the worker:")))
    except MemoryError as error:  # what no estimate foresaw
        said = f": {error}" if str(error) else ""
        _fail(
            f"it does not fit into the memory{said}",
            "  what to do: ask for less (draws, rows, resolution), or free some",
        )
    except BrokenPipeError:
        _drop_output()
        sys.exit(1)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _drop_output()
        _fail(
            f"cannot write: {error.strerror}",
            f"  where: {error.filename or 'standard output, or a file'}",
            "  what to do: make room, or name another place",
        )
    sys.exit(status if isinstance(status, int) else 0)


def _fail(*lines: str) -> None:
    print(f"error: {lines[0]}", *lines[1:], sep="\n", file=sys.stderr)
    sys.exit(2)


def _plain_signs(encoding: str) -> str:
    """Return the handler of what an encoding cannot write."""
    if encoding.casefold().replace("-", "").startswith("utf"):
        return "replace"
    from mriocarbon.report import text  # registers the handler; most terminals need none

    return text.PLAINLY


def _open_streams() -> None:
    """Send to nowhere what is closed (``>&-``): the next file opened would take its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        with suppress(OSError):
            if (null := os.open(os.devnull, os.O_RDWR)) != number:
                os.dup2(null, number)
                os.close(null)
        setattr(sys, name, open(os.devnull, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115


def _drop_output() -> None:
    """Let what is left in the buffer go, so that the end of the process does not try it again."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
