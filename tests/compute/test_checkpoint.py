"""Checkpoints: whole files only, the same run only, and the same numbers after any end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from compute import work

from mriocarbon.compute import (
    BatchError,
    Checkpoint,
    CheckpointWarning,
    Handle,
    Threads,
    batches,
    concatenated,
)
from mriocarbon.errors import DataFileError, InputError

B = batches(40, 4, seed=1)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def undisturbed():
    return concatenated(Threads(1).run(work.footprints, B, shared=work.table()))


def same(one, other):
    return one.keys() == other.keys() and all(
        one[name].tobytes() == other[name].tobytes() for name in one
    )


def begin(folder, stop=4, **options):
    """Run, and leave after `stop` results, as an interrupt of the consumer does."""
    results = Threads(1).run(work.footprints, B, shared=work.table(), checkpoint=folder, **options)
    for _ in range(stop):
        next(results)
    results.close()


def finish(folder, **options):
    options = {"shared": work.table(), **options}
    return concatenated(
        Threads(2).run(work.footprints, B, checkpoint=folder, resume=True, **options)
    )


def test_resumed_run_is_the_undisturbed_one(tmp_path, undisturbed):
    begin(tmp_path / "run")
    before = sorted((tmp_path / "run").glob("batch-*.npz"))
    assert 4 <= len(before) < 10
    times = {path: path.stat().st_mtime_ns for path in before}
    told = []
    assert same(finish(tmp_path / "run", progress=told.append), undisturbed)
    assert all(path.stat().st_mtime_ns == at for path, at in times.items())  # not done again
    assert told[0].done == told[0].resumed == len(before)
    assert len(list((tmp_path / "run").iterdir())) == 11
    # a finished run is read, not computed
    assert same(finish(tmp_path / "run"), undisturbed)


def test_resume_with_nothing_there_begins(tmp_path, undisturbed):
    assert same(finish(tmp_path / "new" / "deep"), undisturbed)


def test_files_can_be_read_by_numpy_alone(tmp_path, undisturbed):
    begin(tmp_path)
    first = min(tmp_path.glob("batch-000000-*.npz"))
    with np.load(first) as archive:
        assert np.array_equal(archive["E"], undisturbed["E"][:4])
    about = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["about"]
    assert about["seed"] == 1
    assert about["number of batches"] == 10


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key": {"account": "income"}}, r"key: account: consumption there, income here"),
        ({"shared": work.table(6)}, "shared data"),
        ({"batches": batches(40, 4, seed=2)}, r"seed: 1 there, 2 here"),
        ({"batches": batches(40, 5, seed=1)}, r"largest batch: 4 there, 5 here"),
        ({"task": work.slow_footprints}, r"compute.work:slow_footprints here"),
    ],
)
def test_another_run_is_refused_and_told(tmp_path, change, says):
    begin(tmp_path, key={"account": "consumption"})
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    call = {
        "task": work.footprints, "batches": B, "shared": work.table(),
        "key": {"account": "consumption"}, **change,
    }  # fmt: skip
    for resume in (True, False):
        with pytest.raises(InputError, match=says):
            Threads(1).run(call["task"], call["batches"], shared=call["shared"], key=call["key"],
                           checkpoint=tmp_path, resume=resume)  # fmt: skip
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_blas_threads_are_part_of_the_run(tmp_path):
    begin(tmp_path)
    with pytest.raises(InputError, match="BLAS threads: 1 there, 2 here"):
        Threads(1, blas_threads=2).run(
            work.footprints, B, shared=work.table(), checkpoint=tmp_path, resume=True
        )


def test_a_run_is_not_begun_over_another(tmp_path):
    begin(tmp_path, stop=3)
    with pytest.raises(InputError, match=r"of 10 batches\n.*\n.*resume"):
        begin(tmp_path)


def test_damaged_batches_are_told_and_computed_again(tmp_path, undisturbed):
    list(Threads(1).run(work.footprints, B, shared=work.table(), checkpoint=tmp_path))
    files = sorted(tmp_path.glob("batch-*.npz"))
    content = bytearray(files[2].read_bytes())
    content[300] ^= 1
    files[2].write_bytes(content)
    files[5].write_bytes(files[5].read_bytes()[:100])
    files[7].unlink()
    (tmp_path / ".batch-000009-x.npz.1.part").write_bytes(b"half")
    with pytest.warns(CheckpointWarning, match="batch 2, 5 are damaged or of another run"):
        assert same(finish(tmp_path), undisturbed)
    assert len(list(tmp_path.iterdir())) == 11


def test_a_folder_that_is_no_checkpoint(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DataFileError, match="no checkpoint"):
        begin(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(DataFileError, match="cannot be made"):
        begin(tmp_path / "thesis.txt" / "run")


@pytest.mark.parametrize("text", ["", "{}", '{"format": 1, "key": "x", "about": 3}'])
def test_an_unreadable_manifest(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DataFileError, match="manifest cannot be read"):
        finish(tmp_path)


def test_a_failing_batch_leaves_the_others(tmp_path):
    with pytest.raises(BatchError, match="batch 2 failed") as caught:
        list(Threads(2).run(work.failing, B, shared=work.table(), checkpoint=tmp_path))
    kept = list(tmp_path.glob("batch-*.npz"))
    assert len(kept) >= 2
    assert f"{len(kept)} of 10 batches are in the checkpoint" in caught.value.__notes__[-1]


def test_resume_needs_a_folder():
    with pytest.raises(InputError, match="resume without a checkpoint"):
        Threads(1).run(work.footprints, B, shared=work.table(), resume=True)


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    def no_room(self, number, arrays):
        raise DataFileError("cannot write the file: No space left on device", where=str(number))

    monkeypatch.setattr(Checkpoint, "save", no_room)
    with pytest.raises(BatchError, match="No space left"):
        begin(tmp_path)


def test_a_handle_may_move(tmp_path, undisturbed):
    np.savez(tmp_path / "a.npz", **work.table())
    results = Threads(1).run(work.footprints, B, shared=Handle.of(tmp_path / "a.npz"),
                             checkpoint=tmp_path / "run")  # fmt: skip
    next(results)
    results.close()
    (tmp_path / "a.npz").rename(tmp_path / "b.npz")
    moved = Handle.of(tmp_path / "b.npz")
    assert same(finish(tmp_path / "run", shared=moved), undisturbed)


SCRIPT = """
import sys
from compute import work
from mriocarbon.compute import Threads, batches
print("begun", flush=True)
for _ in Threads(1).run(work.slow_footprints, batches(40, 4, seed=1), shared=work.table(),
                        checkpoint=sys.argv[1]):
    print("one", flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_process_ended_in_the_middle(tmp_path, how, undisturbed):
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "run")],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for line in process.stdout:
            if line == "one\n":
                break
        time.sleep(0.15)
        process.send_signal(how)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    if how == signal.SIGINT:
        assert "KeyboardInterrupt" in said
        assert "of 10 batches are in the checkpoint" in said
    kept = len(list((tmp_path / "run").glob("batch-*.npz")))
    assert 1 <= kept < 10
    resumed = Threads(2).run(work.slow_footprints, B, shared=work.table(),
                             checkpoint=tmp_path / "run", resume=True)  # fmt: skip
    assert same(concatenated(resumed), undisturbed)
    assert not list((tmp_path / "run").glob(".*"))


def test_a_batch_of_another_run_is_not_taken(tmp_path, undisturbed):
    """Whole, of the right number and shape, but of another seed; and one under another number."""
    mine, other = tmp_path / "mine", tmp_path / "other"
    begin(mine)
    list(Threads(1).run(
        work.footprints, batches(40, 4, seed=2), shared=work.table(), checkpoint=other
    ))  # fmt: skip
    for number in (3, 5):
        for old in mine.glob(f"batch-{number:06d}-*"):
            old.unlink()
        (new,) = other.glob(f"batch-{number:06d}-*")
        (mine / new.name).write_bytes(new.read_bytes())
    (zero,) = mine.glob("batch-000000-*")
    (mine / zero.name.replace("000000", "000007")).write_bytes(zero.read_bytes())
    with pytest.warns(CheckpointWarning, match="batch 3, 5, 7 are damaged or of another run"):
        assert same(finish(mine), undisturbed)


def test_a_batch_that_cannot_be_read_is_told(tmp_path):
    begin(tmp_path)
    (tmp_path / f"batch-000009-{'0' * 32}.npz").mkdir()
    with pytest.raises(DataFileError, match="cannot be read"):
        finish(tmp_path)


def test_a_run_that_never_got_anywhere_needs_no_resume(tmp_path, undisturbed):
    list(Threads(1).run(work.footprints, B, shared=work.table(), checkpoint=tmp_path))
    for path in tmp_path.glob("batch-*"):
        path.unlink()
    again = Threads(1).run(work.footprints, B, shared=work.table(), checkpoint=tmp_path)
    assert same(concatenated(again), undisturbed)


def test_other_code_of_the_package_is_another_run(tmp_path, monkeypatch):
    from mriocarbon.compute import checkpoint as module

    begin(tmp_path)
    elsewhere = tmp_path.parent / "package" / "compute"
    elsewhere.mkdir(parents=True)
    monkeypatch.setattr(module, "__file__", str(elsewhere / "checkpoint.py"))
    with pytest.raises(InputError, match="mriocarbon's source"):
        finish(tmp_path)


def test_a_break_says_what_it_waits_for(tmp_path):
    told = []

    def progress(state):
        told.append(state)
        if state.done == 2 and not state.stopping:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        list(Threads(1).run(work.footprints, B, shared=work.table(), checkpoint=tmp_path,
                            progress=progress))  # fmt: skip
    assert told[-1].stopping >= 1
    assert "stopping when the batches at work" in str(told[-1])
    assert "of 10 batches are in the checkpoint" in caught.value.__notes__[-1]
