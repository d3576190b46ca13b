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
        from mriocarbon.report import screen

        out = console()
        rows = []
        for one in found:
            todo = [f"-> {one.do}"] if one.do and one.state != OK else []
            rows.append((one.state, one.name, [one.found, *todo]))
        screen.states(rows, out)
        said = ", ".join(one.name for one in hurt)
        out.print(
            f"\nIn the way of the main job: {said}" if hurt else "\nThe main job can be done."
        )
    raise typer.Exit(1 if hurt else 0)
