"""Settings that are numbers: what is one, and what is refused in words."""

import numpy as np
import pytest

from mriocarbon.errors import InputError
from mriocarbon.model.checked import is_real, real


@pytest.mark.parametrize("value", [0, -2.5, np.float32(1.5), np.int64(3)])
def test_finite_numbers_are_real(value):
    assert is_real(value)


@pytest.mark.parametrize("value", [True, "1", None, 1j, float("nan"), float("inf"), 10**400])
def test_all_else_is_not(value):
    assert not is_real(value)
    with pytest.raises(InputError, match="share is"):
        real("share", value, above=0, below=1, where="here")
