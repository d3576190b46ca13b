"""Fluxes: what may be added, what never, and with which interval."""

import itertools
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.errors import InputError, NonFiniteError, UnknownNameError
from mriocarbon.model.normal import Z95
from mriocarbon.natural.flux import (
    LATERAL,
    SCOPES,
    STOCK,
    Biosphere,
    Flux,
    LandUseChange,
    ManagedLand,
    Process,
    ScopeError,
    make_flux,
    total,
)
from mriocarbon.natural.regions import GFED_REGIONS, find, members_of, overlap

COUNTRIES = ["AUS", "BRA", "CAN", "CHN", "IND", "JPN", "RUS", "USA"]


def flux(kind=Biosphere, region="CHN", value=-100.0, sd=10.0, **more):
    process = {
        "land-use change": "land-use change",
        "biosphere": "net biosphere exchange",
        "managed land": "land use, land-use change and forestry",
    }.get(kind.scope, "fires")
    fields = {"process": process, "method": "one", "gas": "CO2", "year_from": 2020, "year_to": 2020}
    return kind(region=region, value=value, sd=sd, **(fields | more))


numbers = st.floats(-1e4, 1e4, allow_nan=False)
spreads = st.floats(0, 1e3, allow_nan=False)


@st.composite
def several(draw, least=2):
    regions = draw(st.lists(st.sampled_from(COUNTRIES), min_size=least, unique=True))
    kind = draw(st.sampled_from(list(SCOPES.values())))
    return [flux(kind, r, draw(numbers), draw(spreads)) for r in regions]


@given(several())
def test_a_sum_is_the_sum_in_any_order_and_grouping(fluxes):
    added = sum(fluxes)
    back = fluxes[-1]
    for one in reversed(fluxes[:-1]):
        back = one + back
    assert type(added) is type(fluxes[0]) and added.cells == back.cells
    assert added.region == back.region
    for a, b in ((added.value, back.value), (added.sd, back.sd), (added.low, back.low),
                 (added.sd_independent, back.sd_independent)):  # fmt: skip
        assert a == pytest.approx(b, abs=1e-7)
    assert added.value == pytest.approx(math.fsum(f.value for f in fluxes), abs=1e-7)
    assert added.sd == pytest.approx(math.fsum(f.sd for f in fluxes), abs=1e-7)
    assert added.high - added.low == pytest.approx(2 * Z95 * added.sd, abs=1e-6)


@given(several(), st.data())
def test_any_correlation_lies_within_the_two_bounds(fluxes, data):
    """sd of the sum for any common correlation from 0 to 1: between the independent and the sum."""
    r = data.draw(st.floats(0, 1))
    sds = [f.sd for f in fluxes]
    true = math.sqrt(max(sum(a * b * (1 if i == j else r) for (i, a), (j, b) in
                             itertools.product(enumerate(sds), repeat=2)), 0))  # fmt: skip
    added = total(fluxes)
    assert added.sd_independent - 1e-6 <= true <= added.sd + 1e-6
    assert added.independent.high - added.value == pytest.approx(Z95 * added.sd_independent)


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(SCOPES.values(), 2)))
def test_scopes_are_never_added(one, other):
    with pytest.raises(ScopeError, match="never added") as caught:
        flux(one, "CHN") + flux(other, "USA")
    assert "side by side" in str(caught.value)


def test_why_c_and_d_are_never_added():
    with pytest.raises(ScopeError, match=r"an inversion sees all .* fires"):
        flux(Biosphere, "CHN") + flux(Process, "USA")


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"region": "CHN"}, "CHN stands twice"),
        ({"region": "WLD"}, "the world holds every region"),
        ({"gas": "CH4", "region": "USA"}, "another gas"),
        ({"year_to": 2021, "region": "USA"}, "another period"),
        ({"direction": LATERAL, "region": "USA"}, "another direction"),
        ({"direction": STOCK, "region": "USA"}, "another direction"),
        ({"method": "two", "region": "USA"}, "views of the same thing"),
        ({"process": "net exchange with fossil", "region": "USA"}, "views of the same thing"),
    ],
)
def test_double_counting_inside_a_scope_is_refused(other, why):
    with pytest.raises(ScopeError, match=why):
        flux() + flux(**other)
    with pytest.raises(ScopeError, match=why):
        flux(**other) + flux()


def test_models_are_alternatives_not_addends():
    with pytest.raises(ScopeError, match=r"land-use change \(BLUE\) and .* \(OSCAR\) are views"):
        flux(LandUseChange, "CHN", method="BLUE") + flux(LandUseChange, "USA", method="OSCAR")


def test_groups_overlap_with_their_members():
    with pytest.raises(ScopeError, match="EU27 and DEU share DEU"):
        flux(region="EU27") + flux(region="DEU")
    with pytest.raises(ScopeError, match="counted twice"):
        total([flux(region="DEU"), flux(region="FRA"), flux(region="DEU")])
    assert (flux(region="EU27") + flux(region="USA")).region == "EU27 + USA"
    with pytest.raises(ScopeError, match="members are not known"):
        flux(region="gcp:Asia") + flux(region="CHN")
    assert overlap("ceos-topdown-2022:Region_AU", "KEN")
    assert not overlap("ceos-topdown-2022:Region_AU_North", "ceos-topdown-2022:Region_AU_South")
    assert not any(overlap(a, b) for a, b in itertools.combinations(GFED_REGIONS, 2))


def test_a_country_by_another_name_is_the_same_country():
    for one, other in (("Germany", "DEU"), ("deu", "DEU"), ("G20", "USA")):
        with pytest.raises(ScopeError, match="counted twice"):
            flux(region=one) + flux(region=other)
    with pytest.raises(ScopeError, match="members are not known"):
        flux(region="my own group") + flux(region="DEU")


def test_a_wide_positive_flux_stays_positive_with_independent_errors():
    parts = [flux(Process, r, 10.0, math.nan, low=1.8, high=55.6) for r in ("USA", "JPN")]
    added = total(replace(one, sd=12.0, sd_independent=12.0) for one in parts)
    alone = added.independent
    assert 0 < added.low < alone.low < alone.value < alone.high < added.high


def test_processes_add_where_they_do_not_hold_one_another():
    fires, wetlands = (flux(Process, "WLD", process=p, gas="CH4") for p in ("fires", "wetlands"))
    assert (fires + wetlands).process == "fires + wetlands"
    burning = replace(fires, process="biomass and biofuel burning", cells=frozenset())
    with pytest.raises(ScopeError, match="views"):
        fires + burning
    everything = replace(fires, process="all natural sources", cells=frozenset())
    with pytest.raises(ScopeError, match="views"):
        wetlands + everything
    with pytest.raises(ScopeError):  # also by way of a sum
        (fires + wetlands) + replace(wetlands, method="two", cells=frozenset())


def test_a_whole_inventory_holds_its_parts():
    whole = flux(ManagedLand)
    forest, crops = (flux(ManagedLand, process=p) for p in ("4.A Forest Land", "4.B Cropland"))
    assert (forest + crops).value == -200
    with pytest.raises(ScopeError, match="views"):
        whole + forest


def test_sum_begins_with_zero_and_with_nothing_else():
    assert sum([flux()]) == flux()
    with pytest.raises(TypeError):
        0.0 + flux()  # type: ignore[operator]
    with pytest.raises(TypeError):
        sum([flux()], start=5)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        flux() + 3  # type: ignore[operator]
    with pytest.raises(InputError, match="nothing to add"):
        total([])


def test_an_unknown_sd_stays_unknown():
    added = flux() + flux(region="USA", sd=math.nan)
    assert added.value == -200 and math.isnan(added.sd) and math.isnan(added.low)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"value": math.nan}, NonFiniteError),
        ({"value": math.inf}, NonFiniteError),
        ({"gas": "SF6"}, UnknownNameError),
        ({"direction": "down"}, UnknownNameError),
        ({"sd": -1.0}, InputError),
        ({"low": 5.0, "high": 9.0}, InputError),
        ({"year_from": 2021}, InputError),
    ],
)
def test_a_wrong_flux_is_refused(fields, error):
    with pytest.raises(error):
        flux(**fields)


def test_the_scope_is_needed():
    with pytest.raises(InputError, match="needs a scope"):
        flux(Flux)
    with pytest.raises(UnknownNameError, match="unknown scope 'managd land'"):
        make_flux("managd land")


def test_regions_by_name():
    known = ["CHN", "EU27", "WLD", "gcp:Asia"]
    assert [find(n, known) for n in ("china", "EU", "World", "gcp:Asia", "Tuvalu")] == [
        "CHN", "EU27", "WLD", "gcp:Asia", "TUV"]  # fmt: skip
    with pytest.raises(UnknownNameError):
        find("Gondor", known)
    assert len(members_of("EU27")) == 27 and members_of("WLD") == frozenset()


SNIPPET = """
from mriocarbon.natural.flux import Biosphere, ManagedLand, Process

def wrong(a: ManagedLand, b: Biosphere, c: Process) -> None:
    a + b  # type: ignore[operator]
    b + c  # type: ignore[operator]

def right(a: ManagedLand, b: ManagedLand) -> ManagedLand:
    return a + b

def summed(a: ManagedLand, b: ManagedLand) -> "ManagedLand | int":
    return sum([a, b])
"""


def test_mypy_refuses_two_scopes(tmp_path):
    """With --warn-unused-ignores: an ignore that is not needed would be an error.

    What flux.py imports is skipped: its pandas would take mypy half a minute.
    """
    file = tmp_path / "snippet.py"
    file.write_text(SNIPPET)
    found = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--config-file=", "--follow-imports=skip",
            "--warn-unused-ignores", "--cache-dir", str(tmp_path / "cache"), "-m",
            "mriocarbon.natural.flux", "-m", "snippet",
        ],
        capture_output=True, text=True, timeout=280,
        env={**os.environ, "MYPYPATH": f"{tmp_path}{os.pathsep}{Path(mc.__file__).parents[1]}"},
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
