"""The process of one job: ``python -m mriocarbon.service.job_worker FOLDER``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mriocarbon.errors import MemoryLimitError, MriocarbonError
from mriocarbon.model.atomic import replacing
from mriocarbon.service import confined, problems
from mriocarbon.service.jobs import finish, say
from mriocarbon.service.problems import KIND, Problem


def main(folder: Path) -> None:
    """Do what ``job.json`` says, leave the result, and say how it ended."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    confined.confine(int(job["memory"]))
    tell = _seldom(folder)
    try:
        files = _report(job, folder, tell) if job["kind"] == "report" else _tool(job, folder, tell)
        finish(folder, "done", files=files)
    except MriocarbonError as error:
        finish(folder, "failed", error=problems.of(error))
    except MemoryError:
        memory = MemoryLimitError(
            f"the job wanted more than its {int(job['memory']) >> 20:,} MiB of memory",
            where="limit of memory", do="ask for less, or start the server with more for jobs",
        )  # fmt: skip
        finish(folder, "failed", error=problems.of(memory))
    except BaseException:
        problem = Problem(
            type=KIND + "internal", title="internal", status=500,
            detail="this should not have happened", where=f"job {folder.name}",
            do="report it with the job's id; the log of the job says more",
        )  # fmt: skip
        finish(folder, "failed", error=problem)
        raise


def _tool(job: dict[str, Any], folder: Path, tell: Callable[[str], None]) -> tuple[str, ...]:
    from mriocarbon import tools
    from mriocarbon.service import uploads

    if job["tables"]:
        uploads.know(Path(job["tables"]), job["arguments"])
    tell(f"computing: {tools.get(job['name']).title}")
    with tools.progress(tell):
        found = tools.call(job["name"], job["arguments"])
    with replacing(folder / "result.json") as part:
        part.write_text(found.model_dump_json(), encoding="utf-8")
    return ()


def _report(job: dict[str, Any], folder: Path, tell: Callable[[str], None]) -> tuple[str, ...]:
    from mriocarbon.service.reports import build

    place = folder / "files"
    build(job["name"], job["arguments"], place, tell)
    # the report first, as a reader wants it
    names = [str(one.relative_to(place).as_posix()) for one in place.rglob("*") if one.is_file()]
    return tuple(sorted(names, key=lambda name: (not name.endswith(".html"), name)))


def _seldom(folder: Path, every: float = 0.2, most: int = 5000) -> Callable[[str], None]:
    """Return what adds lines of progress, five a second at most."""
    last, said = 0.0, 0

    def tell(text: str) -> None:
        nonlocal last, said
        now = time.monotonic()
        if now - last >= every and said < most:
            say(folder, text)
            last, said = now, said + 1

    return tell


if __name__ == "__main__":
    main(Path(sys.argv[1]))
