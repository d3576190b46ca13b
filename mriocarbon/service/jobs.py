"""Jobs: tools that take long and reports, each in a process of its own, kept on disk.

A job is a folder. What it is (``job.json``), that it was begun (``started.json``), how far it is
(``progress.jsonl``), what came out (``result.json``, ``files/``) and how it ended (``end.json``)
are files in it. The end is written once: whoever links it into place first has said how it ended,
be it the job's own process, a person who cancels it, or the server that saw it die. So a job
that ended stays ended whatever happens to the server.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

from mriocarbon.errors import DataFileError, InputError, MriocarbonError
from mriocarbon.service import confined, problems
from mriocarbon.service.problems import Problem

log = logging.getLogger("mriocarbon.service")

State = Literal["queued", "running", "done", "failed", "cancelled"]
Kind = Literal["tool", "report"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
ID = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it is now.

    Attributes
    ----------
    id : str
    kind : {"tool", "report"}
    name : str
        Of the tool or the report.
    arguments : mapping
    owner : str
        Name of the key that submitted it; empty without keys.
    state : {"queued", "running", "done", "failed", "cancelled"}
    created, started, ended : str
        UTC, ISO 8601; empty while it has not come to that.
    progress : str
        What it said last.
    error : Problem or None
        Why it failed.
    files : tuple of str
        Names of the files that a report left.
    """

    id: str
    kind: Kind
    name: str
    arguments: Mapping[str, Any]
    owner: str
    state: State
    created: str
    started: str = ""
    ended: str = ""
    progress: str = ""
    error: Problem | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of progress; the first is number 1."""

    number: int
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one job: seconds, bytes of memory, threads; and how many run, wait and are kept.

    A key may have half of the queue, and `kept` ended ones of its own.
    """

    seconds: float = 3600.0
    memory: int = 8 << 30
    threads: int = 1
    at_once: int = 1
    queue: int = 20
    kept: int = 200


class QueueFullError(MriocarbonError):
    """As many jobs wait as may."""


class Jobs:
    """The jobs of a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there. One server at a time may run jobs in it.
    limits : Limits
    tables : Path, optional
        Folder of uploaded tables, which a job can name.

    Notes
    -----
    `open` takes up what another server left: jobs that waited run, those that had begun are lost,
    and say so.
    """

    def __init__(self, folder: Path, limits: Limits = Limits(), tables: Path | None = None) -> None:
        self.folder, self.limits, self.tables = folder, limits, tables
        self._lock = threading.Condition()
        self._waiting: deque[str] = deque()
        self._owners: dict[str, str] = {}  # of those that wait or run
        self._last: dict[str, int] = {}  # which start an owner's last one was
        self._starts = 0
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._threads: list[threading.Thread] = []
        self._held: IO[bytes] | None = None
        self._closed = False

    def open(self) -> None:
        """Begin to run jobs; again does nothing.

        Raises
        ------
        InputError
            Another server runs jobs in this folder.
        DataFileError
            The folder cannot be written to.
        """
        with self._lock:
            if self._held is not None or self._closed:
                return
            try:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._held = _hold(self.folder / "lock")
            except OSError as error:
                raise DataFileError(
                    f"the folder of jobs cannot be written to: {error.strerror or error}",
                    where=str(self.folder),
                    do="name a folder of yours: --folder, or MRIOCARBON_CACHE",
                ) from error
            for folder in sorted(
                self._folders(), key=lambda one: _read(one / "job.json")["created"]
            ):
                if (folder / "end.json").exists():
                    continue
                if (folder / "started.json").exists():
                    lost = InputError(
                        "the server ended while this job ran", where=f"job {folder.name}",
                        do="submit it again",
                    )  # fmt: skip
                    problem = problems.of(lost).model_copy(
                        update={"type": problems.KIND + "job-lost", "title": "job lost"}
                    )
                    finish(folder, "failed", error=problem)
                else:
                    self._owners[folder.name] = _read(folder / "job.json")["owner"]
                    self._waiting.append(folder.name)
            for k in range(self.limits.at_once):
                thread = threading.Thread(target=self._work, name=f"jobs-{k}", daemon=True)
                thread.start()
                self._threads.append(thread)
            self._lock.notify_all()

    def close(self) -> None:
        """End what runs, which is lost, and let go of the folder; what waits stays for the next."""
        with self._lock:
            self._closed = True
            running = list(self._running.values())
            self._lock.notify_all()
        for process in running:
            confined.end(process)
        for thread in self._threads:
            thread.join(timeout=10)
        if self._held is not None:
            self._held.close()
            self._held = None

    def submit(
        self, name: str, arguments: Mapping[str, Any], *, kind: Kind = "tool", owner: str = ""
    ) -> str:
        """Put a job in the queue and return its id.

        The name and the arguments have been checked by the caller.

        Raises
        ------
        QueueFullError
            As many wait as may.
        """
        self.open()
        with self._lock:
            if len(self._waiting) >= self.limits.queue:
                raise QueueFullError(
                    f"{len(self._waiting)} jobs wait already", where="the queue of jobs",
                    do="wait for one of them to end, or cancel one",
                )  # fmt: skip
            mine = sum(self._owners[one] == owner for one in self._waiting)
            if owner and mine >= max(1, self.limits.queue // 2):
                raise QueueFullError(
                    f"{mine} jobs of this key wait already", where="the queue of jobs",
                    do="wait for one of them to end, or cancel one",
                )  # fmt: skip
            number = secrets.token_hex(12)
            folder = self.folder / number
            folder.mkdir(mode=0o700)
            _write(folder / "job.json", {
                "id": number, "kind": kind, "name": name, "arguments": dict(arguments),
                "owner": owner, "created": _now(), "tables": str(self.tables or ""),
                "memory": self.limits.memory,
            })  # fmt: skip
            self._owners[number] = owner
            self._waiting.append(number)
            self._lock.notify_all()
        self._prune(owner)
        return number

    def get(self, number: str) -> Job | None:
        """Return a job as it is now, or None if there is none of that id."""
        folder = self._folder(number)
        if folder is None:
            return None
        job = _read(folder / "job.json")
        state: State = "queued"
        more: dict[str, Any] = {}
        if (started := _read(folder / "started.json")) is not None:
            state, more["started"] = "running", started["at"]
        if (end := _read(folder / "end.json")) is not None:
            state = end["state"]
            more |= {
                "ended": end["at"], "files": tuple(end.get("files", ())),
                "error": Problem(**end["error"]) if end.get("error") else None,
            }  # fmt: skip
        lines = self.lines(number)
        return Job(
            job["id"], job["kind"], job["name"], job["arguments"], job["owner"], state,
            job["created"], progress=lines[-1].text if lines else "", **more,
        )  # fmt: skip

    def listing(self, owner: str = "") -> list[Job]:
        """Return the jobs of an owner, the newest first."""
        found = [self.get(folder.name) for folder in self._folders()]
        mine = [job for job in found if job is not None and job.owner == owner]
        return sorted(mine, key=lambda job: (job.created, job.id), reverse=True)

    def lines(self, number: str, after: int = 0) -> list[Line]:
        """Return what a job has said after line `after`."""
        folder = self._folder(number)
        try:
            text = (folder / "progress.jsonl").read_text("utf-8") if folder else ""
        except FileNotFoundError:
            return []
        rows = text.split("\n")[:-1]  # what stands after the last line end is not whole yet
        return [
            Line(k, row["at"], row["text"])
            for k, row in enumerate(map(json.loads, rows), start=1)
            if k > after
        ]

    def result(self, number: str) -> bytes | None:
        """Return the result of a tool that is done, as JSON."""
        job, folder = self.get(number), self._folder(number)
        if job is None or folder is None or job.state != "done" or job.kind != "tool":
            return None
        return (folder / "result.json").read_bytes()

    def file(self, number: str, name: str) -> Path | None:
        """Return a file that a report left; only names that are on its list are looked at."""
        job, folder = self.get(number), self._folder(number)
        if job is None or folder is None or name not in job.files:
            return None
        return folder / "files" / name

    def cancel(self, number: str) -> Job | None:
        """End a job that has not ended, with all processes that it began."""
        folder = self._folder(number)
        if folder is None:
            return None
        if finish(folder, "cancelled"):
            with self._lock:
                if number in self._waiting:
                    self._waiting.remove(number)
                    self._owners.pop(number, None)
                process = self._running.get(number)
            if process is not None:
                confined.end(process)
        return self.get(number)

    def forget(self, number: str) -> None:
        """Remove a job that has ended, and all it left."""
        folder = self._folder(number)
        if folder is not None and (folder / "end.json").exists():
            shutil.rmtree(folder, ignore_errors=True)

    def waiting(self) -> int:
        """Return how many wait."""
        with self._lock:
            return len(self._waiting)

    def _folder(self, number: str) -> Path | None:
        folder = self.folder / number if ID.fullmatch(number) else None
        return folder if folder is not None and _read(folder / "job.json") else None

    def _folders(self) -> Iterator[Path]:
        if self.folder.is_dir():
            for folder in self.folder.iterdir():
                if self._folder(folder.name) is not None:
                    yield folder

    def _prune(self, owner: str) -> None:
        """Remove the oldest ended jobs of an owner: nobody's come at the cost of another's."""
        ended = [
            (folder.stat().st_mtime, folder)
            for folder in self._folders()
            if (folder / "end.json").exists()
            and (_read(folder / "job.json") or {}).get("owner") == owner
        ]
        for _, folder in sorted(ended)[: max(0, len(ended) - self.limits.kept)]:
            shutil.rmtree(folder, ignore_errors=True)

    def _next(self) -> str:
        """Take the next that waits: of who runs least, then of whose turn was longest ago."""
        running = [self._owners.get(one) for one in self._running]

        def turn(number: str) -> tuple[int, int]:
            owner = self._owners[number]
            return running.count(owner), self._last.get(owner, 0) if owner else 0

        number = min(self._waiting, key=turn)  # of equals the first
        self._waiting.remove(number)
        self._starts += 1
        self._last[self._owners[number]] = self._starts
        return number

    def _work(self) -> None:
        while True:
            with self._lock:
                while not self._waiting and not self._closed:
                    self._lock.wait()
                if self._closed:
                    return
                folder = self.folder / self._next()
                if (folder / "end.json").exists():
                    self._owners.pop(folder.name, None)
                    continue
                _write(folder / "started.json", {"at": _now()})
                process = confined.start(
                    "mriocarbon.service.job_worker", [str(folder)],
                    log=folder / "log.txt", threads=self.limits.threads,
                )  # fmt: skip
                self._running[folder.name] = process
            try:
                self._watch(folder, process)
            except Exception:  # a thread that ends would leave all later jobs waiting
                log.exception("job %s could not be watched", folder.name)
            finally:
                with self._lock:
                    self._running.pop(folder.name, None)
                    self._owners.pop(folder.name, None)

    def _watch(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        """Wait for a job's process as long as it may take; say how it ended if it did not."""
        error: MriocarbonError | None = None
        try:
            process.wait(timeout=self.limits.seconds)
        except subprocess.TimeoutExpired:
            error = InputError(
                f"the job took more than {self.limits.seconds:g} s", where="limit of time",
                do="ask for less, or start the server with more time for jobs",
            )  # fmt: skip
        finally:
            confined.end(process)
        if (folder / "end.json").exists():
            return
        if error is None and self._closed:
            error = InputError("the server ended while this job ran", do="submit it again")
        elif error is None:
            told = folder / "log.txt"
            error = confined.died(process, told, "the job's process", f"job {folder.name}")
        finish(folder, "failed", error=problems.of(error))


def finish(
    folder: Path, state: State, *, error: Problem | None = None, files: tuple[str, ...] = ()
) -> bool:
    """Say how a job ended; False if that was said before, which then stands."""
    content: dict[str, Any] = {"state": state, "at": _now(), "files": list(files)}
    if error is not None:
        content["error"] = error.model_dump(mode="json")
    part = folder / f".end-{secrets.token_hex(4)}.part"
    part.write_text(json.dumps(content), encoding="utf-8")
    try:
        os.link(part, folder / "end.json")  # unlike a rename, fails if it is there
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def say(folder: Path, text: str) -> None:
    """Add a line of progress; called in the job's process alone."""
    line = json.dumps({"at": _now(), "text": text[:500]}, ensure_ascii=False)
    with (folder / "progress.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _hold(path: Path) -> IO[bytes]:
    """Hold a file for as long as this process lives, however it ends."""
    file = path.open("ab")
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows: two servers there are the user's care
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise InputError(
            "another server runs jobs in this folder", where=str(path.parent),
            do="give this one another folder, or end the other one",
        ) from None  # fmt: skip
    return file


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):  # cut short, as when the power went
        log.error("%s is damaged", path)
        return None


def _write(path: Path, content: Mapping[str, Any]) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(content), encoding="utf-8")
    os.replace(part, path)


def wait(jobs: Jobs, number: str, seconds: float) -> Job:
    """Wait until a job has ended, and return it; TimeoutError after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = jobs.get(number)
        if job is not None and job.state in ENDED:
            return job
        time.sleep(0.05)
    raise TimeoutError(number)
