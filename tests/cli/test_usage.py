"""What was typed wrong is told as every error is: what, where, what to do; exit status 2."""

from importlib.util import find_spec
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.datasets.local import Verdict
from mriocarbon.errors import TableWarning
from tests.cli import call, complaint, left, run


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("cbam", "audit"), ["missing option '--origin'", "cbam audit --help", "give it"]),
        (("account",), ["missing argument '", "account --help"]),
        (("account", "consumption", "--regoin", "CHN"), ["--regoin", "did you mean '--region'?"]),
        (("account", "consumption", "--zzzzz"), ["no such option", "account --help"]),
        (("account", "consumption", "extra"), ["(extra)", "leave it out", "account --help"]),
        (("account", "consumption", "--draws", "abc"), ["'--draws'", "account --help"]),
        # the parser does not say of which command
        (("account", "consumption", "--region"), ["'--region'", "where: mriocarbon account\n"]),
        (("acount", "consumption"), ["no such command 'acount'", "did you mean 'account'?"]),
        (("db", "zzzzz"), ["no such command 'zzzzz'", "db --help"]),
        (("--nope",), ["--nope", " --help"]),
        (("natural", "budget", "-5"), ["-5 begins with a minus", "natural budget"]),
    ],
    ids=" ".join,
)
def test_wrong_words_get_one_error_in_our_form(words, told, tmp_path: Path) -> None:
    result = call(*words, cwd=tmp_path)
    complaint(result, [*told, "\n  where: "])
    assert result.stdout == "" and "Usage:" not in result.stderr
    assert len(result.stderr.splitlines()) == 3 and "Error:" not in result.stderr
    assert left(tmp_path) == []


def test_names_that_mean_nothing_here_are_told_before_the_work(tmp_path: Path) -> None:
    for words in (("linkages", "*"), ("chains", "--region", "*"), ("paths", "--product", ":C24A"),
                  ("account", "consumption", "--region", "")):  # fmt: skip
        result = call(*words, cwd=tmp_path)
        complaint(result, ["unknown ", "\n  where: "])
        assert [line for line in result.stderr.splitlines() if line.startswith("...")] == [
            "... reading oecd-icio-2022"
        ]
    # where it means all of them, it is taken
    assert call("shock", "--lose", "CHN:*=0.1", cwd=tmp_path).returncode == 0


def test_a_region_is_looked_up_in_a_store_before_it_is_streamed(tmp_path: Path) -> None:
    mc.save(mc.load("oecd-icio-2022"), tmp_path / "t.zarr")
    words = ("account", "consumption", "--table", "t.zarr", "--stream", "--region")
    result = call(*words, "Chinna", cwd=tmp_path)
    complaint(result, ["unknown region 'Chinna'", "did you mean 'China'?"])
    assert "computing" not in result.stderr and "pass" not in result.stderr
    assert len([one for one in result.stderr.splitlines() if one.startswith("...")]) == 1
    assert "CHN" in call(*words, "China", cwd=tmp_path).stdout


def test_what_a_table_cannot_place_can_be_asked_for(tmp_path: Path) -> None:
    x = np.array([10.0, 10.0])
    with pytest.warns(TableWarning, match="do not balance"):
        table = mc.MRIO.from_arrays(
            Z=[[1.0, 2.0], [3.0, 4.0]], Y=[[2.0, 1.0], [1.0, 1.0]], x=x, regions=["CHN", "USA"],
            sectors=["1"], stressors={"GHG": [5.0, 6.0]}, units="Mt CO2e", year=2022,
        )  # fmt: skip
    mc.save(table, tmp_path / "t.npz")
    words = ("account", "consumption", "--table", "t.npz", "--no-households")
    result = call(*words, "--region", "unallocated", cwd=tmp_path)
    assert result.returncode == 0 and "unallocated" in result.stdout, result.stderr


def test_a_folder_and_what_is_shipped_are_called_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    complaint(call("data", "add", "here", cwd=tmp_path), ["is a folder"])
    complaint(call("data", "fetch", "oecd-icio-2022", cwd=tmp_path), ["shipped with the package"])


def test_what_is_no_error_ends_as_before(tmp_path: Path) -> None:
    assert call("--version", cwd=tmp_path).returncode == 0
    helped = call("db", "--help", cwd=tmp_path)
    assert helped.returncode == 0 and "Usage:" in helped.stdout and not helped.stderr
    bare = run("db", cwd=tmp_path)  # a group alone shows its commands
    assert "families" in bare.stdout + bare.stderr and "error:" not in bare.stderr
    # a status that a command gives is that of the process
    assert call("data", "verify", "regions_20", cwd=tmp_path).returncode == 0
    with mock.patch("mriocarbon.data_verify", return_value=[Verdict("a", "1", "f", "missing", "")]):
        assert call("data", "verify", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize(
    "words",
    [
        ("lca", "run", "no.yaml"),
        ("lca", "compare", "no.yaml", "steel_eaf"),
        ("lca", "auto", "no.yaml"),
        ("lca", "auto", "no.csv"),
        ("lca", "find", "steel", "--background", "no.xml"),
        ("scenario", "--changes", "no.txt"),
        pytest.param(
            ("ask", "--replay", "no.json"),
            marks=pytest.mark.skipif(
                find_spec("pydantic_ai") is None, reason="needs the extra [agents]"
            ),
        ),
        ("data", "add", "no.csv"),
        ("cbam", "audit", "--origin", "CHN", "--trade", "no.csv"),
        ("account", "consumption", "--table", "no.csv"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_file_that_is_not_there_is_told_in_the_same_words_everywhere(words, tmp_path: Path):
    result = call(*words, cwd=tmp_path)
    complaint(result, ["error: no such file", "where: no.", "check the path"])
    assert "Errno" not in result.stderr


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    complaint(call("lca", "run", "a.yaml", cwd=tmp_path), ["the study is a folder", "a.yaml"])
    (tmp_path / "b.yaml").write_bytes(b"title: \xff")
    complaint(call("lca", "run", "b.yaml", cwd=tmp_path), ["not in UTF-8", "byte 7", "save it as"])


@pytest.mark.parametrize(
    "words",
    [
        "account consumption --region Nowhere",
        "paths --region Nowhere",
        "paths --product Nowhere:F",
        "extract --region Nowhere",
        "shock --lose Nowhere:F=0.1",
        "important --consumer Nowhere",
        "important --emitter Nowhere",
        "chains --region Nowhere",
        "linkages Nowhere",
        "scopes Nowhere",
        "leakage --region Nowhere",
        "leakage --after no-such-table --home Nowhere",
        "decompose oecd-icio-2022 oecd-icio-2022 --region Nowhere",
        "decompose oecd-icio-2022 --region JPN --against Nowhere",
        "scenario --change",
        "paths --product Nothing",
        "extract --sector Nothing",
        "shock --lose *:Nothing=0.1",
        "scopes CHN --energy-sector Nothing",
    ],
)
def test_an_unknown_region_or_sector_is_told_when_the_table_is_read(words, tmp_path: Path):
    change = ("coefficients region=CHN sector=F user=Nowhere factor=0.5",)
    result = call(*words.split(), *(change if "--change" in words else ()), cwd=tmp_path)
    sector = "Nothing" in words
    complaint(result, ["unknown sector 'Nothing'" if sector else "unknown region 'Nowhere'"])
    steps = [line for line in result.stderr.splitlines() if line.startswith("... ")]
    assert set(steps) == {"... reading oecd-icio-2022"}
