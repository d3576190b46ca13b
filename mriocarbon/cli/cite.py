"""``mriocarbon --cite FILE COMMAND ...``: a bibliography of all that a command rests on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STYLES = {".bib": "bibtex", ".txt": "text"}


@contextmanager
def citing(path: Path) -> Iterator[None]:
    """Write what is computed and read meanwhile as a bibliography, unless it fails.

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
    if not kept:
        print(f"nothing to cite: {path} is not written", file=sys.stderr)
        return
    with replacing(path) as temporary:
        temporary.write_text(cite(kept, style=STYLES[path.suffix]), encoding="utf-8", newline="\n")
    print(f"\nWrote {path}")
