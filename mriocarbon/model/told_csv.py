"""Numbers as CSV below lines that tell what they are: the one layout of all results in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from mriocarbon.model.atomic import replacing

__all__ = ["write_told"]


def write_told(
    path: str | Path,
    told: Iterable[tuple[str, object]],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> Path:
    """Write rows below a ``# key: text`` line for each of `told`; the file is whole or absent.

    Floats are written with all digits that they have.

    Raises
    ------
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as here:
    ...     file = Path(here) / "a.csv"
    ...     write_told(file, [("unit", "Mt")], ["region", "value"], [("CHN", 0.1)]).read_text()
    '# unit: Mt\\nregion,value\\nCHN,0.1\\n'
    """
    path = Path(path)
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        for key, text in told:
            file.write(f"# {key}: {' '.join(str(text).split())}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([repr(float(v)) if isinstance(v, float) else v for v in row])
    return path
