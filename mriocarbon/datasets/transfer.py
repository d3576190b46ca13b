"""One file over HTTP, whole and right or not at all.

Bytes go to ``NAME.part``; beside it ``NAME.part.json`` remembers what they are a part of
(ETag, Last-Modified, length), so that a later call goes on only if the server's file is still
the same. Only a file whose length and hashes are right takes its final name, in one step.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from mriocarbon import __version__
from mriocarbon.datasets.files import digests, sealed, wrong_inside, wrong_start
from mriocarbon.errors import DataFileError, InputError, NotAvailableError

if TYPE_CHECKING:
    import httpx

HEAD = 512  # bytes by which the kind of a file is judged
MAX_REDIRECTS = 10
MAX_ATTEMPTS = 200  # with progress each time; without progress `retries` is the bound
MAX_WAIT = 30.0
_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECT = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Progress:
    """How far a download is.

    Attributes
    ----------
    file : str
    done : int
        Bytes at hand, those of earlier calls included.
    total : int or None
        None where the server does not say.
    rate : float
        Bytes per second of this call.
    """

    file: str
    done: int
    total: int | None
    rate: float


@dataclass(frozen=True)
class Expected:
    """What a file must be: size in bytes and hashes by kind, as far as they are known."""

    size: int | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Got:
    """A finished download: what it is and what the server said of it."""

    size: int
    digests: Mapping[str, str]
    etag: str
    last_modified: str
    resumed_from: int


@dataclass(frozen=True)
class _Part:
    """What the bytes in the part file are a part of."""

    url: str
    etag: str = ""
    last_modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        # RFC 9110 13.1.5: If-Range takes a strong ETag or a date, never a weak ETag.
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


class _Again(Exception):
    """A failure that another attempt may mend; `wait` in seconds if the server asked for it."""

    def __init__(self, why: str, wait: float = 0.0, offline: bool = False) -> None:
        super().__init__(why)
        self.wait, self.offline = wait, offline


def _checked_url(url: str, *, after: str = "") -> str:
    scheme = urlsplit(url).scheme
    if scheme not in ("http", "https"):
        raise InputError(f"only http and https are fetched, not {scheme or 'no scheme'}", where=url)
    if after and urlsplit(after).scheme == "https" and scheme != "https":
        raise DataFileError(
            "the server sends us from https to http; refused",
            where=f"{after} -> {url}",
            do="fetch the file by hand from an address you trust, then: mriocarbon data add FILE",
        )
    return url


class Download:
    """One file to fetch; `run` does it.

    Parameters
    ----------
    url : str
        http or https. Redirects are followed, never from https to http.
    part : Path
        Where the bytes gather; what is there is gone on with if it still fits.
    name : str
        The file's final name, by whose ending its first bytes are judged.
    expected : Expected
        Size and hashes that must come out.
    progress : callable of Progress, optional
    retries : int
        Attempts in a row that may fail without a single new byte.
    timeout : float
        Seconds without a byte until an attempt is given up. There is no limit on the whole.
    sleep : callable
        For tests.
    """

    def __init__(
        self,
        url: str,
        part: Path,
        name: str,
        *,
        expected: Expected,
        progress: Callable[[Progress], None] | None = None,
        retries: int = 5,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url, self.part, self.name = _checked_url(url), part, name
        self.expected, self.progress = expected, progress
        self.retries, self.timeout, self.sleep = retries, timeout, sleep
        self.note = part.with_name(part.name + ".json")
        self._whole_known = False  # did the last answer say how long the file is?
        self._resumed = 0
        self._began, self._began_at = time.monotonic(), 0

    # -- the part on disk ----------------------------------------------------------------

    def _read_note(self) -> _Part | None:
        try:
            found = _Part(**json.loads(self.note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return found if found.url == self.url else None

    def _have(self) -> int:
        try:
            return self.part.stat().st_size
        except OSError:
            return 0

    def discard(self) -> None:
        """Remove the part and its note."""
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    # -- the whole ------------------------------------------------------------------------

    def run(self) -> Got:
        """Fetch into `part` until it is whole and right.

        Raises
        ------
        NotAvailableError
            The host cannot be reached, or it refuses (401, 403, 404, 410, ...).
        DataFileError
            What comes is wrong or stays incomplete, or the disk is full.
        """
        try:
            self.part.parent.mkdir(parents=True, exist_ok=True)
            self._began, self._began_at = time.monotonic(), self._have()
            clean = False
            while True:
                resumed = self._gather()
                why, found = self._judge()
                if not why:
                    return found
                self.discard()
                # Pieces of two versions may have met: one more try from the first byte.
                if not resumed or clean:
                    self._refuse(why)
                clean = True
        except OSError as error:
            if isinstance(error, DataFileError):
                raise
            self._disk(error)

    def _disk(self, error: OSError) -> NoReturn:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))
        if full:
            with contextlib.suppress(OSError):
                self.discard()
        raise DataFileError(
            "the disk is full; the unfinished download was removed"
            if full
            else f"the download cannot be written: {error}",
            where=str(self.part.parent),
            do="make room or name another folder in MRIOCARBON_CACHE, then ask again",
        ) from error

    def _refuse(self, why: str) -> NoReturn:
        raise DataFileError(
            f"{self.name} was not accepted: {why}",
            where=self.url,
            do="ask again later; if it stays, the producer has changed the file: look at the "
            "address, and take a file fetched by hand with: mriocarbon data add FILE",
        )

    def _gather(self) -> bool:
        """Repeat attempts until the part is complete; return whether it was pieced together."""
        import httpx

        idle = pieces = best = 0
        self._resumed = self._have() if self._read_note() else 0
        with httpx.Client(
            timeout=httpx.Timeout(self.timeout, connect=min(self.timeout, 15.0)),
            follow_redirects=False,
        ) as client:
            for _ in range(MAX_ATTEMPTS):
                best = max(best, self._have())
                try:
                    pieces += 1
                    self._attempt(client)
                    return pieces > 1 or self._resumed > 0
                except _Again as error:
                    idle = 0 if self._have() > best else idle + 1
                    # An unreachable host answers fast or never: three tries are enough.
                    if idle > (min(self.retries, 2) if error.offline else self.retries):
                        self._give_up(error)
                    self.sleep(min(MAX_WAIT, error.wait or (0.5 * 2**idle if idle else 0.1)))
        self._refuse(f"the connection broke {MAX_ATTEMPTS} times")

    def _give_up(self, error: _Again) -> NoReturn:
        if error.offline:
            raise NotAvailableError(f"offline: cannot reach {urlsplit(self.url).netloc}") from error
        have, total = self._have(), self._read_note()
        of = f" of {total.total:,}" if total and total.total else ""
        raise DataFileError(
            f"{self.name} is incomplete: {error}",
            where=f"{self.url}, {have:,}{of} bytes at hand",
            do="ask again: it goes on where it stopped",
        ) from error

    # -- one attempt ----------------------------------------------------------------------

    def _attempt(self, client: httpx.Client) -> None:
        import httpx

        note, have = self._read_note(), self._have()
        if note is None or not have:
            self.discard()
            note, have = None, 0
        elif not (note.validator or self.expected.hashes):
            self.discard()  # nothing could tell whether the two pieces belong together
            note, have = None, 0
        elif note.total is not None and have >= note.total:
            if have == note.total:
                self._whole_known = True
                return
            self.discard()
            note, have = None, 0
        headers = {
            # A compressed answer has other lengths than the file and cannot be resumed.
            "Accept-Encoding": "identity",
            "User-Agent": f"mriocarbon/{__version__}",
            "Connection": "close",
        }
        if note and have:
            headers["Range"] = f"bytes={have}-"
            if note.validator:
                headers["If-Range"] = note.validator
        try:
            url = self.url
            for _ in range(MAX_REDIRECTS + 1):
                with client.stream("GET", url, headers=headers) as answer:
                    if answer.status_code in _REDIRECT and "location" in answer.headers:
                        url = _checked_url(
                            str(answer.url.join(answer.headers["location"])), after=url
                        )
                        continue
                    self._take(answer, note, have)
                    return
            raise DataFileError(f"more than {MAX_REDIRECTS} redirects", where=self.url)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise _Again(str(error) or type(error).__name__, offline=True) from error
        except httpx.TimeoutException as error:
            raise _Again(f"no byte for {self.timeout:g} s") from error
        except httpx.TransportError as error:
            raise _Again(str(error) or type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise DataFileError(f"the server sends us to no address: {error}", where=url) from error

    def _take(self, answer: httpx.Response, note: _Part | None, have: int) -> None:
        code = answer.status_code
        if code in _RETRY:
            raise _Again(f"the server answers {code}", _seconds(answer.headers.get("retry-after")))
        if code == 416 and have:
            span = _of_range(answer.headers.get("content-range", ""))
            if note and span and span[2] == have and self._same(answer, note):
                self._write_note(_Part(note.url, note.etag, note.last_modified, have))
                self._whole_known = True
                return
            self.discard()
            raise _Again("the server has no bytes beyond those at hand")
        if code not in (200, 206):
            raise NotAvailableError(
                f"the server refuses {self.name}: {code} {answer.reason_phrase}".strip(),
                where=str(answer.url),
                do="fetch it with a browser, then: mriocarbon data add FILE",
            )
        if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise DataFileError(
                "the server compresses the file although asked not to; nothing could be checked",
                where=str(answer.url),
                do="fetch it with a browser, then: mriocarbon data add FILE",
            )
        length = _length(answer)
        at = self._continued(answer, note, have) if code == 206 else 0
        total = at + length if length is not None else None
        if code == 206 and (span := _of_range(answer.headers["content-range"])):
            total = span[2]  # a server may give less than the rest of the file
        if self.expected.size is not None and total not in (None, self.expected.size):
            self._refuse(f"the server offers {total:,} bytes, {self.expected.size:,} are known")
        self._whole_known = total is not None or "chunked" in answer.headers.get(
            "transfer-encoding", ""
        )
        if total is not None:
            free = shutil.disk_usage(self.part.parent).free
            if free < total - at:
                raise OSError(errno.ENOSPC, f"{total - at:,} bytes needed, {free:,} free")
        old = note if code == 206 and note else _Part(self.url)
        begun = _Part(
            self.url,
            answer.headers.get("etag", "") or old.etag,
            answer.headers.get("last-modified", "") or old.last_modified,
            total if total is not None else old.total,
        )
        self._pour(answer, at, total, begun)

    def _continued(self, answer: httpx.Response, note: _Part | None, have: int) -> int:
        """Check that a 206 goes on exactly where the part ends; else start over."""
        span = _of_range(answer.headers.get("content-range", ""))
        fits = (
            note is not None
            and span is not None
            and span[0] == have
            and (note.total is None or span[2] in (None, note.total))
            and self._same(answer, note)
        )
        if not fits:
            self.discard()
            self._resumed = 0
            raise _Again("the server's file is not the one begun")
        return have

    def _same(self, answer: httpx.Response, note: _Part) -> bool:
        """Whether an answer speaks of the file that the part was begun from."""
        etag, date = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
        if (etag and etag != note.etag) or (date and date != note.last_modified):
            return False
        # Without a known hash nothing would notice two halves of two files: the answer must
        # then prove itself. With one, the end will tell.
        return bool(self.expected.hashes) or bool(note.validator and note.validator in (etag, date))

    def _pour(self, answer: httpx.Response, at: int, total: int | None, begun: _Part) -> None:
        done, limit = at, total if total is not None else self.expected.size
        # As the network gives them: collected to a fixed size, a cut would lose the last ones.
        blocks, head = answer.iter_raw(), b""
        for block in blocks:
            head += block
            if at or len(head) >= HEAD:
                break
        if not at:
            # Before anything is thrown away: a log-in page must not cost what is at hand.
            if why := wrong_start(self.name, head) if head else "it is empty":
                self._refuse(why)
            self.discard()
            self._resumed = 0
        self._write_note(begun)
        with self.part.open("ab") as file:
            for block in itertools.chain((head,), blocks):
                done += len(block)
                if limit is not None and done > limit:
                    file.close()
                    self.discard()
                    self._refuse(f"more than the {limit:,} bytes announced came")
                file.write(block)
                file.flush()  # what came is on disk, whatever breaks next
                if self.progress:
                    spent = max(time.monotonic() - self._began, 1e-9)
                    rate = max(done - self._began_at, 0) / spent
                    self.progress(Progress(self.name, done, limit, rate))
            os.fsync(file.fileno())
        if total is not None and done < total:
            raise _Again(f"the connection ended at {done:,} of {total:,} bytes")

    def _write_note(self, part: _Part) -> None:
        self.note.write_text(json.dumps(asdict(part)), encoding="utf-8")

    # -- the judgement --------------------------------------------------------------------

    def _judge(self) -> tuple[str, Got]:
        """Say what is wrong with the finished part ('' if nothing), and what it is."""
        size, sums = self._have(), digests(self.part) if self._have() else {}
        note = self._read_note() or _Part(self.url)
        got = Got(size, sums, note.etag, note.last_modified, self._resumed)
        if not size:
            return "it is empty", got
        if self.expected.size is not None and size != self.expected.size:
            return f"it has {size:,} bytes, {self.expected.size:,} are known", got
        for kind, value in self.expected.hashes.items():
            if sums[kind] != value:
                return f"its {kind} is {sums[kind][:16]}..., not {value[:16]}...", got
        if self.expected.hashes:
            return "", got
        with self.part.open("rb") as file:
            if why := wrong_start(self.name, file.read(HEAD)):
                return why, got
        if why := wrong_inside(self.part, self.name):
            return why, got
        if not (self._whole_known or sealed(self.name) or self.expected.size is not None):
            return "the server does not say how long it is, so a cut could not be noticed", got
        return "", got


def _length(answer: httpx.Response) -> int | None:
    """Length of the body that is announced; None for chunked or unannounced."""
    if "chunked" in answer.headers.get("transfer-encoding", "").lower():
        return None
    text = answer.headers.get("content-length", "")
    return int(text) if text.isdecimal() else None


def _of_range(text: str) -> tuple[int | None, int | None, int | None] | None:
    """First, last and total of a Content-Range; None if it is not one."""
    match = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", text.strip())
    if not match:
        return None
    first, last, total = match.groups()
    return (
        int(first) if first else None,
        int(last) if last else None,
        int(total) if total != "*" else None,
    )


def _seconds(text: str | None) -> float:
    """Retry-After in seconds, bounded; 0 for none or a date."""
    return min(float(text), MAX_WAIT) if text and text.isdecimal() else 0.0
