"""What the shell is offered after a tab, that it is true, and that it loads nothing heavy."""

import os
import subprocess
import sys

import mriocarbon as mc
from mriocarbon.cli import complete
from mriocarbon.structure.leakage import LEAST_OUTPUT
from mriocarbon.structure.paths import MOST_NODES


def test_the_short_lists_are_what_the_program_knows():
    assert list(complete.PRINCIPLES) == [p.name for p in mc.principles()]
    mrio = mc.load("oecd-icio-2022")
    assert set(complete.STRESSORS) == set(mrio.stressors)
    assert set(complete.regions("")) >= set(mrio.regions)
    assert len(complete.regions("")) == len(set(complete.regions(""))) > 80
    assert complete.datasets("oecd-icio") and set(complete.datasets("")) == {
        one.name for one in mc.public_datasets()
    }
    assert (LEAST_OUTPUT, MOST_NODES) == (0.1, 10_000_000)  # as the help says


def test_what_begins_so(tmp_path, monkeypatch):
    assert complete.principles("half") == ["half-half"]
    assert complete.stressors("g") == ["GHG"]
    assert ("CHN", "China") in complete.origins("chi")
    assert all(code.startswith("72") for code in complete.goods("72")) and complete.goods("72")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.zarr").mkdir()
    (tmp_path / "mine.csv").write_text("")
    assert complete.tables("mi") == ["mine.csv", "mine.zarr/"]
    assert complete.tables("oecd") == ["oecd-icio-2022"]
    assert complete.tables("no/such") == []


def test_a_package_without_its_files_offers_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(complete, "_HOME", tmp_path)
    assert complete.regions("") == [] and complete.goods("") == []


def asked(words: str) -> list[str]:
    code = (
        "import sys\nfrom mriocarbon.cli.main import app\n"
        "try:\n    app(prog_name='mriocarbon')\nfinally:\n"
        "    heavy = {'numpy', 'pandas', 'scipy', 'pycountry'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=120,
        env={**os.environ, "_MRIOCARBON_COMPLETE": "complete_bash", "COMP_WORDS": words,
             "COMP_CWORD": str(len(words.split(" ")) - 1)},
    )  # fmt: skip
    assert not told.stderr, told.stderr
    return told.stdout.split()


def test_the_shell_is_answered_without_numpy():
    assert "account" in asked("mriocarbon acc")
    assert asked("mriocarbon account --table oecd") == ["oecd-icio-2022"]
    assert asked("mriocarbon scenario --principle inc") == ["income"]
    assert asked("mriocarbon paths --region CH") == ["CHN", "CHE", "CHL"]
    assert asked("mriocarbon paths --stressor CO") == ["CO2"]
    assert asked("mriocarbon paths --table oecd") == ["oecd-icio-2022"]
    assert "CHN" in asked("mriocarbon cbam audit --origin CH")
    assert asked("mriocarbon cbam default 25070") == ["25070080"]
