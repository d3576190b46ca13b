"""One study and one written report for all tests of the room."""

import pytest

import mriocarbon as mc
from mriocarbon import report


@pytest.fixture(scope="session")
def study():
    return mc.reproduce_2022()


@pytest.fixture(scope="session")
def folder(study, tmp_path_factory):
    target = tmp_path_factory.mktemp("report") / "new" / "out"
    report.write(study, target)
    return target


@pytest.fixture(scope="session")
def page(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def budget_only():
    """The smallest study: one combination, no input-output table."""
    return mc.reproduce_2022(tables=["gcb-2025"])
