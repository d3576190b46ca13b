"""One table for all tests of the checks, and its checks before any defect."""

import pytest

import mriocarbon as mc
from mriocarbon.build.checks import check


@pytest.fixture(scope="module")
def table():
    """The embedded table with the OECD's greenhouse gases alone: nothing estimated in F."""
    loaded = mc.load("oecd-icio-2022")
    ext = loaded.extension_of("GHG")
    k = ext.row("GHG")
    ghg = mc.Extension("GHG", ("GHG",), ext.F[k : k + 1], ("Mt CO2e",), ext.F_Y[k : k + 1])
    return loaded.replace_extensions(ghg)


@pytest.fixture(scope="module")
def clean(table):
    return check(table)
