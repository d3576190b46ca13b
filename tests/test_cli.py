"""The command line as a person uses it: whole processes, exit codes, what is left on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mriocarbon as mc
from tests.cli import call, left, run

Z = np.array([[20.0, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]])
Y = np.array([[30.0, 40], [55, 10], [10, 45], [5, 120]])
F = np.array([240.0, 50, 60, 40])
LABELS = {"regions": np.array(["A", "B"]), "sectors": np.array(["1", "2"])}


def table(folder: Path, **members: np.ndarray) -> str:
    path = folder / "table.npz"
    np.savez(path, **{"Z": Z, "Y": Y, "F__GHG": F, **LABELS, **members})  # type: ignore[arg-type]
    return str(path)


def test_account_of_a_table_of_ones_own(tmp_path: Path) -> None:
    result = run(
        "account", "consumption", "--table", table(tmp_path), "--no-households",
        "--out", "out.csv", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "147.0" in result.stdout and "243.0" in result.stdout
    lines = (tmp_path / "out.csv").read_text().splitlines()
    numbers = dict(line.split(",") for line in lines if not line.startswith("#"))
    assert float(numbers["A"]) == pytest.approx(147.014721, abs=5e-7)
    assert left(tmp_path) == ["out.csv", "table.npz"]


BAD = {
    "NaN cell": ({"Z": np.where(Z == 15, np.nan, Z)}, ["1 cells of Z are NaN", "A 1 -> B 1"]),
    "infinite cell": ({"Y": np.where(Y == 120, np.inf, Y)}, ["cells of Y", "B 2"]),
    "Z not square": ({"Z": Z[:, :3]}, ["not square", "4 x 3"]),
    "Y of the wrong shape": ({"Y": Y[:3]}, ["Y has shape (3, 2)", "(4, 2)"]),
    "doubled label": ({"regions": np.array(["A", "A"])}, ["duplicated", "A"]),
    "negative output": ({"x": np.array([120.0, -100, 100, 200])}, ["negative", "A 2"]),
    "not productive": (
        {"x": np.array([30.0, 30, 40, 80])},
        ["not productive", "spectral radius", "columns", "B 2"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_table_is_one_clear_error(case: str, tmp_path: Path) -> None:
    members, words = BAD[case]
    result = call(
        "account", "consumption", "--table", table(tmp_path, **members), "--no-households",
        "--out", "out.csv", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 2
    for word in [*words, "where:", "what to do:"]:
        assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.count("error:") == 1
    assert left(tmp_path) == ["table.npz"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("account", "consumtion"), ["principle 'consumtion'", "'consumption'"]),
        (("account", "consumption", "--stressor", "GHGs"), ["stressor 'GHGs'", "'GHG'"]),
        (("account", "consumption", "--region", "Chian"), ["region 'Chian'", "'China'"]),
        (("account", "consumption", "--region", "Germany"), ["Germany", "DEU", "within EU27"]),
        (("account", "consumption", "--unit", "million USD"), ["cannot convert", "Mt CO2e"]),
        (("account", "consumption", "--out", "out.docx"), ["out.docx", ".csv or .xlsx"]),
        (("trade", "--out", "out.xlsx"), ["out.xlsx", ".csv"]),
        (("account", "consumption", "--table", "oecd-icio-2021"), ["'oecd-icio-2022'"]),
        (("account", "consumption", "--table", "absent.npz"), ["no such file"]),
        (("account", "consumption", "--table", "table.xlsx"), ["no such file", "table.xlsx"]),
        (("account", "ownership"), ["ownership is not in the table", "pass W="]),
        (("reproduce", "2021"), ["year '2021'"]),
        (("reproduce", "2022", "--principle", "shred"), ["principle 'shred'", "'shared'"]),
        (("reproduce", "2022", "--gas", "CO"), ["gas 'CO'", "'CO2'"]),
        (("reproduce", "2022", "--table", "gcb"), ["table 'gcb'", "'gcb-2025'"]),
        (("reproduce", "2022", "--region", "Atlantis"), ["region 'Atlantis'"]),
        (("reproduce", "2022", "--full", "--out", "out"), ["MRIOCARBON_DATA"]),
    ],
)
def test_wrong_words_offer_the_right_ones(
    arguments: tuple[str, ...], words: list[str], tmp_path: Path
) -> None:
    out = () if "--out" in arguments and arguments[0] != "reproduce" else ("--out", "out.csv")
    result = call(*arguments, *out, cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 2
    for word in [*words, "where:", "what to do:"]:
        assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert left(tmp_path) == []


@pytest.mark.parametrize("damage", ["truncated", "altered"])
def test_a_damaged_file_is_refused(damage: str, tmp_path: Path) -> None:
    path = mc.save(mc.load(), tmp_path / "table.npz")
    content = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    else:  # the archive stays whole, one number in it is another
        with np.load(path) as archive:
            members = {name: archive[name] for name in archive.files}
        members["x"] = members["x"] + np.eye(1, len(members["x"]))[0]
        np.savez(path, **members)
    result = run("account", "consumption", "--table", "table.npz", "--out", "o.csv", cwd=tmp_path)
    assert result.returncode == 2
    assert ("truncated" if damage == "truncated" else "hash") in result.stderr
    assert left(tmp_path) == ["table.npz"]


def test_a_folder_is_a_table_and_a_gas_is_an_estimate(tmp_path: Path) -> None:
    (tmp_path / "t.npz").write_bytes(Path(table(tmp_path)).read_bytes())
    assert call("table", "convert", "t.npz", "plain", cwd=tmp_path).returncode == 0
    result = call(
        "account", "consumption", "--table", "plain", "--no-households", cwd=tmp_path
    )  # no slash in its name
    assert result.returncode == 0 and "147.0" in result.stdout, result.stderr
    result = call("account", "consumption", "--stressor", "CO2", cwd=tmp_path)
    assert result.returncode == 0 and "CO2 by country and industry is an estimate" in result.stdout


def test_inputs_above_output_and_unplaced_emissions_are_told(tmp_path: Path) -> None:
    Z_ = np.zeros((4, 4))
    Z_[:2, :2] = [[0, 90], [10, 20]]
    Y_ = np.array([[30.0, 0], [50, 0], [20, 5], [0, 0]])
    x = np.array([120.0, 80, 25, 0])
    path = table(tmp_path, Z=Z_, Y=Y_, x=x, F__GHG=np.array([10.0, 5, 1, 7]))
    result = run("account", "consumption", "--table", path, "--no-households", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "inputs above output: A 2" in result.stderr
    assert "zero output still emit" in result.stderr and "B 2" in result.stderr
    assert "unallocated" in result.stdout and "7.0" in result.stdout
    assert "23.0" in result.stdout  # the total closes


def test_reproduce_narrows_and_writes(tmp_path: Path) -> None:
    result = run(
        "reproduce", "2022", "--principle", "consumption", "--region", "China", "--gas", "GHG",
        "--table", "oecd-icio-2022", "--out", "report", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "−8.6" in result.stdout and "income" not in result.stdout
    assert (tmp_path / "report" / "report.html").stat().st_size > 50_000
    assert str(Path("report") / "report.html") in result.stdout
    assert [name for name in left(tmp_path) if name.startswith(".")] == []


def test_out_that_is_a_file_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    result = call("reproduce", "2022", "--out", "taken", cwd=tmp_path)
    assert result.returncode == 2 and "taken" in result.stderr
    assert "computing" not in result.stderr  # refused before the work
    assert (tmp_path / "taken").read_text() == "mine" and left(tmp_path) == ["taken"]


@pytest.mark.parametrize("command", [("account", "production"), ("trade",)])
def test_out_in_a_folder_that_is_not_there(command: tuple[str, ...], tmp_path: Path) -> None:
    result = call(*command, "--out", "no/such/a.csv", cwd=tmp_path)
    assert result.returncode == 2 and "its folder does not exist" in result.stderr
    assert result.stdout == "" and left(tmp_path) == []


def test_full_recomputes_the_embedded_figures(data_folder: Path, tmp_path: Path) -> None:
    result = run(
        "reproduce", "2022", "--full", "--principle", "consumption", "--table",
        "oecd-icio-2022-full", cwd=tmp_path, MRIOCARBON_DATA=str(data_folder),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    for figure in ("−8.5", "+23.2", "+27.0"):
        assert figure in result.stdout


def test_version_and_help(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).stdout.strip() == f"mriocarbon {mc.__version__}"
    text = run("--help", cwd=tmp_path).stdout
    for command in ("reproduce", "account", "trade", "principles", "table", "data", "db"):
        assert command in text


def test_account_from_a_store_that_is_not_loaded(tmp_path: Path) -> None:
    mrio = mc.load("oecd-icio-2022")
    store = str(mc.save(mrio, tmp_path / "t.zarr"))
    loaded, streamed = (
        run("account", "consumption", "--table", store, "--stressor", "GHG", "--out",
            f"{name}.csv", *more, cwd=tmp_path)
        for name, more in (("loaded", []), ("streamed", ["--stream"]))
    )  # fmt: skip
    assert loaded.returncode == streamed.returncode == 0, streamed.stderr
    assert "verifying: band 1 of" in streamed.stderr
    one, two = (
        [line for line in (tmp_path / f"{name}.csv").read_text().splitlines() if line[:1] != "#"]
        for name in ("loaded", "streamed")
    )
    assert one[0] == two[0] and len(one) == len(two) == 21
    for a, b in zip(one[1:], two[1:], strict=True):
        assert float(a.split(",")[1]) == pytest.approx(float(b.split(",")[1]), rel=1e-9)
    assert "streamed from the store" in (tmp_path / "streamed.csv").read_text()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--uncertainty", "first-order"], "a streamed table has no uncertainty"),
        (["--detail", "full"], "no uncertainty and no detail"),
    ],
)
def test_what_streaming_does_not_do_is_said(more: list[str], words: str, tmp_path: Path) -> None:
    result = run("account", "consumption", "--table", "t.zarr", "--stream", *more, cwd=tmp_path)
    assert result.returncode == 2 and words in result.stderr


def test_streaming_what_is_no_store(tmp_path: Path) -> None:
    result = run("account", "consumption", "--table", "oecd-icio-2022", "--stream", cwd=tmp_path)
    assert result.returncode == 2 and "error:" in result.stderr
    other = run("account", "income", "--table", "none.zarr", "--stream", cwd=tmp_path)
    assert other.returncode == 2 and "Traceback" not in other.stderr


def test_the_speeds_of_this_machine(tmp_path: Path) -> None:
    result = run("machine", cwd=tmp_path)
    assert result.returncode == 0 and "built in" in result.stdout
    assert "4,050 sectors, 1 right-hand side" in result.stdout and "iterative" in result.stdout


def test_speeds_that_cannot_be_kept_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("machine", "--measure", cwd=tmp_path, MRIOCARBON_CACHE=str(tmp_path / "file"))
    assert result.returncode == 2 and "cannot be kept" in result.stderr


def test_a_number_below_zero_was_read_as_an_option(tmp_path: Path) -> None:
    result = run("cbam", "obligation", "7208", "-5", "--origin", "CHN", cwd=tmp_path)
    assert result.returncode == 2
    assert "what to do: -5 begins with a minus" in result.stderr
    result = run("cbam", "obligation", "7208", "--nope", cwd=tmp_path)
    assert result.returncode == 2 and "minus" not in result.stderr


def test_errors_tell_the_option_as_it_is_spelt_at_the_shell(tmp_path: Path) -> None:
    for arguments, option in (
        (("cbam", "default", "7208", "--origin", "CHN", "--year", "2024"), "--vintage 2023"),
        (("account", "CBA"), "mriocarbon principles"),
    ):
        result = run(*arguments, cwd=tmp_path)
        assert result.returncode == 2 and option in result.stderr, result.stderr
