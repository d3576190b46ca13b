"""``mriocarbon doctor``: what works on this machine, what is missing, and what to do."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from mriocarbon.cli.shared import console


def doctor(
    probe: Annotated[
        bool, typer.Option("--probe/--no-probe", help="Ask the language model's endpoint, if any.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Say what works here and what is missing. Exit status 1 if the main job cannot be done."""
    from mriocarbon.cli.checkup import OK, checkup

    found = checkup(probe=probe)
    hurt = [one for one in found if one.hurts]
    if as_json:
        print(json.dumps({"sound": not hurt, "checks": [asdict(one) for one in found]}, indent=1))
    else:
        from rich.table import Table
        from rich.text import Text

        out = console()
        style = {"OK": "green", "MISSING": "yellow", "WRONG": "bold red"}
        width = max(len(one.name) for one in found)
        # A line each in a pipe, to be searched; hanging lines in a terminal, to be read.
        screen = Table.grid(padding=(0, 2, 0, 0))
        for least in (len("MISSING"), width, None):
            screen.add_column(width=least, overflow="fold")
        for one in found:
            state = (f"{one.state:7}", style[one.state])
            told = [one.found, *([f"-> {one.do}"] if one.do and one.state != OK else [])]
            screen.add_row(Text.assemble(state), Text(one.name), Text("\n".join(told)))
            if not out.is_terminal:
                out.print(Text(f"{one.state:8}{one.name:{width}}  {told[0]}"), soft_wrap=True)
                for line in told[1:]:
                    out.print(Text(f"{'':8}{'':{width}}  {line}"), soft_wrap=True)
        if out.is_terminal:
            out.print(screen)
        said = ", ".join(one.name for one in hurt)
        out.print(
            f"\nIn the way of the main job: {said}" if hurt else "\nThe main job can be done."
        )
    raise typer.Exit(1 if hurt else 0)
