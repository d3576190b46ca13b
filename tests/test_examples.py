"""The scripts of examples/ run as they stand, in under two minutes each."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
PAGE = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")

UNITS = {
    "cbam_steel": r"t CO2e/t|EUR|%",
    "eu_cars_paths": r"Mt CO2e|%|^  0: ",
    "pv_hybrid_lca": r"kg CO2e|%|^warn|^fail",
    "bilateral_uncertainty": r"Mt CO2e|%",
    "adjust_2022": r"%",
}


def test_the_page_names_each_script_and_no_other():
    assert set(re.findall(r"^python examples/(\w+\.py) ", PAGE, re.M)) == {s.name for s in SCRIPTS}
    assert len(SCRIPTS) == 5


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_writes_what_it_says(script, tmp_path):
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), "--out", str(tmp_path / "out")],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = re.search(r"wrote (.+) into", done.stdout)
    assert told is not None, done.stdout[-500:]
    names = re.findall(r"[\w-]+\.(?:csv|png)", told[1])
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(names)
    for name in names:
        assert (tmp_path / "out" / name).stat().st_size > 500
    if script.stem == "adjust_2022":  # the README shows its picture
        from matplotlib.testing.compare import compare_images

        shown, made = ROOT / "docs/_static/adjust-2022.png", tmp_path / "out/adjust-2022.png"
        shutil.copy(shown, tmp_path / "shown.png")  # a difference is drawn beside the file
        assert compare_images(str(tmp_path / "shown.png"), str(made), tol=5) is None
    for line in done.stdout.splitlines():  # a figure without its unit is none
        if re.search(r"\d\.\d|\d,\d{3}", line) and not line.startswith(("note:", "Default")):
            assert re.search(UNITS[script.stem], line), line
    assert not re.search(r"\('[A-Z0-9]+', '|\[\(|\bIND\b", done.stdout), "tuples of codes"
    if script.stem == "cbam_steel":  # one price in the whole script, and the audit's
        assert "75.36 EUR per certificate, 2026-Q1 (European Commission" in done.stdout
        cost = pd.read_csv(tmp_path / "out/cbam-steel-cost.csv")
        assert set(cost.price_eur) == {75.36} and set(cost.price_period) == {"2026-Q1"}
    assert "nan" not in done.stdout.casefold().split()
    assert time.monotonic() - began < 120, "two minutes on two cores"
    # figures that a reader takes with him: same as the package's own
    assert re.search(r"\d", done.stdout)
