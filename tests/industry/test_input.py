"""Input that no plant can have, or that nothing would read, is refused and named."""

import numpy as np
import pytest
from typer.testing import CliRunner

from mriocarbon.cli.industry import app
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.elements import full_process, scopes
from mriocarbon.industry.simulate import simulate
from mriocarbon.industry.site import site
from mriocarbon.industry.steps import step
from mriocarbon.industry.tiers import compare_tiers


def run(*words):
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("origin", ["XXX", "deu", "Germany"])
def test_an_unknown_origin_is_refused(origin):
    # it got the values of all countries and the median grid without a word
    for call in (
        lambda: step("bf-bof", origin=origin),
        lambda: full_process("bf-bof", origin=origin),
        lambda: simulate("bf-bof", origin=origin, draws=10, backend="numpy"),
        lambda: compare_tiers(origin),
        lambda: run("show", "bf-bof", "--origin", origin),
        lambda: run("show", "bf-bof", "--yaml", "--origin", origin),
        lambda: run("compare", "--origin", origin),
    ):
        with pytest.raises(UnknownNameError, match=f"country of origin '{origin}'"):
            call()


def test_a_lower_case_origin_is_told_its_capitals():
    with pytest.raises(UnknownNameError) as caught:
        step("bf-bof", origin="deu")
    assert "'DEU'" in str(caught.value)


@pytest.mark.parametrize("grid", [-1.0, np.nan, np.inf])
def test_a_grid_that_cannot_be_is_refused(grid):
    made = site([step("bf-bof")])
    for call in (
        lambda: made.account({"steel": 1.0}, grid=grid),
        lambda: made.account({"steel": 1.0}, grid=np.array([0.4, grid])),
        lambda: scopes(full_process("bf-bof"), grid=grid),
        lambda: run("show", "bf-bof", "--grid", str(grid)),
    ):
        with pytest.raises(InputError, match="grid is"):
            call()
