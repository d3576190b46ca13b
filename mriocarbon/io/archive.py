"""One view of what people hand in: a file, a folder, or a zip of files; with progress."""

from __future__ import annotations

import csv
import io
import lzma
import re
import time
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO

from mriocarbon.errors import DataFileError, MriocarbonError, listed

# What zipfile raises at a damaged byte, which can also look like an encryption or compression.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError,
    NotImplementedError, UnicodeDecodeError,
)  # fmt: skip
AGAIN = "fetch the file again, or name another one"


def zip_of(path: Path) -> zipfile.ZipFile:
    """Open a zip whose members all lie within it.

    A member that claims more bytes than the file has is damage; whoever asked for it would have
    the memory for the claim set aside first.

    Raises
    ------
    OSError, zipfile.BadZipFile, ...
        One of `DAMAGE`.
    """
    book = zipfile.ZipFile(path)
    there = path.stat().st_size
    for one in book.infolist():
        if one.compress_size > there:
            book.close()
            raise zipfile.BadZipFile(
                f"{one.filename!r} claims {one.compress_size:,} bytes of the file's {there:,}"
            )
    return book


@dataclass(frozen=True)
class Progress:
    """How far a reading is.

    Attributes
    ----------
    what : str
        The member that is read.
    done, total : int
        Bytes, uncompressed.
    seconds : float
        Since the reading of this member began.

    Examples
    --------
    >>> Progress("Z.csv", 50_000_000, 200_000_000, 2.0).rate
    25000000.0
    """

    what: str
    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bytes per second."""
        return self.done / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Archive:
    """A file, a folder or a zip, seen as members with names, sizes and bytes.

    Parameters
    ----------
    path : Path
    progress : callable, optional
        Called with a `Progress` some times a second while bytes are read.

    Raises
    ------
    DataFileError
        There is nothing at `path`, or it is a truncated zip.
    """

    path: Path
    progress: Callable[[Progress], None] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise DataFileError("no such file or folder", where=str(self.path), do="check the path")

    @cached_property
    def _zip(self) -> zipfile.ZipFile | None:
        if self.path.is_dir() or self.path.suffix.lower() != ".zip":
            return None
        try:
            book = zip_of(self.path)
        except DAMAGE as error:
            raise DataFileError(
                f"the zip is truncated or is none: {error}", where=str(self.path), do=AGAIN
            ) from error
        # Closed with this archive; left to the collector, after an error its file could go first,
        # with a warning that it was left open.
        weakref.finalize(self, book.close)
        return book

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Members with their uncompressed bytes, hidden ones left out, sorted by name."""
        if self._zip is not None:
            inside = [i for i in self._zip.infolist() if i.filename.rstrip("/") == i.filename]
            found = {i.filename: i.file_size for i in inside if i.filename}
        elif self.path.is_dir():
            files = (p for p in self.path.rglob("*") if p.is_file())
            found = {p.relative_to(self.path).as_posix(): p.stat().st_size for p in files}
        else:
            found = {self.path.name: self.path.stat().st_size}
        hidden = re.compile(r"(^|/)(\.|__MACOSX/|~\$)")
        return {name: found[name] for name in sorted(found) if not hidden.search(name)}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all members."""
        return tuple(self.sizes)

    def find(self, pattern: str) -> list[str]:
        """Return the members whose path matches a regular expression, in any case."""
        return [name for name in self.names if re.search(pattern, name, re.IGNORECASE)]

    def one(self, pattern: str, what: str, *, do: str = "") -> str:
        """Return the one member that matches; none or several are an error that lists them.

        Raises
        ------
        DataFileError
        """
        found = self.find(pattern)
        if len(found) == 1:
            return found[0]
        if found:
            problem = f"{len(found)} members could be {what}: {listed(found)}"
        else:
            problem = f"{what} is missing (a member like {pattern})"
        raise DataFileError(
            problem,
            where=self.holding(8),
            do=do or "use the archive as its producer publishes it, whole and unrenamed",
        )

    def holding(self, most: int = 6) -> str:
        """Return the path and, where it is no single file, what it holds, for messages."""
        if self.names == (self.path.name,):
            return str(self.path)
        return f"{self.path} (holds {listed(self.names, most)})"

    def head(self, name: str, size: int = 8192) -> bytes:
        """Return the first bytes of a member, without progress."""
        with self._raw(name) as stream:
            return stream.read(size)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a member for reading; damage on the way is a DataFileError.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = (Path(folder) / "a.csv").write_text("1,2")
        ...     with Archive(Path(folder)).open("a.csv") as stream:
        ...         stream.read()
        b'1,2'
        """
        with self._raw(name) as stream:
            if self.progress is None:
                yield stream
            else:
                counted = Counted(stream, name, self.sizes[name], self.progress)
                yield io.BufferedReader(counted, 1 << 18)

    def text(self, name: str) -> str:
        """Return a (small) member as text, in UTF-8 with or without its mark.

        Raises
        ------
        DataFileError
            It is damaged or in another encoding.
        """
        with self.open(name) as stream:
            raw = stream.read()
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataFileError(
                f"the text is not in UTF-8: {error.reason} at byte {error.start}",
                where=f"{self.path}: {name}",
                do="save it in UTF-8",
            ) from error

    def table(self, name: str, mark: str = "") -> list[list[str]]:
        """Return the rows of a (small) member of separated text; empty lines are empty rows.

        Parameters
        ----------
        name : str
        mark : str
            Between cells; by default the most frequent of tab, ``;``, ``,`` and ``|`` in the
            first line.

        Raises
        ------
        DataFileError
            It is damaged, not in UTF-8, or quotes in it are not closed.
        """
        text = self.text(name)
        first = text.partition("\n")[0]
        mark = mark or max("\t;,|", key=first.count)
        try:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
        except csv.Error as error:
            raise DataFileError(
                f"it is no table of separated text: {error}",
                where=f"{self.path}: {name}",
                do="check the quotes and line ends",
            ) from error

    def local(self, name: str, folder: Path) -> Path:
        """Return a path to a member, extracted below `folder` if it lies in a zip."""
        if self._zip is None:
            return self.path / name if self.path.is_dir() else self.path
        target = folder / Path(name).name
        with self.open(name) as stream, target.open("wb") as out:
            while block := stream.read(1 << 20):
                out.write(block)
        return target

    @contextmanager
    def _raw(self, name: str) -> Iterator[IO[bytes]]:
        try:
            if self._zip is not None:
                with self._zip.open(name) as member:
                    yield member
            else:
                whole = self.path / name if self.path.is_dir() else self.path
                with whole.open("rb") as file:
                    yield file
        except DAMAGE as error:
            if isinstance(error, MriocarbonError):
                raise
            raise DataFileError(
                f"the member is truncated or damaged: {error}",
                where=f"{self.path}: {name}",
                do=AGAIN,
            ) from error

    @cached_property
    def fingerprint(self) -> str:
        """What tells this state of the files from another: names, sizes, times and inodes.

        The time of the last change of the inode cannot be set back by hand, as the other can.
        """
        import hashlib

        files = [self.path] if self.path.is_file() else [self.path / n for n in self.names]
        told = []
        for file in files:
            stat = file.stat()
            times = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
            told.append((str(file.resolve()), stat.st_size, times))
        return hashlib.sha256(repr(told).encode()).hexdigest()


class Counted(io.RawIOBase):
    """A stream that tells how many bytes went through it, five times a second at most."""

    def __init__(
        self, stream: IO[bytes], what: str, total: int, tell: Callable[[Progress], None]
    ) -> None:
        self._stream, self._what, self._total, self._tell = stream, what, total, tell
        self._done, self._start, self._told = 0, time.perf_counter(), 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        self._done += len(block)
        now = time.perf_counter()
        if now - self._told > 0.2 or not block:
            self._told = now
            self._tell(Progress(self._what, self._done, self._total, now - self._start))
        return len(block)
