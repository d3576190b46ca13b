"""The process that reads an uploaded table: ``python -m mriocarbon.service.table_worker ORDER``."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from mriocarbon.errors import InputError, MemoryLimitError, MriocarbonError, quietly
from mriocarbon.service import confined, problems


def main(order: Path) -> None:
    """Read what the order names; leave ``table.npz`` and ``about.json``, or ``problem.json``."""
    asked = json.loads(order.read_text(encoding="utf-8"))
    confined.confine(int(asked["memory"]), confined.NICE_AWAITED)
    target = Path(asked["target"])
    try:
        about = _read(asked, target)
        (target / "about.json").write_text(json.dumps(about), encoding="utf-8")
        return
    except MriocarbonError as error:
        problem = problems.of(error, 422)
    except MemoryError:
        problem = problems.of(MemoryLimitError(
            f"reading it takes more than {int(asked['memory']) >> 20:,} MiB of memory",
            where="uploaded table", do="send a smaller one, or aggregate it first",
        ), 422)  # fmt: skip
    except Exception as error:
        # A reader that stumbles over a broken file in a way of its own is the file's fault here;
        # the log has the place.
        problem = problems.of(InputError(
            f"the file cannot be read as a table: {type(error).__name__}: {str(error)[:200]}",
            where="uploaded table", do="send it as published, or name its format",
        ), 422)  # fmt: skip
        import traceback

        traceback.print_exc()
    (target / "problem.json").write_text(problem.model_dump_json(), encoding="utf-8")


def _read(asked: dict[str, Any], target: Path) -> dict[str, Any]:
    import mriocarbon as mc
    from mriocarbon.service import uploads

    source = Path(asked["source"])
    uploads.inspect(source, int(asked["unpacked"]))
    with quietly():  # what is warned of stays in `diagnostics`
        mrio = mc.read(source, format=asked["format"], year=asked["year"])
    rows = len(mrio.index)
    if rows > asked["sectors"]:
        raise InputError(
            f"{rows:,} rows are more than {asked['sectors']:,}", where="uploaded table",
            do="aggregate it first, or start the server with --max-sectors",
        )  # fmt: skip
    mc.save(mrio, target / "table.npz")
    with source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "file": source.name, "bytes": source.stat().st_size, "sha256": sha256,
        "dataset": mrio.provenance.dataset, "year": mrio.year, "rows": rows,
        "regions": list(mrio.regions), "sectors": len(mrio.sectors),
        "stressors": [name for one in mrio.extensions.values() for name in one.stressors],
        "money_unit": mrio.money_unit, "checks": list(mrio.diagnostics)[:20],
        "notes": [note.text for note in mrio.notes][:20],
    }  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
