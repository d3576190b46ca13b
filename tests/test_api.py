"""The public face: its names, their documentation, and that the examples run."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon import api
from mriocarbon.errors import InputError

NAMES = [
    "AllAccounts", "Balanced", "Chain", "Change", "CheckReport", "Database", "Decomposition",
    "DecompositionSeries", "Estimate", "Extension", "Extraction", "Fusion",
    "ImportantCoefficients", "Inequality", "Inoperability", "Item", "Known", "LeakageRate",
    "Leontief", "Linkages", "MRIO", "Machine", "Note", "Paths", "Plan", "Provenance", "Result",
    "SatelliteData", "Scenario", "Scopes", "SectorIndex", "Series", "Side", "Solution",
    "Source", "Store", "StreamedFootprints", "Study", "SupplyUse", "account",
    "account_function", "account_series", "aggregate", "all_accounts", "atlas", "avoided",
    "bilateral", "catalogue", "cbam", "cell_deflation", "cell_ras", "chains", "check",
    "chow_lin", "complete_final_demand", "crossings", "data_add", "data_info", "data_listing",
    "data_update", "data_verify", "database", "decompose", "decompose_regions",
    "decompose_series", "deflate_series", "denton", "difference", "disaggregate",
    "double_deflation", "extract", "extract_all", "fetch", "footprint", "formats",
    "full_spectrum", "fuse", "gradient", "gras", "green_exports", "group_names", "gwp",
    "important_coefficients", "industry", "inequality", "inoperability", "lca", "leakage",
    "leakage_rate", "leontief",
    "linkages", "load", "machine", "members", "natural", "nowcast", "paths", "population",
    "principles", "public_datasets", "ras", "read", "read_series", "reproduce_2022",
    "satellite_data", "satellites", "save", "scenario", "scopes", "streamed_footprints",
    "sweep", "table", "tiers", "to_basic", "to_purchasers", "to_symmetric", "tolerance_limits",
    "trade", "uncertainty", "verified", "write_store", "write_workbook",
]  # fmt: skip
# Those of `inside` are run by vLLM's own Python: what they import is not in this environment.
MODULES = sorted(
    m.name
    for m in pkgutil.walk_packages(mc.__path__, "mriocarbon.")
    if ".serving.inside." not in m.name
)


def test_exported_names_are_these():
    assert sorted(api.__all__) == sorted(NAMES)
    assert mc.__all__ == api.__all__


def test_dir_lists_them_and_the_version():
    assert set(dir(mc)) == {*NAMES, "__version__"}
    assert mc.__version__.count(".") == 2


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there(name):
    assert getattr(mc, name) is getattr(api, name)


def test_star_import_brings_them_all():
    space: dict[str, object] = {}
    exec("from mriocarbon import *", space)
    assert set(NAMES) <= set(space)


@pytest.mark.parametrize("name", ["acount", "raed", "np", "_api_", "numpy"])
def test_unknown_names_are_attribute_errors(name):
    with pytest.raises(AttributeError, match=f"module 'mriocarbon' has no attribute {name!r}"):
        getattr(mc, name)
    assert not hasattr(mc, name)


def test_nothing_heavy_is_imported_before_it_is_used():
    code = (
        "import sys, mriocarbon; heavy = {'jax', 'scipy', 'pandas', 'xarray', 'matplotlib',"
        " 'pymrio', 'pint', 'numba', 'zarr', 'duckdb', 'httpx'} & set(sys.modules);"
        " assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_face_imports_nothing_heavy_either():
    code = (
        "import sys, mriocarbon as mc; mc.account; heavy = {'jax', 'pandas', 'xarray',"
        " 'matplotlib', 'pymrio'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_object_is_documented_with_an_example(name):
    thing = getattr(mc, name)
    text = inspect.getdoc(thing) or ""
    assert text.strip()
    own = text
    if inspect.isclass(thing):  # an example in one of the ways to make it will do
        own += "".join(inspect.getdoc(m) or "" for _, m in inspect.getmembers(thing, callable))
    assert "Examples\n--------" in own, f"mc.{name} has no example"
    assert ">>>" in own


@pytest.mark.parametrize("name", [n for n in NAMES if inspect.isfunction(getattr(mc, n))])
def test_functions_document_every_parameter_and_what_they_return(name):
    thing = getattr(mc, name)
    text = inspect.getdoc(thing) or ""
    parameters = [p for p in inspect.signature(thing).parameters if p not in ("folder", "options")]
    for parameter in parameters:
        assert parameter in text, f"mc.{name}: {parameter}"
    assert inspect.signature(thing).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module):
    with np.printoptions(precision=8, suppress=False, threshold=1000, legacy=False):
        found = importlib.import_module(module)
        if module.endswith("__main__"):
            return
        failed, _ = doctest.testmod(
            found, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
        )
    assert failed == 0


def test_there_are_examples_to_run():
    finder = doctest.DocTestFinder(exclude_empty=True)
    count = sum(
        bool(test.examples)
        for module in MODULES
        for test in finder.find(importlib.import_module(module))
    )
    assert count >= 25


def test_errors_are_one_tree():
    from mriocarbon import errors

    public = [getattr(errors, name) for name in errors.__all__]
    for error in public:
        base = errors.MriocarbonWarning if issubclass(error, Warning) else errors.MriocarbonError
        assert issubclass(error, base)
        assert error.__doc__
    assert issubclass(errors.InputError, ValueError)
    assert issubclass(errors.UnknownNameError, KeyError)
    assert issubclass(errors.DataFileError, OSError)
    text = str(errors.UnknownNameError.of("thing", "x", ["a" * 3, "b" * 3]))
    assert text == "unknown thing 'x'\n  where: thing, 2 known\n  what to do: known: aaa, bbb"
    error = errors.DataFileError("what", where="there", do="that")
    assert str(error) == "what\n  where: there\n  what to do: that"
    assert (error.what, error.where, error.do) == ("what", "there", "that")


def takers() -> dict[str, list[str]]:
    """Public functions of a table: the names of the parameters that take one."""
    found = {}
    for name in mc.__all__:
        function = getattr(mc, name)
        if inspect.isfunction(function):
            parameters = inspect.signature(function).parameters.values()
            tables = [p.name for p in parameters if p.annotation == "MRIO"]
            if tables:
                found[name] = tables
    return found


@pytest.mark.parametrize("name", takers())
def test_what_is_no_table_is_refused_in_words(name):
    function = getattr(mc, name)
    parameters = inspect.signature(function).parameters.values()
    # whatever else is asked for: the table is looked at before it
    others = {p.name: None for p in parameters if p.default is p.empty and p.kind != p.VAR_KEYWORD}
    tables = dict.fromkeys(takers()[name], mc.load("oecd-icio-2022"))
    for wrong, told in (("oecd-icio-2022", "'oecd-icio-2022' is no table"), (None, "NoneType")):
        for table in tables:
            with pytest.raises(InputError, match=told) as caught:
                function(**(others | tables | {table: wrong}))
            assert f"{name}, {table}" in caught.value.where and "mc.load" in caught.value.do


def test_tables_are_taken_by_most_of_what_there_is():
    assert len(takers()) > 30 and takers()["decompose"] == ["before", "after"]
