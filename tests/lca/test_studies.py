"""The example studies: every number has a source, and the results lie where others published them.

The ranges are wide on purpose: a published footprint has a boundary, a year and a place of its
own. What is held closer stands in validation/run_lca.py.
"""

import re

import pytest

from mriocarbon.industry.steps import step
from mriocarbon.lca.foreground import foreground_of
from mriocarbon.lca.gases import read_flow
from mriocarbon.lca.goal import read_study
from mriocarbon.lca.study import STUDIES, examples, run
from mriocarbon.lca.system import Flow

NAMES = sorted(examples())
RANGES = {
    # kg CO2e per functional unit, and what it is held against
    "steel_bf_bof": (2000, 2700),  # worldsteel 2022: 2,330 per t of crude steel
    "steel_eaf": (450, 900),  # worldsteel 2022: 670 per t of crude steel
    "pv_module": (400, 850),  # Mueller et al. 2021: 810 made in China, with cells of 2019
    "cement": (780, 950),  # 850 to 950 per t of Portland cement
    "cement_us_lci": (900, 1100),  # survey of 2003: 927 from the kiln alone
    "grid_china": (550, 650),  # Ember 2022: 587 at the plant, 616 with losses
    "grid_usa": (390, 480),  # Ember 2022: 410 at the plant, 432 with losses
}
NOT_OPENED = ("China Electricity Council", "Pink Sheet", "IEA PVPS Task 12", "BREF",
              "US Energy Information Administration, 2018", "US EPA inventory")  # fmt: skip


def foreground(name):
    path = examples()[name]
    return foreground_of(read_study(path), path.parent)


def flows(spec):
    for group in ("inputs", "co_products", "emissions", "resources", "waste", "treats"):
        yield from getattr(spec, group)


def every_spec():
    return {name: spec for study in NAMES for name, spec in foreground(study).specs.items()}


def test_all_are_examples():
    assert set(NAMES) == set(RANGES)
    named = {name for path in examples().values() for name in read_study(path).foreground}
    kept = {str(path.relative_to(STUDIES)) for path in (STUDIES / "foreground").iterdir()}
    assert named == kept


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_source_and_scores(name):
    specs = foreground(name).specs
    assert specs
    for spec in specs.values():
        assert spec.source, spec.name
        for flow in flows(spec):
            where = f"{spec.name}: {flow.flow}"
            assert flow.source, where
            assert flow.pedigree is not None, where


def test_what_was_not_opened_says_so():
    """A citation that could not be opened says UNVERIFIED and scores 4 or 5 for reliability."""
    seen = set()
    for spec in every_spec().values():
        for text in (spec.source, *(flow.source for flow in flows(spec))):
            hit = {one for one in NOT_OPENED if one in text}
            seen |= hit
            assert bool(hit) == ("UNVERIFIED" in text), text
        for flow in flows(spec):
            if "UNVERIFIED" in flow.source:
                assert flow.pedigree[0] >= 4, f"{spec.name}: {flow.flow}"
    assert seen >= set(NOT_OPENED) - {"US Energy Information Administration, 2018"}


def test_assumed_numbers_score_low():
    for spec in every_spec().values():
        for flow in flows(spec):
            if flow.source.startswith("assumed"):
                assert flow.pedigree[0] >= 4 or min(flow.pedigree[2:]) >= 3, flow.flow
            if flow.price is not None:
                assert flow.price_year == 2022 and flow.sector, flow.flow


@pytest.mark.parametrize(
    ("grid", "loss"),
    [("Grid electricity, China 2022", 0.0482), ("Grid electricity, United States 2022", 0.05)],
)
def test_shares_of_a_grid_make_up_for_its_losses(grid, loss):
    spec = every_spec()[grid]
    supplied = sum(flow.amount for flow in spec.inputs)
    assert supplied * (1 - loss) == pytest.approx(1, rel=1e-5)
    assert f"{1 / (1 - loss):.5g}" in spec.comment


MODELS = {
    # process of a study: step of the process models, country, parameters set
    "Coke oven, China": ("coke-oven", "CHN", None),
    "Sinter plant, China": ("sinter", "CHN", None),
    "Pellet plant, China": ("pellet", "CHN", None),
    "Blast furnace, China": ("pig-iron", "CHN", None),
    "Oxygen converter, China": ("bf-bof", "CHN", None),
    "Arc furnace on scrap, China": ("scrap-eaf", "CHN", {"scrap-eaf.hot_metal_share": 0.0}),
    "Continuous casting, EAF": ("semi-finished", "CHN", None),
    "Hot rolling, BF-BOF": ("hot-rolled-flat", "CHN", None),
    "Clinker kiln, United States": ("clinker-grey", "USA", None),
    "Cement mill, United States": ("portland-grey", "USA", {"portland-grey.clinker": 0.91}),
}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_amounts_are_those_of_the_process_models(name):
    """The studies hold numbers, not formulas; this keeps them those of mriocarbon.industry."""
    label, origin, given = MODELS[name]
    model, spec = step(label, origin=origin, given=given), every_spec()[name]
    carbon = sum(f.amount for f in spec.emissions if f.flow == "Carbon dioxide, fossil")
    assert carbon == pytest.approx(1000 * float(model.direct), rel=1e-5)
    held = {
        # flow of the study: goods of the model that it may be, each with the factor of its unit
        "Electricity, at grid": {"electricity": 1.0},
        "Natural gas, production mixture, to energy use": {"gas": 1000 / 48},
        "Limestone, at mine": {"limestone": 1000.0, "raw meal": 1000.0,
                               "gypsum and additions": 1000.0},
        "Bituminous coal, at mine": {"coking-coal": 1000.0, "injection-coal": 1000.0,
                                     "eaf-coal": 1000.0, "coal": 1000 / 25.8},
        "Petroleum refined, to energy use, at refinery": {"petcoke": 1000 / 32.5},
        "Anode, at plant": {"electrodes": 1000.0},
        "coke": {"coke": 1.0}, "sinter": {"sinter": 1.0}, "pellets": {"pellets": 1.0},
        "hot metal": {"hot metal": 1.0}, "clinker": {"clinker": 1.0},
        "crude steel": {"steel": 1.0}, "slab": {"semi-finished": 1.0},
        "ferro-manganese": {"ferro-manganese": 1.0},
        "iron ore": {"ore fines": 1.0, "concentrate": 1.0, "lump ore": 1.0},
        "Steel scrap, free of burden": {"scrap": 1000.0},
        "Waste fuel, free of burden": {"alternative": 1000.0},
    }  # fmt: skip
    met = set()
    credit = [flow for flow in spec.inputs if "grid power not taken" in flow.source]
    for flow in (*spec.inputs, *spec.resources):
        if flow in credit:
            continue
        for good in set(held.get(flow.flow, {})) & set(model.takes):
            assert flow.amount == pytest.approx(
                held[flow.flow][good] * float(model.takes[good]), rel=1e-5
            ), good
            met.add(good)
    assert met == {good for good, amount in model.takes.items() if float(amount)}
    # works gas is credited as a tenth of a MWh for each GJ
    sold = sum(-10 * flow.amount for flow in credit)
    assert sold == pytest.approx(float(model.gives.get("works gas", 0.0)), rel=1e-5)


@pytest.fixture(scope="module")
def runs():
    """Each study once, with few draws: what is tested here is not the spread."""
    made = {}

    def once(name):
        if name not in made:
            path = examples()[name]
            study = read_study(path).model_copy(update={"draws": 100, "sobol": 0, "compare": ""})
            made[name] = run(study, folder=path.parent)
        return made[name]

    return once


@pytest.mark.parametrize("name", NAMES)
def test_result_lies_in_its_published_range(name, runs):
    found = runs(name)
    low, high = RANGES[name]
    assert low < found.total < high
    assert found.total == pytest.approx(sum(found.climate.parts.values()), rel=1e-12)
    assert found.lci.error < 1e-10
    assert not [check for check in found.checks if check.status == "fail"]
    made = [check for check in found.checks if "balance of" in check.name]
    assert made and not [check for check in made if check.status == "warn"]


def test_routes_of_steel_differ_as_they_must(runs):
    """Ore holds oxygen that takes carbon to remove; scrap does not: a factor of 2 to 6."""
    ratio = runs("steel_bf_bof").total / runs("steel_eaf").total
    assert 2 < ratio < 6


def test_sulfur_is_spelt_two_ways():
    """The gas of switchgear counts by either name."""
    for name in ("Sulfur hexafluoride", "Sulphur hexafluoride"):
        found = read_flow(Flow(name, "emission/air", "out", "kg"), known=frozenset({"SF6"}))
        assert found.gas == "SF6"


def test_studies_name_no_other_unopened_source():
    """Every citation is one of those listed above, a data set at hand, or says assumed."""
    known = re.compile(
        r"process model|carbon balance|amount of fuel|charge from|balance of the process model|"
        r"IPCC|Ember|assumed|mass balance of the process|stoichiometry|oxygen balance|"
        r"energy of the|NREL PV ICE|UK Government|US LCI|US Life Cycle|UNVERIFIED|"
        r"US Energy Information Administration, Electric Power Annual|natural gas of the furnace"
    )
    for spec in every_spec().values():
        for text in (spec.source, *(flow.source for flow in flows(spec))):
            assert known.search(text), text


def test_figures_of_another_thing_are_no_pass(runs, capsys):
    from validation._check import Report
    from validation.run_lca import _module, _steel

    report = Report("test")
    _module(report, runs("pv_module"))
    _steel(report, {name: runs(name) for name in ("steel_bf_bof", "steel_eaf")})
    assert report.statuses == ["COMPARED"] * 4
    assert capsys.readouterr().out.count("COMPARED") == 4
