"""What a shell gets at a tab: the right names, without anything heavy loaded for it."""

import os
import subprocess
import sys


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
    assert asked("mriocarbon account cons") == ["consumption"]
    assert asked("mriocarbon account consumption --region CHN") == ["CHN"]
    assert asked("mriocarbon reproduce 2022 --gas CH") == ["CH4"]
    assert asked("mriocarbon scenario --principle inc") == ["income"]
    assert asked("mriocarbon paths --region CH") == ["CHL", "CHN", "CHE"]
    assert asked("mriocarbon paths --region ch") == ["chl", "chn", "che"]  # read in any case
    assert "china" in asked("mriocarbon cbam audit --origin chi")
    assert asked("mriocarbon paths --stressor CO") == ["CO2"]
    assert asked("mriocarbon paths --table oecd") == ["oecd-icio-2022"]
    assert "CHN" in asked("mriocarbon cbam audit --origin CH")
    assert asked("mriocarbon cbam default 25070") == ["25070080"]
