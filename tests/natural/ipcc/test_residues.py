"""Nitrogen of crop residues and of lost soil carbon: equations 11.6 to 11.8."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import InputError, NonFiniteError, NotAvailableError, UnknownNameError
from mriocarbon.natural.ipcc import (
    SoilNitrogen,
    StockChange,
    crop_residue_nitrogen,
    direct_n2o,
    factor,
    mineralised_nitrogen,
)


def test_maize_by_hand():
    # 10 t/ha fresh: 8.7 t dry, 8.7 t of straw; roots (8.7 + 8.7) 0.22
    out = crop_residue_nitrogen("maize", 2.0, 10.0)
    by_hand = 2 * (8.7 * 0.006 + (8.7 + 8.7) * 0.22 * 0.007)
    assert out.value == pytest.approx(by_hand, rel=1e-14)
    assert out.low < out.value < out.high


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_is_taken_away_does_not_stay(removed, burnt):
    cf = 0.8
    away = {"removed": removed, "burnt": burnt, "combustion": cf}
    if removed + burnt * cf > 1:
        with pytest.raises(InputError, match="more than all"):
            crop_residue_nitrogen("maize", 1.0, 10.0, **away)
        return
    left = crop_residue_nitrogen("maize", 1.0, 10.0, **away).value
    roots = crop_residue_nitrogen("maize", 1.0, 10.0, removed=1.0).value
    straw = crop_residue_nitrogen("maize", 1.0, 10.0).value - roots
    assert left == pytest.approx(roots + straw * (1 - removed - burnt * cf), rel=1e-9)


def test_pasture_is_renewed_in_parts():
    whole = crop_residue_nitrogen("perennial grasses", 1.0, 8.0, removed=1.0).value
    fifth = crop_residue_nitrogen("perennial grasses", 1.0, 8.0, removed=1.0, renewed=0.2).value
    assert fifth == pytest.approx(whole / 5, rel=1e-12)


@given(st.floats(0, 1e6), st.floats(0, 20))
def test_linear_in_area_and_yield(area, grain):
    out = crop_residue_nitrogen("barley", area, grain).value
    unit = crop_residue_nitrogen("barley", 1.0, 1.0).value
    assert out == pytest.approx(area * grain * unit, rel=1e-9, abs=1e-12)


def test_dashes_of_the_table_are_refused_and_can_be_filled():
    with pytest.raises(NotAvailableError, match="dash for N_BG of rice"):
        crop_residue_nitrogen("rice", 1.0, 5.0)
    assert crop_residue_nitrogen("rice", 1.0, 5.0, n_below=0.009).value > 0
    with pytest.raises(NotAvailableError, match="RS of rye"):
        crop_residue_nitrogen("rye", 1.0, 5.0)


def test_burning_takes_the_combustion_factor_of_the_guidelines():
    cf = factor("C_F", land="crop residues", option="maize")
    burnt = crop_residue_nitrogen("maize", 1.0, 10.0, burnt=0.5, combustion=cf)
    assert burnt.value < crop_residue_nitrogen("maize", 1.0, 10.0).value


def test_bad_residues():
    with pytest.raises(UnknownNameError, match="mais"):
        crop_residue_nitrogen("mais", 1.0, 5.0)
    with pytest.raises(InputError, match="combustion"):
        crop_residue_nitrogen("maize", 1.0, 5.0, burnt=0.1)
    for bad in ({"removed": 1.1}, {"burnt": -0.1, "combustion": 0.8}, {"dry_matter": 2.0},
                {"renewed": 1.5}, {"n_above": 1.5}, {"ratio": -1.0}):  # fmt: skip
        with pytest.raises(InputError):
            crop_residue_nitrogen("maize", 1.0, 5.0, **bad)
    with pytest.raises(InputError):
        crop_residue_nitrogen("maize", -1.0, 5.0)
    with pytest.raises(NonFiniteError):
        crop_residue_nitrogen("maize", 1.0, np.nan)


def test_mineralised_nitrogen():
    assert mineralised_nitrogen(150.0).value == pytest.approx(10)
    assert mineralised_nitrogen(150.0, cause="cropland management").value == pytest.approx(15)
    assert mineralised_nitrogen(150.0, ratio=12.0).value == pytest.approx(12.5)
    assert mineralised_nitrogen(StockChange(-150.0, "t C/yr")).value == pytest.approx(10)
    assert mineralised_nitrogen(0.0).value == 0
    # no credit for carbon gained
    for gain in (StockChange(150.0, "t C/yr"), -1.0):
        with pytest.raises(InputError, match="gain"):
            mineralised_nitrogen(gain)
    with pytest.raises(UnknownNameError):
        mineralised_nitrogen(1.0, cause="ploughing")
    with pytest.raises(NotAvailableError):
        mineralised_nitrogen(1.0, cause="any")
    with pytest.raises(InputError, match="ratio"):
        mineralised_nitrogen(1.0, ratio=0.0)


def test_residues_feed_the_account():
    straw = crop_residue_nitrogen("maize", 1000.0, 10.0)
    out = direct_n2o(SoilNitrogen(residues=straw), climate="wet").inputs
    assert out.value == pytest.approx(straw.value * 0.006 * 44 / 28, rel=1e-12)
    # the range of the residues is in the result beside that of EF1
    alone = factor("EF1", climate="wet", option="other")
    assert out.high / out.value > alone.high / alone.value
