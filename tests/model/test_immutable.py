"""Tables and results cannot be changed, and do not follow the arrays they were made from."""

import dataclasses

import numpy as np
import pytest
from properties.tables import TOY_F, TOY_H, TOY_Y, TOY_Z, toy

import mriocarbon as mc


def arrays_of(mrio):
    extension = mrio.extensions["emissions"]
    named = {name: getattr(mrio, name) for name in ("Z", "Y", "x", "value_added", "final_demand")}
    named |= {n: getattr(extension, n) for n in ("F", "F_Y", "F_Y_low", "F_Y_high")}
    return named


def full() -> mc.MRIO:
    return toy(value_added=[80, 60, 50, 100], households_range={"GHG": (TOY_H / 2, TOY_H * 2)})


def test_arrays_are_read_only():
    for name, array in arrays_of(full()).items():
        assert array is not None, name
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    for result in (mc.account(full(), "consumption"), mc.bilateral(full()), mc.trade(full())):
        for array in (result.value, result.low, result.high, *result.parts.values()):
            if array is not None:
                with pytest.raises(ValueError, match="read-only"):
                    array[0] = 1.0


def test_arrays_of_the_caller_are_copied_and_stay_writable():
    Z, Y, f, h = TOY_Z.copy(), TOY_Y.copy(), TOY_F.copy(), TOY_H.copy()
    mrio = toy(Z=Z, Y=Y, stressors={"GHG": f}, households={"GHG": h})
    before = mc.account(mrio, "production").value.copy()
    for array in (Z, Y, f, h):
        array[:] = 0
    np.testing.assert_array_equal(mrio.Z, TOY_Z)
    np.testing.assert_array_equal(mrio.Y, TOY_Y)
    np.testing.assert_array_equal(mc.account(mrio, "production").value, before)


def test_arrays_are_contiguous_doubles():
    mrio = toy(
        Z=np.asfortranarray(TOY_Z), Y=TOY_Y.astype(np.float32), stressors={"GHG": [1, 2, 3, 4]}
    )
    for array in (mrio.Z, mrio.Y, mrio.x, mrio.extensions["emissions"].F):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (toy(), "Z"),
        (toy(), "year"),
        (toy(), "diagnostics"),
        (toy().index, "regions"),
        (toy().extensions["emissions"], "F"),
        (toy().provenance, "dataset"),
        (mc.Note("text"), "text"),
        (mc.Source("name"), "name"),
        (mc.account(toy(), "production"), "value"),
        (mc.leontief(toy()).multipliers(np.ones(4)), "error"),
        (mc.principles()[0], "formula"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_attributes_are_frozen(thing, name):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(thing, name, getattr(thing, name))


def test_mappings_are_read_only():
    with pytest.raises(TypeError):
        toy().extensions["other"] = None
    extensions = {"emissions": toy().extensions["emissions"]}
    mrio = toy().replace_extensions(*extensions.values())
    extensions.clear()
    assert list(mrio.extensions) == ["emissions"]


@pytest.mark.parametrize("mapping", ["parts", "coords"])
def test_mappings_of_results_are_read_only(mapping):
    result = mc.account(toy(), "production")
    with pytest.raises(TypeError):
        getattr(result, mapping)["industries"] = None


def test_accounts_leave_the_table_as_it_is():
    mrio = full()
    before = {name: array.copy() for name, array in arrays_of(mrio).items()}
    for principle in (p.name for p in mc.principles() if not p.needs):
        mc.account(mrio, principle)
    mc.leontief(mrio).inverse()
    for name, array in arrays_of(mrio).items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)


def test_the_same_question_has_the_same_answer_to_the_last_bit():
    for principle in (p.name for p in mc.principles() if not p.needs):
        a, b = (mc.account(toy(), principle).value.tobytes() for _ in range(2))
        assert a == b, principle
