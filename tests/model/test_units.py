"""Units: what offices write is read, and what is not the same is never made the same."""

import numpy as np
import pytest
from properties.tables import TOY_F, TOY_H, toy

import mriocarbon as mc
from mriocarbon.errors import UnitError, UnknownNameError
from mriocarbon.model.units import factor


@pytest.mark.parametrize(
    ("unit", "target", "expected"),
    [
        ("Mt CO2e", "Mt CO2e", 1.0),
        ("MtCO2e", "kt CO2-eq", 1e3),
        ("Mt CO2-eq", "Mt CO2e", 1.0),
        ("Mt CO2eq", "Mt CO2e", 1.0),
        ("Mt CO2 eq", "Mt CO2e", 1.0),
        ("kt CO2e", "Mt CO2e", 1e-3),
        ("Mt CO2-eq", "kt CO2e", 1e3),
        ("Gg CO2", "kt CO2", 1.0),
        ("t CO2", "kg CO2", 1e3),
        ("Gt CO2", "t CO2", 1e9),
        ("kg CH4", "kt CH4", 1e-6),
        ("M.EUR", "million EUR", 1.0),
        ("M EUR", "million EUR", 1.0),
        ("MEUR", "EUR", 1e6),
        ("M.USD", "USD", 1e6),
        ("mn USD", "million USD", 1.0),
        ("mio. EUR", "EUR", 1e6),
        ("thousand USD", "million USD", 1e-3),
        ("billion USD", "M.USD", 1e3),
        ("t CO2 / capita", "kg CO2 / person", 1e3),
        ("Mt CO2e / million USD", "kg CO2e / USD", 1e3),
    ],
)
def test_conversion(unit, target, expected):
    assert factor(unit, target) == expected  # to the last bit: 1000 and not 1000.0000000000001
    assert factor(target, unit) == pytest.approx(1 / expected, rel=1e-15)


@pytest.mark.parametrize(
    ("unit", "target"),
    [
        ("Mt CO2", "Mt CO2e"),
        ("Mt CO2-eq", "Mt CO2"),
        ("Mt CH4", "Mt CO2e"),
        ("Mt carbon", "Mt CO2"),
        ("million USD", "million EUR"),
        ("M.EUR", "Mt CO2e"),
        ("Mt CO2e", "Mt"),
        ("TJ", "Mt CO2e"),
        ("Mt CO2e", "furlongs of methane"),
        ("", "Mt CO2e"),
        ("unknown", "Mt CO2e"),
        ("Mt CO2e", "Mt CO2e / year"),
        # Python's tokenizer stops at these, and what stands before them was taken
        ("Mt CO2e", "kg CO2e;"),
        ("Mt CO2e", "kg CO2e # per year"),
        ("Mt CO2e", "kg CO2e; furlongs"),
    ],
)
def test_what_cannot_be_converted(unit, target):
    with pytest.raises(UnitError) as caught:
        factor(unit, target)
    text = str(caught.value)
    assert f"cannot convert {unit!r} to {target!r}" in text
    assert "where: units" in text
    assert "what to do: give units that measure the same thing" in text


def test_a_unit_of_a_paragraph_is_refused_at_once():
    with pytest.raises(UnitError, match=r"'t{40}'\.\.\. of 140,000 letters to 'Mt CO2e'"):
        factor("t" * 140_000, "Mt CO2e")  # pint would look at it for hours


def test_a_result_in_another_unit():
    mrio = toy(households_range={"GHG": (TOY_H / 2, TOY_H * 2)})
    result = mc.account(mrio, "consumption")
    other = result.to("kt CO2-eq")
    assert other.unit == "kt CO2-eq"
    for name in ("value", "low", "high"):
        np.testing.assert_allclose(getattr(other, name), getattr(result, name) * 1e3, rtol=1e-15)
    for name, part in result.parts.items():
        np.testing.assert_allclose(other.parts[name], part * 1e3, rtol=1e-15)
    assert other.notes == result.notes
    assert other.error == result.error
    assert other.provenance == result.provenance
    assert result.unit == "Mt CO2e"
    with pytest.raises(UnitError, match="'Mt CO2e' to 'Mt CO2'"):
        result.to("Mt CO2")


def test_an_extension_in_another_unit():
    gases = mc.Extension(
        "GHG", ("a", "b"), np.array([[1.0, 2], [3000, 4000]]), ("Mt CO2e", "kt CO2e"),
        np.array([[1.0], [1000]]), np.array([[0.5], [500]]), np.array([[2.0], [2000]]),
    )  # fmt: skip
    same = gases.to_unit("Mt CO2e")
    np.testing.assert_array_equal(same.F, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(same.F_Y, [[1], [1]])
    np.testing.assert_array_equal(same.F_Y_low, [[0.5], [0.5]])
    np.testing.assert_array_equal(same.F_Y_high, [[2], [2]])
    assert same.units == ("Mt CO2e", "Mt CO2e")
    assert gases.unit("b") == "kt CO2e"
    with pytest.raises(UnitError):
        mc.Extension("x", ("a",), np.ones((1, 2)), ("Mt CO2",)).to_unit("Mt CO2e")


def test_gases_are_weighted_together():
    gases = mc.Extension(
        "gases", ("CO2", "CH4"), np.array([[1.0, 2], [3, 4]]), ("Mt CO2", "kt CH4"),
        np.array([[5.0], [np.nan]]), None, None, (mc.Note("estimated", "CH4", estimated=True),),
    )  # fmt: skip
    total = gases.characterised({"CO2": 1, "CH4": 0.028}, "GHG", "Mt CO2e")
    np.testing.assert_allclose(total.F, [[1.084, 2.112]], rtol=1e-15)
    assert np.isnan(total.F_Y).all()  # unknown if one is
    assert (total.stressors, total.units, total.name) == (("GHG",), ("Mt CO2e",), "GHG")
    assert any("0.028 x CH4" in n.text for n in total.notes)
    assert any(n.estimated for n in total.notes)
    with pytest.raises(UnknownNameError, match="N2O"):
        gases.characterised({"N2O": 0.265}, "GHG", "Mt CO2e")


def test_the_mark_of_an_estimate_reaches_the_account_of_the_sum():
    gases = mc.Extension(
        "gases", ("CO2", "CH4"), np.stack([TOY_F, TOY_F]), ("Mt CO2", "kt CH4"), None, None, None,
        (mc.Note("CH4 is estimated", "CH4", estimated=True),),
    )  # fmt: skip
    total = gases.characterised({"CO2": 1, "CH4": 0.028}, "GHG", "Mt CO2e")
    result = mc.account(toy().replace_extensions(total), "consumption", households=False)
    assert result.estimated
