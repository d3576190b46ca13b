"""Pictures as files, and the places of files looked at before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mriocarbon.errors import InputError
from mriocarbon.model.atomic import check_writable, replacing
from mriocarbon.report.figures import Drawing

__all__ = ["PICTURES", "check_files", "write_picture"]

PICTURES = (".svg", ".png")


def check_files(out: Path | None, picture: Path | None, lists: Sequence[str] = (".csv",)) -> None:
    """Raise unless a list and a picture can be written there, by the endings of their names.

    Raises
    ------
    InputError
        Another ending.
    DataFileError
        The place cannot be written to.
    """
    for path, known in ((out, lists), (picture, PICTURES)):
        if path is None:
            continue
        if path.suffix.lower() not in known:
            raise InputError(
                f"cannot tell the format from {path.name!r}",
                where=str(path),
                do=f"end the name in {' or '.join(known)}",
            )
        check_writable(path)


def write_picture(drawing: Drawing, path: str | Path) -> Path:
    """Write a picture as SVG or PNG, by the name's ending; whole or absent."""
    path = Path(path)
    check_files(None, path)
    with replacing(path) as temporary:
        if path.suffix.lower() == ".png":
            temporary.write_bytes(drawing.png)
        else:
            temporary.write_text(drawing.svg, encoding="utf-8", newline="\n")
    return path
