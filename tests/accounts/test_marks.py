"""The mark of an estimate reaches every result, and every form in which a result leaves."""

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.datasets.satellites import RESIDUAL_NOTE

MAKERS = {
    "account": lambda m: mc.account(m, "consumption", households=False),
    "bilateral": lambda m: mc.bilateral(m),
    "footprint": lambda m: mc.footprint(m),
    "trade": lambda m: mc.trade(m),
    "gradient": lambda m: mc.gradient(m, "consumption", region="B"),
}


def table() -> mc.MRIO:
    return mc.MRIO.from_arrays(
        Z=[[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]],
        Y=[[30, 40], [55, 10], [10, 45], [5, 120]],
        regions=["A", "B"],
        sectors=["1", "2"],
        stressors={"GHG": [240, 50, 60, 40]},
        notes=[mc.Note("the origin is a guess", "table", estimated=True)],
        estimated={"Y": np.eye(4, 2, dtype=bool)},
    )


@pytest.mark.parametrize("name", MAKERS)
def test_the_mark_reaches_every_result(name, tmp_path):
    result = MAKERS[name](table())
    assert any(note.estimated and "guess" in note.text for note in result.notes)
    frame = result.to_pandas()
    assert frame.attrs["estimated"] is True
    assert any("guess" in text for text in frame.attrs["notes"])
    assert frame.attrs["unit"] == result.unit
    assert "guess" in result.to_csv(tmp_path / "r.csv").read_text()
    assert "guess" in str(result.to_xarray().attrs)


def test_a_clean_table_leaves_no_mark():
    clean = mc.MRIO.from_arrays(
        Z=np.eye(2), Y=np.ones((2, 2)), regions=["A", "B"], sectors=["1"],
        stressors={"GHG": [1, 1]},
    )  # fmt: skip
    frame = mc.account(clean, "production", households=False).to_pandas()
    assert frame.attrs["estimated"] is False


@pytest.mark.parametrize("weights", [{"CO2": 1, "CH4": 28}, {"CO2": 1}])
def test_a_sum_carries_the_notes_of_what_is_in_it_only(weights):
    gases = mc.satellites().characterised(weights, "sum", "Mt CO2e")
    assert not any(note.text == RESIDUAL_NOTE for note in gases.notes)
    whole = mc.satellites().characterised({**weights, "F-gases": 1}, "sum", "Mt CO2e")
    assert any(note.text == RESIDUAL_NOTE and note.estimated for note in whole.notes)
