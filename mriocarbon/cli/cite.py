"""``mriocarbon --cite FILE COMMAND ...``: a bibliography of all that a command rests on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STYLES = {".bib": "bibtex", ".txt": "text"}
# Their figures have sources of their own, which do not pass through a table's provenance.
PARTLY = ("avoided", "cbam", "industry", "lca", "map", "natural", "ask", "db", "reproduce")


@contextmanager
def citing(path: Path, command: str = "") -> Iterator[None]:
    """Write what is computed and read meanwhile as a bibliography, unless it fails.

    Of the commands in `PARTLY` it is not all: the file says so.

    Raises
    ------
    InputError
        Neither a ``.bib`` nor a ``.txt``.
    DataFileError
        The place cannot be written to; told before the work.
    """
    import sys

    from mriocarbon.errors import InputError
    from mriocarbon.model.atomic import check_writable, replacing
    from mriocarbon.model.citation import cite
    from mriocarbon.model.provenance import heard

    if path.suffix not in STYLES:
        raise InputError(
            f"no bibliography is known by the ending {path.suffix!r}",
            where=f"--cite {path}",
            do="name a .bib (BibTeX) or a .txt",
        )
    check_writable(path)
    with heard() as kept:
        yield
    more = f"not all that `mriocarbon {command}` rests on: its report names the other sources"
    if not kept:
        why = f"; {more}" if command in PARTLY else ""
        print(f"nothing to cite: {path} is not written{why}", file=sys.stderr)
        return
    text = cite(kept, style=STYLES[path.suffix])
    if command in PARTLY:
        print(f"warning: {more}", file=sys.stderr)
        text = f"{'% ' if path.suffix == '.bib' else ''}{more}\n{text}"
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    print(f"\nWrote {path}")
