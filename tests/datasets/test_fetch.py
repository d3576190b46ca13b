"""Downloads that are cut, resumed, repeated or broken off: nothing finished is lost."""

import errno
import hashlib
import itertools
import subprocess
import sys
import threading
import time

import pytest

from mriocarbon.datasets import cache as cache_module
from mriocarbon.datasets import transfer
from mriocarbon.datasets.cache import RECORDED_NOW, cached_editions, current, record_of
from mriocarbon.datasets.files import locked
from mriocarbon.datasets.transfer import Download, Expected
from mriocarbon.errors import DataFileError, NotAvailableError
from tests.datasets.downloads import BODY, CSV, HTML, head, polite, sha, start_of

# -- what works ---------------------------------------------------------------------------------


def test_whole_file_verified_and_recorded(serve, shop):
    server = serve(lambda n, h: polite(BODY, h))
    shop.sells(server.url, sha256=sha(BODY), size=len(BODY))
    steps = []
    got = shop.fetch(progress=steps.append)
    assert got.path == shop.path()
    assert got.path.read_bytes() == BODY
    assert got.statement == "sha256 agrees: published"
    assert steps[-1].done == steps[-1].total == len(BODY)
    assert all(a.done < b.done for a, b in itertools.pairwise(steps))
    record = record_of(got.path)
    assert (record.sha256, record.size, record.etag) == (sha(BODY), len(BODY), '"a"')
    assert server.seen[0]["accept-encoding"] == "identity"
    assert current("demo", shop.cache) == "1"
    # A second call asks the server nothing.
    assert not shop.fetch().downloaded
    assert len(server.seen) == 1
    assert not list(shop.cache.rglob("*.part"))


@pytest.mark.parametrize("kind", ["md5", "sha1"])
def test_published_md5_or_sha1_is_compared(serve, shop, kind):
    shop.sells(
        serve(lambda n, h: polite(BODY, h)).url, **{kind: hashlib.new(kind, BODY).hexdigest()}
    )
    assert shop.fetch().statement == f"{kind} agrees: published"
    shop.sells(
        serve(lambda n, h: polite(BODY, h)).url, **{kind: hashlib.new(kind, b"x").hexdigest()}
    )
    shop.path().unlink()
    with pytest.raises(DataFileError, match=f"its {kind} is"):
        shop.fetch()
    assert not shop.accepted()


def test_cut_connections_are_resumed_where_they_broke(serve, shop):
    cuts = [70_000, 140_000, 210_000]
    server = serve(lambda n, h: polite(BODY, h, upto=cuts[n] if n < 3 else None))
    shop.sells(server.url, sha256=sha(BODY))
    assert shop.fetch().path.read_bytes() == BODY
    assert [start_of(h) for h in server.seen] == [0, *cuts]
    assert all(h["if-range"] == '"a"' for h in server.seen[1:])


def test_resumed_in_a_later_call(serve, shop):
    whole = []
    server = serve(lambda n, h: polite(BODY, h, upto=None if whole else 100_000))
    shop.sells(server.url)
    with pytest.raises(DataFileError, match="incomplete"):
        shop.fetch(retries=1)
    assert not shop.accepted()
    whole.append(True)
    got = shop.fetch()
    assert got.path.read_bytes() == BODY
    assert got.resumed_from == 100_000


def test_slow_chunks_and_a_stall(serve, shop):
    def plan(n, h):
        first, body = polite(BODY, h)
        if n == 0:
            return [first, body[:50_000], 0.1, body[50_000:60_000], 0.1, body[60_000:90_000], 1.5]
        return [
            first,
            *(piece for i in range(0, len(body), 90_000) for piece in (body[i : i + 90_000], 0.02)),
        ]

    server = serve(plan)
    shop.sells(server.url, sha256=sha(BODY))
    assert shop.fetch(timeout=0.4).path.read_bytes() == BODY
    assert start_of(server.seen[1]) == 90_000


def test_busy_then_well_with_bounded_waits(serve, shop):
    def plan(n, h):
        if n == 0:
            return [head("503 Busy", Retry_After=7, Content_Length=0)]
        if n == 1:
            return [head("429 Slow down", Retry_After=99999, Content_Length=0)]
        return polite(BODY, h)

    shop.sells(serve(plan).url, sha256=sha(BODY))
    assert shop.fetch().path.read_bytes() == BODY
    assert shop.waited == [7.0, transfer.MAX_WAIT]


def test_busy_for_ever_is_bounded(serve, shop):
    server = serve(lambda n, h: [head("500 Oops", Content_Length=0)])
    shop.sells(server.url)
    with pytest.raises(DataFileError, match="the server answers 500"):
        shop.fetch(retries=3)
    assert len(server.seen) == 4
    assert all(wait <= transfer.MAX_WAIT for wait in shop.waited)


def test_server_that_ignores_range_starts_over(serve, shop):
    def plan(n, h):
        first = head("200 OK", Content_Length=len(BODY), ETag='"a"')
        return [first, BODY[:80_000] if n == 0 else BODY]

    shop.sells(serve(plan).url, sha256=sha(BODY))
    got = shop.fetch()
    assert got.path.read_bytes() == BODY
    assert got.resumed_from == 0


def test_416_after_the_last_byte_is_the_end(serve, shop):
    server = serve(lambda n, h: polite(BODY, h))
    shop.sells(server.url)
    part = cache_module.part_of(shop.path())
    part.parent.mkdir(parents=True)
    part.write_bytes(BODY)
    job = Download(server.url, part, "table.bin", expected=Expected())
    job._write_note(transfer._Part(server.url, '"a"', "", None))
    assert shop.fetch().path.read_bytes() == BODY


def test_chunked_without_length(serve, shop):
    def chunked(content: bytes) -> bytes:
        pieces = [content[i : i + 40_000] for i in range(0, len(content), 40_000)]
        return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces)

    first = head("200 OK", Transfer_Encoding="chunked", ETag='"a"')

    def plan(n, h):
        if n == 0:
            return [first, chunked(BODY)[:100_000]]  # cut inside a chunk: no end was sent
        if start := start_of(h):
            span = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
            return [
                head("206 P", Content_Length=len(BODY) - start, Content_Range=span, ETag='"a"'),
                BODY[start:],
            ]
        return [first, chunked(BODY) + b"0\r\n\r\n"]

    shop.sells(serve(plan).url)
    assert shop.fetch().path.read_bytes() == BODY


# -- what stands, stands ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["wrong", "cut", "page", "refused"])
def test_finished_file_survives_a_failing_later_fetch(serve, shop, how):
    bad = {
        "wrong": lambda h: polite(BODY[::-1], h),
        "cut": lambda h: polite(BODY, h, upto=10),
        "page": lambda h: polite(HTML, h),
        "refused": lambda h: [head("404 No", Content_Length=0)],
    }
    server = serve(lambda n, h: polite(BODY, h) if n == 0 else bad[how](h))
    shop.sells(server.url, "table.bin", sha256=sha(BODY))
    got = shop.fetch()
    with pytest.raises((DataFileError, NotAvailableError)):
        shop.fetch(again=True, retries=1)
    assert got.path.read_bytes() == BODY
    assert record_of(got.path).sha256 == sha(BODY)


def test_first_hash_is_trusted_plainly_and_never_changes_in_silence(serve, shop):
    content = [CSV]
    server = serve(lambda n, h: polite(content[0], h, etag=f'"{len(content[0])}"'))
    shop.sells(server.url, "t.csv")
    assert shop.fetch().statement == RECORDED_NOW
    content[0] = CSV + b"IND,2000,1\n"
    with pytest.raises(DataFileError, match="has replaced it; it was not taken"):
        shop.fetch(again=True)
    path = shop.path("t.csv")
    assert path.read_bytes() == CSV
    # Even with the file gone the record insists.
    path.unlink()
    with pytest.raises(DataFileError, match="has replaced it"):
        shop.fetch()
    assert not shop.accepted()
    # The new one can be kept beside it, as an edition of its own; the old stays in use.
    kept = shop.fetch(store_as="1-later")
    assert kept.path.read_bytes() == content[0]
    assert record_of(path).sha256 == sha(CSV)
    assert cached_editions("demo", shop.cache) == ("1", "1-later")
    assert current("demo", shop.cache) == "1"


def test_damaged_cached_file_is_fetched_again(serve, shop):
    server = serve(lambda n, h: polite(BODY, h))
    shop.sells(server.url)
    path = shop.fetch().path
    path.write_bytes(BODY[:-1] + b"?")
    assert shop.fetch().downloaded
    assert path.read_bytes() == BODY


def test_moving_address_keeps_each_version_under_its_date(serve, shop):
    content = [CSV]
    server = serve(lambda n, h: polite(content[0], h, etag=f'"{len(content[0])}"'))
    shop.sells(server.url, "t.csv", moving=True)
    first = shop.fetch()
    assert first.edition.startswith("1@20")
    assert not shop.fetch().downloaded
    assert shop.fetch(again=True).edition == first.edition  # unchanged at the server
    content[0] = CSV + b"IND,2000,1\n"
    second = shop.fetch(again=True)
    assert second.edition != first.edition
    assert (first.path.read_bytes(), second.path.read_bytes()) == (CSV, content[0])
    assert current("demo", shop.cache) == first.edition


def test_editions_lie_beside_each_other(serve, shop):
    server = serve(lambda n, h: polite(BODY, h))
    shop.sells(server.url, sha256=sha(BODY))
    one, two = shop.fetch(edition="1"), shop.fetch(edition="2")
    assert one.path != two.path
    assert one.path.is_file() and two.path.is_file()
    assert current("demo", shop.cache) == "1"  # fetching does not switch


# -- disk and locks -----------------------------------------------------------------------------


def test_disk_too_small_is_said_before_writing(serve, shop, monkeypatch):
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr(transfer.shutil, "disk_usage", lambda path: usage)
    shop.sells(serve(lambda n, h: polite(BODY, h)).url)
    with pytest.raises(DataFileError, match="disk is full"):
        shop.fetch()
    assert not [p for p in shop.cache.rglob("*") if p.is_file() and p.stat().st_size]


def test_disk_full_on_the_way_leaves_no_half_file(serve, shop):
    shop.sells(serve(lambda n, h: polite(BODY, h)).url)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DataFileError, match="disk is full"):
        shop.fetch(progress=full)
    assert not [p for p in shop.cache.rglob("*") if p.is_file() and p.stat().st_size]


def test_two_at_once_fetch_once(serve, shop):
    def plan(n, h):
        first, body = polite(BODY, h)
        return [first, body[:1000], 0.3, body[1000:]]

    server = serve(plan)
    shop.sells(server.url, sha256=sha(BODY))
    found = []
    threads = [threading.Thread(target=lambda: found.append(shop.fetch())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(one.downloaded for one in found) == [False, False, True]
    assert len(server.seen) == 1
    assert shop.path().read_bytes() == BODY


def test_lock_that_stays_taken_is_an_error(tmp_path):
    with (
        locked(tmp_path / "a.lock"),
        pytest.raises(DataFileError, match="another process"),
        locked(tmp_path / "a.lock", wait=0.1),
    ):
        pass
    with locked(tmp_path / "a.lock", wait=0.1):
        pass


def test_killed_process_loses_nothing_that_came(serve, shop):
    """SIGKILL in the middle: no lock stays behind, nothing is accepted, the rest is fetched."""

    def plan(n, h):
        first, body = polite(BODY, h)
        return [first, body[:120_000], 30.0] if n == 0 else [first, body]

    server = serve(plan)
    part = cache_module.part_of(shop.path())
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from mriocarbon.datasets.files import locked\n"
        "from mriocarbon.datasets.transfer import Download, Expected\n"
        "part = Path(sys.argv[2])\n"
        "with locked(part.with_suffix('.lock')):\n"
        "    Download(sys.argv[1], part, 'table.bin', expected=Expected()).run()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, server.url, str(part)])
    until = time.monotonic() + 20
    while time.monotonic() < until and not (part.is_file() and part.stat().st_size >= 120_000):
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not shop.accepted()
    shop.sells(server.url)
    got = shop.fetch()
    assert got.path.read_bytes() == BODY
    assert got.resumed_from == 120_000


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys, mriocarbon.datasets.commands\n"
        "print([m for m in ('httpx', 'python_calamine', 'pandas', 'scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
