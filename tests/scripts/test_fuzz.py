"""Every reader on its seeds and on some changed files, without atheris; and the fuzzer itself."""

import importlib.util
import subprocess
import sys
import time
import warnings
from pathlib import Path
from random import Random

import numpy as np
import pytest

pytest.importorskip("resource")  # what limits memory is POSIX's

from mriocarbon.errors import InputError, TableWarning
from scripts.fuzz import __main__ as program
from scripts.fuzz import judge
from scripts.fuzz.bundle import laid_out, packed, plain, unpacked
from scripts.fuzz.judge import tried
from scripts.fuzz.mutate import LARGEST, mutated
from scripts.fuzz.targets import TARGETS, Target

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
MUTATIONS = 20


@pytest.mark.parametrize("name", TARGETS)
def test_a_reader_takes_whole_files_and_refuses_broken_ones_in_our_words(name, tmp_path):
    if name == "raster":
        pytest.importorskip("rasterio")
    target = TARGETS[name]
    seeds = [packed(seed) for seed in target.seeds()]
    for seed in seeds:
        found = tried(target, seed, tmp_path)
        assert found is None, found.text
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TableWarning)
            target.read(tmp_path / "in")  # whole, and so not refused
    for k in range(MUTATIONS):
        rng = Random(f"{name} {k}")
        data = rng.choice(seeds)
        for _ in range(rng.choice((1, 1, 2, 3))):
            data = mutated(data, rng)
        found = tried(target, data, tmp_path)
        assert found is None, f"input {k}: {found.key}\n{found.text}"


# ---- the fuzzer itself


def reads(read):
    return Target("t", (), lambda: [{"a": b"1"}], read)


def test_files_become_one_string_and_come_back():
    files = {"a/b.csv": b"1,2\n", "c": b"", "d": b"x 3\n"}
    assert unpacked(packed(files)) == files
    assert unpacked(b"\xff\n") == {"input": b"\xff\n"}
    assert unpacked(b"a 100\n12") == {"a": b"12"}
    assert unpacked(b"a 1\n12") == {"a": b"1", "input": b"2"}


def test_no_name_leads_out_of_the_folder(tmp_path):
    rng = Random(0)
    for k in range(300):
        data = bytes(rng.choice(b"./\\ab\n \x00") for _ in range(rng.randrange(30)))
        made = laid_out({plain(data.decode()): b"x", f"../{k}": b"y"} | unpacked(data), tmp_path)
        assert all(tmp_path in path.resolve().parents for path in made)
    assert not list(tmp_path.parent.glob("[0-9]"))


def test_a_change_is_the_same_for_the_same_seed_and_never_too_large():
    data = packed({"a.csv": b"x,y\n1,2\n3,4\n", "b.json": b'{"a": [1, 2]}'})
    made = [mutated(data, Random(k)) for k in range(300)]
    assert made == [mutated(data, Random(k)) for k in range(300)]
    assert len(set(made)) > 200 and max(map(len, made)) <= LARGEST
    assert mutated(data, Random(3), raw=lambda body: b"") is not None


def test_what_is_wrong_is_found(tmp_path, monkeypatch):
    def left_something(folder):
        import tempfile

        tempfile.mkstemp()

    def ask_for_much(folder):
        np.ones(1 << 28)

    def warned(folder):
        np.float64(1e308) * np.float64(10)

    def spend(folder):
        begun = time.process_time()
        while time.process_time() - begun < 0.2:
            pass

    def fail(error):
        def read(folder):
            raise error

        return read

    monkeypatch.setattr(judge, "SECONDS", 0.1)
    for read, key in (
        (fail(TypeError("x")), "TypeError at ?"),
        (fail(MemoryError()), "MemoryError at ?"),
        (ask_for_much, "MemoryError at ?"),
        (warned, "RuntimeWarning at ?"),
        (fail(InputError("what")), "InputError without a place or advice"),
        (lambda folder: (folder / "a").write_text("2"), "the input was changed"),
        (lambda folder: (folder / "b").write_text("2"), "the input was changed"),
        (left_something, "temporary files were left"),
        (spend, "slow"),
    ):
        found = tried(reads(read), b"a 1\n1", tmp_path)
        assert found is not None and found.key == key
    for read in (fail(InputError("what", where="there")), lambda folder: None):
        assert tried(reads(read), b"a 1\n1", tmp_path) is None


def test_where_atheris_is_missing_the_program_says_so(monkeypatch, capsys):
    monkeypatch.setattr(program, "find_spec", lambda name: None)
    assert program.main(["--seconds", "1", "--target", "npz"]) == 3
    assert "atheris is not installed" in capsys.readouterr().err


def test_an_input_is_tried_again(tmp_path, capsys):
    file = tmp_path / "input"
    file.write_bytes(packed(TARGETS["npz"].seeds()[0]))
    assert program.main(["--again", str(file), "--target", "npz"]) == 0
    assert "nothing is wrong" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        program.main(["--again", str(file)])


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="no atheris")
def test_the_program_fuzzes_a_target(tmp_path):
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "scripts.fuzz", "--seconds", "5", "--target", "people",
         "--out", str(tmp_path)],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "people" in done.stdout and "0 findings" in done.stdout
    assert list((tmp_path / "people" / "corpus").iterdir())
