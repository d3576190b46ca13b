"""What a notebook shows of a result is a few lines: what it is, its size, its main figure."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.model.brief import brief

MOST = 2000  # letters


def within(made: object, seen: set[int] | None = None) -> Iterator[object]:
    """Every object of ours that a result holds, itself first; of a row of equals the first five."""
    seen = set() if seen is None else seen
    if id(made) in seen:
        return
    seen.add(id(made))
    if type(made).__module__.startswith("mriocarbon"):
        yield made
    if dataclasses.is_dataclass(made):
        for field in dataclasses.fields(made):
            yield from within(getattr(made, field.name), seen)
    elif isinstance(made, Mapping):
        for one in list(made.values())[:5]:
            yield from within(one, seen)
    elif isinstance(made, tuple | list):
        for one in made[:5]:
            yield from within(one, seen)


def holds(made: object, *words: str) -> None:
    for one in within(made):
        assert len(repr(one)) < MOST, f"{type(one).__name__}: {len(repr(one)):,} letters"
    text = repr(made)
    assert text.count("\n") < 5
    for word in (type(made).__name__, *words):
        assert word in text, text


@pytest.fixture(scope="module")
def mrio() -> mc.MRIO:
    return mc.load("oecd-icio-2022")


def test_an_audit_says_its_claim_and_median():
    found = mc.cbam.audit("CHN", draws=200)
    at = found.aggregates[0].median
    holds(found, "China", f"claim {found.claim.overall}", f"{100 * at.value:+.0f} %")


def test_an_audit_of_many_origins():
    holds(mc.cbam.audit_all(only=["CHN", "IND"], draws=100), "2 origins", "claim holds for")


def test_accounts_of_all_stressors(mrio, tmp_path):
    found = mc.all_accounts(mrio)
    total = f"{found.production[0].sum():.6g} {found.units[0]}"
    holds(found, "20 regions x 50 sectors", found.stressors[0], total)
    holds(mc.streamed_footprints(mc.save(mrio, tmp_path / "t.zarr"), ["GHG"]), "consumption")


def test_the_table_and_what_is_computed_from_it(mrio):
    solver = mc.leontief(mrio)
    q = mrio.extension_of("GHG").F[:1] / np.where(mrio.x == 0, 1, mrio.x)
    for made in (
        mrio, mrio.index, mrio.provenance, mrio.extension_of("GHG"), mc.check(mrio),
        mc.account(mrio, "consumption", stressor="GHG", uncertainty="first-order"),
        mc.bilateral(mrio, "GHG"), mc.trade(mrio, "GHG"), mc.paths(mrio),
        mc.linkages(mrio), mc.scopes(mrio), mc.crossings(mrio), mc.chains(mrio),
        mc.extract(mrio, region="CHN"), mc.machine(), solver.multipliers(q), mc.satellite_data(),
    ):  # fmt: skip
        holds(made)


def test_natural_carbon():
    holds(mc.natural.account("CHN", 2022), "CHN", "fluxes", "Mt")
    holds(mc.natural.budget(2022), "emissions", "imbalance", "GtC")
    found = mc.full_spectrum(mc.load("oecd-icio-2022"))
    holds(found, "20 regions", f"production {found.production.value.sum():.6g} {found.unit}")


def test_an_assessment_says_its_figure_and_unit():
    found = mc.lca.run("steel_bf_bof", draws=200)
    holds(found, f"{found.total:.4g}", "kg CO2e for", f"checks {found.status}")


def test_exported_technology():
    found = mc.green_exports(draws=200)
    first = found.headline("first year")
    holds(found, "CHN 2024", f"{first.value:.4g} ({first.low:.4g} to {first.high:.4g}) Mt CO2e")
    holds(found.avoided, "lifetime")
    holds(found.made, "Mt CO2e")


def test_the_study_of_2022():
    found = mc.reproduce_2022()
    holds(found, "combinations", found.verdict.nearest.label, "points away")


def test_the_catalogues():
    for one in (*mc.catalogue(), *mc.public_datasets(), *mc.principles()):
        holds(one)


def test_supply_and_use_tables():
    found = mc.SupplyUse(
        regions=("A",), products=("p", "q"), industries=("p", "q"), V=np.diag([10.0, 20.0]),
        U=np.ones((2, 2)), Y=np.array([[8.0], [18.0]]), value_added=np.array([[8.0, 18.0]]),
    )  # fmt: skip
    holds(found, "V (2 x 2)")
    holds(mc.to_symmetric(found, "D"))


def test_a_long_text_is_named_and_an_empty_place_left_out():
    @dataclasses.dataclass(repr=False)
    class Made:
        text: str
        none: None
        where: Path
        share: float
        __repr__ = brief

    assert repr(Made("x" * 100, None, Path("a"), 1 / 3)) == (
        "<Made: where a, share 0.333333\n  with text>"
    )
