"""Tables that people bring: parsed in a process of their own, kept on disk, known to the tools."""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
import stat
import subprocess
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mriocarbon as mc
from mriocarbon.errors import InputError, MriocarbonError, UnknownNameError
from mriocarbon.io.archive import DAMAGE, zip_of
from mriocarbon.service import confined, problems
from mriocarbon.service.problems import Problem
from mriocarbon.service.settings import Settings
from mriocarbon.tools import tables

log = logging.getLogger("mriocarbon.service")

SUFFIXES = (".zip", ".npz", ".xlsx", ".xlsb", ".xls", ".csv", ".txt", ".parquet", ".nc", ".mat")
ZIPPED = (".zip", ".npz", ".xlsx", ".xlsb")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
MEMBERS, UNPACKED, RATIO = 2_000, 16, 1_000
"""Of a zip: members, unpacked bytes as a multiple of the largest upload, bytes to one packed."""


class Uploads:
    """The uploaded tables of a server.

    Parameters
    ----------
    settings : Settings
        Its folder holds them, each as ``tables/NAME/table.npz`` beside ``about.json``.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.folder = settings, settings.folder / "tables"
        self._parsing = threading.Lock()
        self._known: set[str] = set()

    def open(self) -> None:
        """Make the tables in the folder known; clear what a killed server left half done."""
        for kind in (".incoming-*", ".removed-*"):
            for left in self.folder.glob(kind):
                shutil.rmtree(left, ignore_errors=True)
        for name in sorted(self.about()):
            try:
                know(self.folder, {"table_name": name})
            except MriocarbonError as error:  # one table must not keep the server from starting
                log.error("the uploaded table %s is not read: %s", name, error)
                continue
            self._known.add(name)

    def close(self) -> None:
        """Make them unknown again; they stay on disk."""
        for name in self._known:
            tables.remove(name)
        self._known.clear()

    def about(self) -> dict[str, dict[str, Any]]:
        """Return what is known of each uploaded table, by name."""
        found = {}
        if self.folder.is_dir():
            for folder in self.folder.iterdir():
                if not NAME.fullmatch(folder.name):
                    continue
                try:
                    told = json.loads((folder / "about.json").read_text("utf-8"))
                except FileNotFoundError:
                    continue
                except (ValueError, RecursionError):
                    log.error("what is known of the uploaded table %s is damaged", folder.name)
                    continue
                found[folder.name] = told
        return found

    def check(self, name: str, file_name: str) -> None:
        """Refuse a name that cannot be taken, and a type of file that is not read.

        Raises
        ------
        InputError
        """
        if not NAME.fullmatch(name):
            raise InputError(
                f"{name[:60]!r} is no name for a table",
                where="2 to 40 small letters, digits and '-'", do="choose another one",
            )  # fmt: skip
        if name in tables.names() or (self.folder / name).exists():
            raise InputError(
                f"a table named {name!r} is there already", where="name", do="choose another name"
            )
        if len(self.about()) >= self.settings.max_tables:
            raise InputError(
                f"{self.settings.max_tables} tables are kept at once", where="uploaded tables",
                do="remove one of them first",
            )  # fmt: skip
        if Path(file_name).suffix.lower() not in SUFFIXES:
            raise InputError(
                f"files like {file_name[-40:]!r} are not read", where="file",
                do=f"send one of {', '.join(SUFFIXES)}",
            )  # fmt: skip

    def place(self) -> Path:
        """Return a new folder for an upload; whoever asked for it removes it."""
        folder = self.folder / f".incoming-{secrets.token_hex(8)}"
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def add(
        self, name: str, source: Path, *, format: str | None = None, year: int | None = None
    ) -> dict[str, Any]:
        """Parse a file in a process of its own and make the table known.

        Returns
        -------
        dict
            What is known of it: size, year, stressors, what the checks said, hash of the file.

        Raises
        ------
        MriocarbonError
            As `mc.read` raises; InputError or MemoryLimitError where a limit was reached,
            InternalError where the process failed by a fault of ours.
        """
        if not self._parsing.acquire(blocking=False):
            raise InputError(
                "another table is being read", where="one at a time", do="try again in a while"
            )
        try:
            self.check(name, source.name)
            target = source.parent / "parsed"
            target.mkdir()
            self._parse(source, target, format, year)
            target.rename(self.folder / name)
        finally:
            self._parsing.release()
        know(self.folder, {"table_name": name})
        self._known.add(name)
        return self.about()[name]

    def _parse(self, source: Path, target: Path, format: str | None, year: int | None) -> None:
        limits = self.settings
        asked = {
            "source": str(source), "target": str(target), "format": format, "year": year,
            "memory": limits.upload_memory, "sectors": limits.max_sectors,
            "unpacked": UNPACKED * limits.max_upload,
        }  # fmt: skip
        order = source.parent / "order.json"
        order.write_text(json.dumps(asked), encoding="utf-8")
        told_to = source.parent / "worker.log"
        process = confined.start("mriocarbon.service.table_worker", [str(order)], log=told_to)
        late = False
        try:
            process.wait(timeout=limits.upload_seconds)
        except subprocess.TimeoutExpired:
            late = True
        finally:
            confined.end(process)
        if late:
            raise InputError(
                f"reading the table took more than {limits.upload_seconds:g} s", where=source.name,
                do="bring it into a plainer layout, such as what mc.save writes (.npz)",
            )  # fmt: skip
        if (target / "problem.json").exists():
            told = Problem.model_validate_json((target / "problem.json").read_bytes())
            raise _shown(problems.raised(told), source)
        if not (target / "about.json").exists():
            raise confined.died(process, told_to, "the process that read the table", source.name)

    def remove(self, name: str) -> None:
        """Forget an uploaded table.

        Raises
        ------
        UnknownNameError
        """
        if not NAME.fullmatch(name) or not (self.folder / name).is_dir():
            raise UnknownNameError.of("uploaded table", name, sorted(self.about()))
        # out of the way as a whole first: a server that is killed meanwhile leaves no half table
        gone = self.folder / f".removed-{secrets.token_hex(8)}"
        (self.folder / name).rename(gone)
        if name in self._known:
            tables.remove(name)
            self._known.discard(name)
        shutil.rmtree(gone, ignore_errors=True)


def _shown(error: MriocarbonError, source: Path) -> MriocarbonError:
    """Return an error without the folders of this machine in its words."""
    folder = str(source.parent)
    for name in ("what", "where", "do"):
        text = getattr(error, name).replace(folder + "/", "").replace(folder, "the upload")
        setattr(error, name, text)
    return error


def know(folder: Path, arguments: Mapping[str, Any]) -> None:
    """Make the uploaded tables that arguments name known in this process."""
    for name in arguments.values():
        if not isinstance(name, str) or not NAME.fullmatch(name) or name in tables.names():
            continue
        if (folder / name).is_dir():
            tables.add(name, mc.read(folder / name / "table.npz"))


def safe_name(given: str) -> str:
    """Return a file name that is a name alone; layouts are known by names, so most of it stays.

    Examples
    --------
    >>> safe_name("../../etc/WIOT 2014.zip"), safe_name(""), safe_name("..")
    ('WIOT_2014.zip', 'upload', 'upload')
    """
    base = re.split(r"[/\\]", given)[-1]
    base = re.sub(r"[^A-Za-z0-9._-]", "_", base)[-80:].lstrip(".-")
    return base or "upload"


def inspect(path: Path, unpacked: int) -> None:
    """Refuse a file that is not what its suffix says, or a zip that could do harm.

    Raises
    ------
    InputError
        A member that leads out of its folder, a link, too many members, too much once unpacked.
    """
    suffix = path.suffix.lower()
    zipped = zipfile.is_zipfile(path)
    if zipped != (suffix in ZIPPED):
        raise InputError(
            f"it is {'a' if zipped else 'no'} zip, unlike a {suffix} file", where=path.name,
            do="send the file as its producer publishes it",
        )  # fmt: skip
    if suffix in (".csv", ".txt"):
        with path.open("rb") as file:
            if b"\0" in file.read(1 << 16):
                raise InputError("it is not text", where=path.name, do="send text in UTF-8")
    if not zipped:
        return
    try:
        with zip_of(path) as archive:
            members = archive.infolist()
    except DAMAGE as error:
        raise InputError(
            f"the zip is truncated or damaged: {error}", where=path.name, do="send it again"
        ) from None
    if len(members) > MEMBERS:
        raise InputError(
            f"{len(members)} members are more than {MEMBERS}", where=path.name, do="send less"
        )
    total = 0
    for one in members:
        parts = re.split(r"[/\\]", one.filename)
        if ".." in parts or one.filename[:1] in ("/", "\\") or ":" in parts[0]:
            raise InputError(
                "a member of the zip leads out of its folder", where=one.filename[:80],
                do="pack the files with plain names",
            )  # fmt: skip
        if stat.S_ISLNK(one.external_attr >> 16):
            raise InputError(
                "a member of the zip is a link", where=one.filename[:80], do="pack the file itself"
            )
        total += one.file_size
        if one.file_size > RATIO * max(one.compress_size, 1) and one.file_size > 1 << 20:
            raise InputError(
                f"a member unpacks to more than {RATIO} times its size", where=one.filename[:80],
                do="pack it in the usual way",
            )  # fmt: skip
    if total > unpacked:
        raise InputError(
            f"{total:,} bytes once unpacked are more than {unpacked:,}", where=path.name,
            do="send less",
        )  # fmt: skip
