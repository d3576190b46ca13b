"""`mriocarbon industry`: process models of heavy industry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mriocarbon.cli.shared import console, steps
from mriocarbon.errors import InputError

app = typer.Typer(help="Process models of heavy industry.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="See `mriocarbon industry list`.")]
Origin = Annotated[str, typer.Option(help="ISO3 of the country whose parameters hold.")]
Grid = Annotated[float | None, typer.Option(help="t CO2e per MWh; that of --origin if not given.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="process.name=VALUE, or =MEDIAN,SD to draw it; repeatable."),
]


def _set(given: list[str] | None) -> dict[str, float | tuple[float, float]]:
    found: dict[str, float | tuple[float, float]] = {}
    for text in given or []:
        key, sign, value = text.partition("=")
        try:
            numbers = tuple(float(part) for part in value.split(","))
        except ValueError:
            numbers = ()
        if not sign or len(numbers) not in (1, 2):
            raise InputError(
                f"--set {text} is not understood", where="--set",
                do="write process.name=VALUE or process.name=MEDIAN,SD",
            )  # fmt: skip
        found[key.strip()] = numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])
    return found


def _used(name: str, origin: str, given: dict[str, float | tuple[float, float]]) -> None:
    """Refuse to set what the process never reads."""
    from mriocarbon.industry.arrays import asarray
    from mriocarbon.industry.parameters import Parameters, refuse_unread
    from mriocarbon.industry.steps import step

    middle = {k: v[0] if isinstance(v, tuple) else v for k, v in given.items()}
    p = Parameters(origin, lambda key: asarray(0.0), middle)
    if middle:
        step(name, p=p)
        refuse_unread(p.unread(), [f"{r.process}.{r.name}" for r in p.used.values()], name)


def _is_process(name: str) -> None:
    from mriocarbon.industry.chains import ROUTES

    if name in ROUTES:
        raise InputError(
            f"{name} is a route, not a process", where="industry show, STEP",
            do=f"simulate it, or show one of its steps: {', '.join(ROUTES[name].steps)}",
        )  # fmt: skip


@app.command(name="list")
def list_() -> None:
    """List the routes and processes."""
    from mriocarbon.report import industry_screen as report

    report.listed(console())


@app.command()
def show(
    step: Name,
    origin: Origin = "",
    grid: Grid = None,
    set_: Set = None,
    yaml: Annotated[
        bool, typer.Option("--yaml", help="As a foreground process of `mriocarbon lca`.")
    ] = False,
) -> None:
    """Show the balance of a process: flows, elements, energy, emissions by scope."""
    from mriocarbon.industry.routes import factor_of_grid
    from mriocarbon.industry.routes import grid as grid_of
    from mriocarbon.industry.steps import step as make

    _is_process(step)
    if grid is not None:
        factor_of_grid(grid, "--grid")
    given = _set(set_)
    _used(step, origin, given)
    fixed = {key: value for key, value in given.items() if not isinstance(value, tuple)}
    if len(fixed) < len(given):
        raise InputError("show takes no distribution", where="--set", do="give one value each")
    if yaml:
        import yaml as writer

        from mriocarbon.lca.industrial import all_to_product, process_of, spec_of

        whole = process_of(step, origin=origin, given=fixed)
        rules = all_to_product([whole])
        if rules:  # as the site counts; without a rule a study refuses by-products
            print("# By-products want a rule in the study's scope, such as that of the site:")
            for line in writer.safe_dump({"allocation": rules}, sort_keys=False).splitlines():
                print(f"#   {line}")
        made = spec_of(whole)
        print(writer.safe_dump({"processes": [made]}, sort_keys=False, allow_unicode=True), end="")
        return
    from mriocarbon.report import industry_screen as report

    made_ = make(step, origin=origin, given=fixed)
    factor = grid if grid is not None else grid_of(origin).value if origin else None
    report.shown(made_, factor, console())


@app.command()
def simulate(
    step: Name,
    draws: Annotated[int, typer.Option(min=1, help="How many.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    origin: Origin = "",
    grid: Grid = None,
    set_: Set = None,
    backend: Annotated[str, typer.Option(help="jax or numpy.")] = "jax",
    gradient: Annotated[
        bool,
        typer.Option(
            "--gradient",
            help="Show elasticities: of the total, or direct without a grid.",
        ),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write all numbers: NAME.csv.")] = None,
) -> None:
    """Draw a process or route with all parameters uncertain."""
    from mriocarbon.industry.simulate import gradients
    from mriocarbon.industry.simulate import simulate as draw
    from mriocarbon.report import industry_screen as report
    from mriocarbon.report.pictures import check_files

    check_files(out, None)
    given = _set(set_)
    with steps() as tell:
        tell(f"drawing {step}")
        found = draw(
            step, origin=origin, grid=grid, parameters=given, draws=draws, seed=seed,
            backend=backend,
        )  # fmt: skip
        slopes = None
        if gradient:
            tell("gradients")
            middle = {k: v[0] if isinstance(v, tuple) else v for k, v in given.items()}
            of = "total" if "total" in found.names else "direct"
            slopes = gradients(step, of=of, origin=origin, grid=grid, parameters=middle)
    report.simulated(found, slopes, console())
    if out is not None:
        print(f"\nWrote {report.write_simulation(found, out)}")


@app.command()
def compare(
    origin: Origin = "",
    out: Annotated[Path | None, typer.Option(help="Write the table: NAME.csv.")] = None,
) -> None:
    """Hold the models against the tier 1 factors of the IPCC guidelines."""
    from mriocarbon.industry.tiers import compare_tiers
    from mriocarbon.report import industry_screen as report
    from mriocarbon.report.pictures import check_files

    check_files(out, None)
    tiers = compare_tiers(origin)
    report.compare(tiers, console())
    if out is not None:
        print(f"\nWrote {report.write_tiers(tiers, out)}")
