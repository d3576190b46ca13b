"""`mriocarbon lca auto`: a carbon footprint from a bill of materials.

`mriocarbon lca match` shows what items would be taken from. Both belong to the group of `cli.lca`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mriocarbon.cli.shared import console, steps

__all__ = ["auto", "match"]


def auto(
    bill: Annotated[
        str, typer.Argument(help="A bill of materials (.yaml, .csv), or a question in quotes.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write the report and the study (study.yaml) here.")
    ] = None,
    place: Annotated[
        str, typer.Option(help="Country where it is made; that of the bill if absent.")
    ] = "",
    year: Annotated[int | None, typer.Option(help="Of the study; the bill's, or 2022.")] = None,
    table: Annotated[
        str, typer.Option(help="Stands in where no process is found; '' for none.")
    ] = "oecd-icio-2022",
    threshold: Annotated[
        float, typer.Option(help="Lowest score, 0 to 1, at which a process is taken.")
    ] = 0.55,
    draws: Annotated[int, typer.Option(help="Of the Monte Carlo.")] = 1000,
) -> None:
    """A product carbon footprint from a bill of materials: every choice is listed."""
    from mriocarbon.lca.automatic import auto as run
    from mriocarbon.lca.automatic import matches, to_yaml
    from mriocarbon.model.atomic import replacing
    from mriocarbon.report import lca as report
    from mriocarbon.report import listing
    from mriocarbon.report.files import csv_text

    if out is not None:
        report.check_target(out)  # before the work, not after it
    with steps() as step:
        found = run(
            bill, place=place, year=year, table=table, threshold=threshold, draws=draws,
            progress=step,
        )  # fmt: skip
        files = [] if out is None else report.write(found, out, say=step)
    screen = console()
    taken_from = []
    for one in found.found:
        second = one.match.runner_up if one.match is not None else None
        taken = one.process or f"industry {one.sector} of {one.region}"
        other = f"{second.process} ({second.score:.2f})" if second is not None else ""
        taken_from.append((one.item.name, taken, f"{one.score:.2f}", other))
    listing.rows(("item", "taken from", "score", "runner-up"), taken_from, screen)
    report.terminal(found, screen)
    if out is not None:
        rows = matches(found)
        table = csv_text(list(rows[0]), (list(row.values()) for row in rows))
        for name, text in (("study.yaml", to_yaml(found.study)), ("matches.csv", table)):
            with replacing(out / name) as part:
                part.write_text(text, encoding="utf-8", newline="\n")
        page = next(file for file in files if file.suffix == ".html")
        print(f"\nWrote {len(files) + 2} files to {out}; open {page}")
        print(
            f"Edit {out / 'study.yaml'} and run it again: mriocarbon lca run {out / 'study.yaml'}"
        )


def match(
    text: Annotated[str, typer.Argument(help="What is looked for: 'aluminium sheet'.")],
    unit: Annotated[str, typer.Option(help="Of its amount.")] = "kg",
    place: Annotated[str, typer.Option(help="Country, for electricity and doubles.")] = "",
) -> None:
    """What the matcher takes for a name: candidates with scores, and industries of the table."""
    from mriocarbon.lca.assign import country
    from mriocarbon.lca.automatic import ready
    from mriocarbon.lca.sectors import industries_of

    prepared = ready()
    found = prepared.matcher.match(text, unit, place=country(place), usable=prepared.priced.usable)
    print(f"{found.status}{': ' + found.why if found.why else ''}")
    for one in found.candidates:
        print(f"  {one.score:.2f}  {one.process}  ({one.location}, {one.unit})")
    for other in industries_of(text):
        print(f"  {other.score:.2f}  industry {other.sector}, by {other.words!r}")
