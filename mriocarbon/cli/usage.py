"""What was typed and is no command of ours, told as every error is: what, where, what to do."""

from __future__ import annotations

import re
import sys
from typing import Any

import typer

from mriocarbon.errors import InputError, UnknownNameError

__all__ = ["Wrong", "error_of"]

# Older typers take click's errors, later ones have their own of the same names.
Wrong: type[Any] = typer.BadParameter.__mro__[2]


def error_of(wrong: Any, app: typer.Typer) -> InputError:
    """Return an error of the parser as one of ours.

    Parameters
    ----------
    wrong : Wrong
        As the parser raised it.
    app : Typer
        What was called.
    """
    path, command = _command(wrong, app)
    # "No such command 'acount'. Did you mean 'account'?", "No such option: --regoin (Possible ...)"
    what, _, meant = str(wrong.format_message()).partition(" Did you mean ")
    what = re.sub(r" \(Possible options: .*\)$", "", what).rstrip(".")
    return InputError(
        what[:1].lower() + what[1:],
        where=path,
        do=_advice(wrong, command, meant) or f"{_help_of(wrong, command)}{path} --help",
    )


def _command(wrong: Any, app: typer.Typer) -> tuple[str, Any]:
    """Return what was called, as it is typed, and the command; the parser does not always say."""
    context = getattr(wrong, "ctx", None)
    if context is not None:
        return str(context.command_path), context.command
    path, command = "mriocarbon", typer.main.get_command(app)
    for word in sys.argv[1:]:
        found = getattr(command, "commands", {}).get(word)
        if found is not None:
            path, command = f"{path} {word}", found
    return path, command


def _advice(wrong: Any, command: Any, meant: str) -> str:
    """Return what was meant, if anything is near it."""
    option = str(getattr(wrong, "option_name", ""))
    if re.fullmatch(r"-[.,]?\d.*", option):
        return (
            f"{option} begins with a minus, so that it was read as an option; a number below"
            f" zero comes after all options and two dashes: -- {option}"
        )
    if hasattr(wrong, "possibilities") and option:
        known = [name for one in command.params for name in (*one.opts, *one.secondary_opts)]
        known = [name for name in known if name.startswith("-")] + ["--help"]
        near = UnknownNameError.of("option", option, known).do
        if near.startswith("did you mean"):
            return near
        if wrong.possibilities:
            return f"did you mean {' or '.join(map(repr, wrong.possibilities))}?"
    return f"did you mean {meant}" if meant else ""


def _help_of(wrong: Any, command: Any) -> str:
    """Return what comes before the call for help."""
    said = str(wrong.format_message())
    if said.startswith("Missing"):
        return "give it, or ask what it is: "
    if "unexpected extra argument" in said:
        return "leave it out (text with blanks stands in quotes), or ask what is taken: "
    if hasattr(command, "commands"):
        return "ask for all of them: "
    return "ask what it takes: "
