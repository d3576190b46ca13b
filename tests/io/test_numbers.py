"""Text tables in blocks: layouts recognised, cells checked, interrupted readings go on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import DataFileError, InputError, NonFiniteError, ShapeError
from mriocarbon.io import numbers
from mriocarbon.io.archive import Archive
from mriocarbon.io.numbers import MOST, blocks, layout


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "reading"


def put(tmp_path, text, name="t.csv", encoding="utf-8"):
    (tmp_path / name).write_text(text, encoding=encoding, newline="")
    return Archive(tmp_path / name)


def whole(archive, *, resume=None, missing=(), **form):
    name = archive.names[0]
    labels, values = [], []
    for told, block in blocks(
        archive, name, layout(archive, name, **form), missing=missing, resume=resume
    ):
        labels += told
        values.append(block)
    return labels, np.concatenate(values)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_line_ends_and_a_byte_order_mark(tmp_path, separator, end):
    text = end.join(separator.join(row) for row in (["", "a", "b"], ["x", "1.5", "-2e3"]))
    for mark in ("", "\ufeff"):
        archive = put(tmp_path, mark + text)
        form = layout(archive, "t.csv")
        assert (form.separator, form.columns, form.decimal) == (separator, (("a",), ("b",)), ".")
        labels, values = whole(archive)
        assert labels == [("x",)] and values.tolist() == [[1.5, -2000.0]]


def test_line_ends_of_an_old_mac_are_told_as_such(tmp_path):
    archive = put(tmp_path, ",a,b\rx,1.5,2\ry,3,4\r")
    with pytest.raises(InputError, match="carriage returns alone"):
        layout(archive, archive.names[0])


def test_two_header_rows_two_labels_quotes_and_latin_1(tmp_path):
    text = ',,"A, north",B\nregion,sector,1,2\n"Côte, d\'Ivoire","s ""1""",1,2\nB,2,"3",4\n'
    archive = put(tmp_path, text, encoding="latin-1")
    form = layout(archive, "t.csv", header=2, labels=2)
    assert form.columns == (("A, north", "1"), ("B", "2"))
    labels, values = whole(archive, header=2, labels=2)
    assert labels == [("Côte, d'Ivoire", 's "1"'), ("B", "2")]
    assert values.tolist() == [[1, 2], [3, 4]]


def test_decimal_commas(tmp_path):
    for text in (";a;b\nx;1,5;2\n", "\ta\tb\nx\t1,5\t2\n", ";a;b\nx;0;0\ny;1,5;2\n"):
        archive = put(tmp_path, text)
        assert layout(archive, "t.csv").decimal == ","
        assert whole(archive)[1][-1].tolist() == [1.5, 2.0]
    archive = put(tmp_path, ";a\nx;1,500\n")
    with pytest.raises(InputError, match="may be a decimal comma or a thousands separator"):
        layout(archive, "t.csv")
    assert whole(archive, decimal=",")[1].tolist() == [[1.5]]
    # where the first rows leave it open, the cell is named later
    archive = put(tmp_path, ";a;b\n" + "x;0;0\n" * 9 + "y;1,5;2\n")
    with pytest.raises(InputError, match=r"'1,5' is no number(?s:.*)row y, column a"):
        whole(archive)
    assert whole(archive, decimal=",")[1][-1].tolist() == [1.5, 2.0]


@pytest.mark.parametrize(
    ("row", "error", "match"),
    [
        ("y,1", InputError, r"y"),
        ("y,1,2,3", ShapeError, "differ in length"),
        ("y,1,", NonFiniteError, r"\(y; b\)"),
        ("y,,2", NonFiniteError, r"\(y; a\)"),
        ("y,1,inf", NonFiniteError, r"\(y; b\)"),
        ("y,1,nan", InputError, "y"),
        ("y,1,2x", InputError, r"'2x' is no number(?s:.*)row y, column b"),
        ("y,1,1_000", InputError, "no number"),
        ("y,1 2,3", InputError, "no number"),
    ],
)
def test_rows_that_are_ragged_empty_or_no_numbers(tmp_path, row, error, match):
    archive = put(tmp_path, f",a,b\nx,1,2\nw,3,4\nv,3,4\n{row}\nz,5,6\n")
    with pytest.raises(error, match=match):
        whole(archive)


def test_tabs_do_not_hide_an_empty_cell(tmp_path):
    archive = put(tmp_path, "\ta\tb\tc\nx\t1\t2\t3\nw\t1\t2\t3\nv\t1\t2\t3\ny\t1 2\t\t3\n")
    with pytest.raises(InputError, match="y"):
        whole(archive)


def test_a_header_that_does_not_fit_and_a_table_without_rows(tmp_path):
    with pytest.raises(InputError, match="header has 2 columns and the first row 3"):
        layout(put(tmp_path, ",a\nx,1,2\n"), "t.csv")
    with pytest.raises(DataFileError, match="ends within its header"):
        layout(put(tmp_path, ",a,b\n"), "t.csv")
    with pytest.raises(DataFileError, match="ends within its header"):
        layout(put(tmp_path, ""), "t.csv")


def test_a_mark_for_zero_is_zero_only_where_the_format_says_so(tmp_path):
    archive = put(tmp_path, ",a,b\nx,1,-\ny,,2\nz,3,4\n")
    with pytest.raises(InputError):
        whole(archive)
    with pytest.raises(NonFiniteError, match=r"\(y; a\)"):
        whole(archive, missing=("-",))
    assert whole(archive, missing=("-", ""))[1].tolist() == [[1, 0], [0, 2], [3, 4]]


@given(
    st.lists(
        st.lists(st.floats(-MOST, MOST), min_size=3, max_size=3),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_every_float_comes_back_to_the_last_bit(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("floats")
    lines = [f"r{k}," + ",".join(map(repr, row)) for k, row in enumerate(rows)]
    archive = put(folder, "\n".join([",a,b,c", *lines]))
    labels, values = whole(archive)
    assert values.tolist() == rows and labels[-1] == (f"r{len(rows) - 1}",)


def _large(tmp_path, rows=400, blank=False):
    rng = np.random.default_rng(0)
    values = rng.random((rows, 20))
    lines = [f"r{k}," + ",".join(map(repr, row)) for k, row in enumerate(values.tolist())]
    if blank:
        lines.insert(10, "")
    head = "," + ",".join(f"c{k}" for k in range(20))
    return put(tmp_path, "\n".join([head, *lines]) + "\n"), values


def _stop_after(archive, count):
    """Read `count` blocks and be interrupted."""
    form = layout(archive, "t.csv")
    reading = blocks(archive, "t.csv", form, resume=True)
    got = [next(reading) for _ in range(count)]
    reading.close()
    return sum(len(labels) for labels, _ in got)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(numbers, "BLOCK", 20_000)


@pytest.mark.parametrize("blank", [False, True])
def test_an_interrupted_reading_goes_on(tmp_path, cache, small_blocks, monkeypatch, blank):
    archive, values = _large(tmp_path, blank=blank)
    done = _stop_after(archive, 3)
    assert 0 < done < len(values)
    parsed = []
    quick = numbers._quick
    monkeypatch.setattr(numbers, "_quick", lambda *a: parsed.append(1) or quick(*a))
    labels, got = whole(archive, resume=True)
    assert np.array_equal(got, values) and labels == [(f"r{k}",) for k in range(400)]
    total = -(-archive.sizes["t.csv"] // 20_000)
    assert 0 < len(parsed) <= total - 2  # the blocks kept were not parsed again
    assert not list(cache.iterdir())  # nothing is left when it is done


@pytest.mark.parametrize("suffix", ["f64", "jsonl"])
@pytest.mark.parametrize("cut", [1, 700])
def test_a_kept_block_that_was_cut_off_is_read_again(tmp_path, cache, small_blocks, suffix, cut):
    archive, values = _large(tmp_path)
    _stop_after(archive, 3)
    (file,) = cache.glob(f"*.{suffix}")
    file.write_bytes(file.read_bytes()[:-cut])
    assert np.array_equal(whole(archive, resume=True)[1], values)
    # and a second interruption on top of the repaired state
    _stop_after(archive, 2)
    assert np.array_equal(whole(archive, resume=True)[1], values)


def test_a_kept_block_with_a_flipped_byte_is_read_again(tmp_path, cache, small_blocks):
    archive, values = _large(tmp_path)
    _stop_after(archive, 3)
    (file,) = cache.glob("*.f64")
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    assert np.array_equal(whole(archive, resume=True)[1], values)


def test_a_source_that_changed_is_read_anew(tmp_path, small_blocks):
    archive, values = _large(tmp_path)
    _stop_after(archive, 3)
    path = tmp_path / "t.csv"
    first = repr(float(values[0, 0]))
    path.write_text(path.read_text().replace(first, "7.25", 1))
    got = whole(Archive(path), resume=True)[1]
    assert got[0, 0] == 7.25 and np.array_equal(got[1:], values[1:])


def test_progress_of_a_resumed_reading_ends_at_the_total(tmp_path, small_blocks):
    archive, _ = _large(tmp_path)
    _stop_after(archive, 3)
    told = []
    whole(Archive(archive.path, told.append), resume=True)
    done = [p.done for p in told]
    assert done == sorted(done) and done[-1] == archive.sizes["t.csv"]


def test_a_changed_file_of_the_same_size_and_time_is_not_taken_for_the_old_one(tmp_path):
    import os

    path = tmp_path / "t.csv"
    path.write_text("a,b\nx,1\n")
    before, stat = Archive(path).fingerprint, path.stat()
    path.write_text("a,b\nx,2\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_mtime_ns == stat.st_mtime_ns
    assert Archive(path).fingerprint != before
