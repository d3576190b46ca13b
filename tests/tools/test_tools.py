"""Every tool on the list: its examples, its schema, what it returns, what it refuses."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

import mriocarbon as mc
from mriocarbon import tools
from mriocarbon.errors import (
    AmbiguousNameError,
    InputError,
    MriocarbonError,
    NotAvailableError,
    UnknownNameError,
)
from mriocarbon.tools import glossary, reference, tables
from mriocarbon.tools.structure import _by_money
from mriocarbon.tools.tables import FULL, names

LABELS = {
    "region", "partner", "sector", "good", "product", "process", "principle", "gas", "year",
    "scope", "technology", "rank", "route", "stage", "source", "households", "amount",
}  # fmt: skip
MINE = (
    "account", "bilateral", "trade_balance", "adjustments", "compare_principles", "by_gas",
    "ranking", "by_sector", "leakage", "paths", "chains", "scopes", "linkages", "extract",
    "inequality", "what_if", "interval", "difference", "larger", "drivers", "sobol",
    "important_inputs", "define",
)  # fmt: skip
EXAMPLES = [
    pytest.param(one.name, k, id=f"{one.name}-{k}",
                 marks=[pytest.mark.slow] if one.name in ("larger", "sobol") else [])
    for one in map(tools.get, MINE) for k in range(len(one.examples))
]  # fmt: skip
# Several stand for a region that is no country: the table's own groups, and the world.
GROUPS = {"EU27", "WLD", "MEA", "AFR", "LAM", "ROW"}


@pytest.mark.parametrize(("name", "k"), EXAMPLES)
def test_examples_are_well_formed(name, k):
    found = tools.call(name, tools.get(name).examples[k])
    assert found.tool == name
    assert found.figures or found.items
    assert len(found.figures) <= 200
    assert found.version == mc.__version__
    assert found.sources
    assert [one.id for one in found.figures] == [f"f{i + 1}" for i in range(len(found.figures))]
    for one in found.figures:
        assert set(one.labels) <= LABELS
        assert one.unit
        assert one.value is not None and math.isfinite(one.value)
        for key in ("region", "partner"):
            code = one.labels.get(key)
            assert code is None or code in GROUPS or (len(code) == 3 and code.isupper())
        if one.low is None:
            assert one.why and one.level is None and one.high is None
        else:
            assert one.low <= one.value <= one.high
    assert json.loads(found.model_dump_json()) == found.model_dump(mode="json")


@pytest.mark.parametrize("name", [one.name for one in tools.listing() if one.name not in MINE])
def test_first_example_of_every_other_tool(name):
    """Those of other groups have tests of their own; this holds for whatever is on the list."""
    one = tools.get(name)
    assert one.schema()["additionalProperties"] is False
    if one.cost == "slow" or not one.examples:
        pytest.skip("slow" if one.examples else "works on data that do not ship")
    found = tools.call(name, one.examples[0])
    assert found.figures or found.items
    assert len(found.figures) <= 200
    for figure in found.figures:
        assert figure.unit
        assert figure.value is not None or figure.why
        if figure.value is not None and figure.low is not None:
            assert figure.low <= figure.value <= figure.high


@pytest.mark.parametrize("name", MINE)
def test_schema_is_small_and_closed(name):
    schema = tools.get(name).schema()
    assert len(json.dumps(schema)) < 3000
    assert schema["additionalProperties"] is False
    assert len(tools.get(name).description) < 900


def test_another_call_gives_the_same_digest():
    asked = {"origin": "China", "destination": "USA"}
    first = tools.call("bilateral", asked)
    again = tools.get("bilateral").function(**asked)
    assert first.figures == again.figures
    assert first.digest != tools.call("bilateral", {"origin": "USA", "destination": "China"}).digest


def test_a_digest_does_not_hang_on_the_last_digits_of_a_processor():
    found = tools.call("bilateral", {"origin": "China", "destination": "USA"})
    figure = found.figures[0]

    def with_value(value):
        changed = figure.model_copy(update={"value": value})
        return found.model_copy(update={"figures": (changed, *found.figures[1:])}).digest

    assert with_value(math.nextafter(figure.value, 0)) == found.digest
    assert with_value(figure.value * (1 + 1e-8)) != found.digest


# -- values are those of the public functions ----------------------------------------------------


@pytest.fixture(scope="module")
def mrio():
    return mc.load("oecd-icio-2022")


def value(found, quantity, **labels):
    hits = [
        one for one in found.figures
        if one.quantity == quantity and labels.items() <= one.labels.items()
    ]  # fmt: skip
    assert len(hits) == 1, [one.quantity for one in found.figures]
    return hits[0]


def test_account_is_the_account(mrio):
    found = tools.call("account", {"regions": ["美国"], "gas": "甲烷"})
    direct = mc.account(mrio, "consumption", stressor="CH4", uncertainty="first-order")
    one, k = found.figures[0], mrio.regions.index("USA")
    assert (one.value, one.low, one.high) == (direct.value[k], direct.low[k], direct.high[k])
    assert (one.level, one.unit, one.estimated) == (0.95, "Mt CH4", True)
    assert found.read_as == {"美国": "USA (United States)", "甲烷": "CH4 (methane)"}


def test_account_for_each_person_and_of_the_world(mrio):
    total = mc.account(mrio, "production", stressor="GHG")
    world = tools.call("account", {"regions": "world", "principle": "production"})
    assert world.figures[0].value == pytest.approx(total.total)
    each = tools.call(
        "account", {"regions": "India", "principle": "production", "per_person": True}
    )
    people = mc.population(2022)["IND"]
    assert each.figures[0].value == pytest.approx(1e6 * total["IND"] / people)


def test_principles_without_a_quick_interval_say_so(mrio):
    one = tools.call("account", {"regions": "China", "principle": "income"}).figures[0]
    assert one.value == mc.account(mrio, "income", stressor="GHG")["CHN"]
    assert one.level is None and "interval" in one.why


def test_bilateral_is_the_matrix_and_its_interval_adds_up(mrio):
    direct = mc.bilateral(mrio, "GHG")
    found = tools.call("bilateral", {"origin": "China", "destination": "United States"})
    there = value(found, "embodied emissions", region="CHN", partner="USA")
    back = value(found, "embodied emissions", region="USA", partner="CHN")
    assert there.value == pytest.approx(direct["CHN", "USA"], rel=1e-12)
    assert back.value == pytest.approx(direct["USA", "CHN"], rel=1e-12)
    assert there.low < there.value < there.high and there.level == 0.95
    net = found.figures[-1]
    assert net.value == pytest.approx(direct["CHN", "USA"] - direct["USA", "CHN"])


def test_interval_of_a_flow_is_that_of_draws():
    """A tenth of error in all emissions and nothing else: the flow errs by what its cells do."""
    from mriocarbon.tools.tables import flows_from

    table = mc.MRIO.from_arrays(
        Z=[[10, 5], [5, 10]], Y=[[60, 25], [25, 60]], regions=["A", "B"], sectors=["s"],
        stressors={"GHG": [100, 40]}, year=2022,
    )  # fmt: skip
    found = flows_from(table, "GHG", "A")
    direct = mc.bilateral(table, "GHG")
    assert found.value == pytest.approx(direct.value[0], rel=1e-12)
    from mriocarbon.uncertainty import default_errors, monte_carlo

    alone = table.replace_extensions(
        mc.Extension("e", ("GHG",), table.extension_of("GHG").F * [[1.0, 0.0]], ("Mt CO2e",))
    )
    drawn = monte_carlo(
        alone, default_errors(table, "GHG"), "consumption", stressor="GHG", households=False,
        draws=4000,
    )  # fmt: skip
    sd = (found.high - found.low) / (2 * 1.959964)
    assert sd == pytest.approx(drawn.account.sd, rel=0.08)


def test_balance_closes(mrio):
    found = tools.call("trade_balance", {"regions": ["EU"]})
    made = value(found, "emissions of industries").value
    used = value(found, "emissions of industries anywhere for the region's final demand").value
    balance = value(found, "net exports of embodied emissions").value
    assert made - used == pytest.approx(balance)
    gap = value(found, "consumption over production, industries only")
    assert gap.value == pytest.approx(100 * (used / made - 1)) and gap.low < gap.value < gap.high


def test_adjustments_tell_the_claim_and_the_verdict():
    found = tools.call("adjustments", {})
    claim = "published difference from IPCC production accounts (claim)"
    assert [value(found, claim, region=r).value for r in ("CHN", "USA", "JPN")] == [
        -17.7,
        15.2,
        7.2,
    ]
    assert found.items[0]["verdict"].startswith("Not reproduced")
    near = value(found, "difference from production, same boundary, industries only", region="CHN")
    assert near.value == pytest.approx(-8.56, abs=0.01) and near.level == 0.95


def test_ranking_is_in_order(mrio):
    found = tools.call("ranking", {"by": "production", "limit": 3})
    totals = [one for one in found.figures if one.unit == "Mt CO2e"]
    made = mc.account(mrio, "production", stressor="GHG")
    best = sorted(mrio.regions, key=lambda r: -made[r])[:3]
    assert [one.labels["region"] for one in totals] == best
    assert [one.value for one in totals] == sorted((one.value for one in totals), reverse=True)
    assert found.total == 20
    page = tools.call("ranking", {"by": "production", "limit": 1, "offset": 2})
    assert page.figures[0].labels == totals[2].labels


def test_by_sector_reads_industries_and_sums(mrio):
    steel = tools.call("by_sector", {"region": "中国", "view": "territory", "sector": "钢铁"})
    k = mrio.regions.index("CHN") * len(mrio.sectors) + mrio.sectors.index("C24A")
    assert steel.figures[0].value == pytest.approx(mrio.extension_of("GHG").F[0, k])
    parts = tools.call("by_sector", {"region": "JPN", "limit": 50})
    consumed = mc.account(mrio, "consumption", stressor="GHG", households=False)["JPN"]
    assert sum(one.value for one in parts.figures) == pytest.approx(consumed)


def test_paths_chains_and_extraction_are_the_public_functions(mrio):
    found = tools.call("paths", {"region": "Japan", "limit": 3})
    direct = mc.paths(mrio, region="JPN", stressor="GHG", top=3)
    listed = [one.value for one in found.figures if "route" in one.labels]
    assert listed == pytest.approx(list(direct.value))
    tiers = sum(one.value for one in found.figures if "stage" in one.labels)
    assert tiers == pytest.approx(direct.total)
    routes = tools.call("chains", {"region": "China"})
    made = mc.account(mrio, "production", stressor="GHG", households=False)["CHN"]
    assert sum(one.value for one in routes.figures) == pytest.approx(made)
    gone = tools.call("extract", {"region": "China", "sector": "steel"})
    direct = mc.extract(mrio, region="CHN", sector="C24A", stressor="GHG")
    assert gone.figures[0].value == pytest.approx(direct.emissions.total)


def test_scopes_per_output_are_those_of_the_function_in_the_unit_of_the_field(mrio):
    found = tools.call("scopes", {"region": "China", "sector": "steel"})
    direct = mc.scopes(mrio, stressor="GHG")
    rows = [one for one in found.figures if one.quantity == "emissions per output"]
    assert {one.unit for one in rows} == {"kg CO2e/USD"} and len(rows) == 3
    for one in rows:  # 1 Mt per million USD is 1,000 kg per USD
        value = direct.per_output["CHN", "C24A", one.labels["scope"]]
        assert one.value == pytest.approx(1000 * value, rel=1e-12)
    for unit, wanted in (("points / GBP", "points / GBP"), ("t / million EUR", "kg/EUR"),
                         ("kt CO2 / million USD", "kg CO2/USD")):  # fmt: skip
        assert _by_money(replace(direct.per_output, unit=unit)).unit == wanted


def test_drivers_add_up_to_the_whole():
    found = tools.call("drivers", {"region": "China"})
    parts = [one.value for one in found.figures if one.quantity == "share of the variance by input"]
    assert sum(parts) == pytest.approx(100)


def test_what_if_is_the_scenario(mrio):
    found = tools.call("what_if", {"change": "intensity", "region": "中国", "sector": "电力",
                                   "factor": 0.8})  # fmt: skip
    change = mc.Change("stressor", 0.8, region="CHN", sector="D")
    direct = mc.scenario(mrio, change, stressor="GHG")
    assert found.figures[0].value == pytest.approx(direct.difference.total)


@pytest.mark.parametrize(("arguments", "says"), [
    ({"change": "intensity", "region": "CHN", "sector": "D", "factor": 0.8},
     "emissions per output of Electricity and gas in China were 20 % lower?"),
    ({"change": "intensity", "region": "IND", "factor": 1.05},
     "emissions per output of all industries in India were 5 % higher?"),
    ({"change": "demand", "region": "USA", "sector": "C29", "factor": 0},
     "final demand of United States for Motor vehicles was 100 % lower?"),
    ({"change": "demand", "region": "USA", "sector": "C29", "factor": 1}, "was unchanged?"),
    ({"change": "supplier", "region": "CHN", "sector": "C24A", "user": "IND", "to": "JPN",
      "share": 0.3}, "30 % of what India buys of Iron and steel from China came from Japan?"),
    ({"change": "supplier", "region": "CHN", "to": "JPN", "share": 1},
     "100 % of what everybody buys of all industries from China came from Japan?"),
])  # fmt: skip
def test_what_if_says_in_words_what_is_changed(arguments, says):
    title = tools.call("what_if", arguments).title
    assert title.startswith("What if ") and says in title and "GHG, consumption, 2022" in title


# -- what is refused -----------------------------------------------------------------------------

BAD = [
    ("account", {"regions": ["Atlantis"]}, UnknownNameError, "unknown country"),
    ("account", {"regions": ["CHN; DROP TABLE"]}, UnknownNameError, "unknown country"),
    ("account", {"regions": ["../../etc/passwd"]}, UnknownNameError, "unknown country"),
    ("account", {"regions": ["Korea"]}, AmbiguousNameError, "can mean several"),
    ("account", {"regions": ["Germany"]}, UnknownNameError, "DEU is within EU27"),
    ("account", {"regions": ["Kenya"]}, UnknownNameError, "KEN is within ROW"),
    ("account", {"regions": 7}, InputError, "regions"),
    ("account", {"regions": ["x" * 81]}, InputError, "regions"),
    ("account", {"principle": "justice"}, InputError, "principle"),
    ("account", {"gas": "NOx"}, UnknownNameError, "gas"),
    ("account", {"gas": "F-gases"}, NotAvailableError, "households"),
    ("account", {"year": "2019"}, NotAvailableError, "no data of 2019"),
    ("account", {"year": "last year"}, UnknownNameError, "is no year"),
    ("account", {"country": "China"}, InputError, "known arguments"),
    ("account", {"table_name": "/etc/passwd"}, UnknownNameError, "table"),
    ("bilateral", {"origin": "China", "limit": 0}, InputError, "limit"),
    ("bilateral", {"origin": "China", "limit": 10**9}, InputError, "limit"),
    ("by_sector", {"region": "China", "sector": "metals"}, AmbiguousNameError, "several"),
    ("by_sector", {"region": "China", "sector": "unicorns"}, UnknownNameError, "sector"),
    ("by_sector", {}, InputError, "region"),
    ("interval", {"region": "China", "draws": 10**6}, InputError, "draws"),
    ("larger", {"region": "China", "partner": "CHN"}, InputError, "itself"),
    ("what_if", {"change": "intensity", "region": "China"}, InputError, "factor"),
    ("what_if", {"change": "demand", "region": "China", "factor": -1}, InputError, "factor"),
    ("what_if", {"change": "demand", "region": "China", "factor": math.nan}, InputError, "factor"),
    ("paths", {"product_origin": "China"}, InputError, "product"),
    ("extract", {}, InputError, ""),
    ("define", {"terms": ["xyzzy"]}, UnknownNameError, "term"),
    ("define", {"terms": ["x"] * 13}, InputError, "terms"),
    ("acount", {}, UnknownNameError, "account"),
]


@pytest.mark.parametrize(("name", "arguments", "error", "says"), BAD)
def test_bad_arguments_are_refused_in_words(name, arguments, error, says):
    with pytest.raises(error) as caught:
        tools.call(name, arguments)
    assert says in str(caught.value)
    assert isinstance(caught.value, MriocarbonError)


def test_ambiguous_names_carry_their_options():
    with pytest.raises(AmbiguousNameError) as caught:
        tools.call("account", {"regions": ["Korea"]})
    assert [code for code, _ in caught.value.options] == ["KOR", "PRK"]


def test_full_table_is_listed_only_where_its_source_is(monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    tables._full.cache_clear()  # another test may have read it, and a table stays
    assert FULL not in names()
    with pytest.raises(NotAvailableError):
        tools.call("account", {"table_name": FULL, "principle": "eebt"})


# -- glossary and reference ----------------------------------------------------------------------


def test_glossary_names_no_tool_and_no_term_that_is_not_there():
    known = {one.name for one in tools.listing()}
    entries = glossary.entries()
    assert len(entries) >= 80
    for one in entries.values():
        assert set(one["tools"]) <= known
        assert set(one["related"]) <= set(entries)
        assert one["means"] and one["means_zh"] and one["source"]


def test_terms_that_a_tool_answers_name_it():
    entries = glossary.entries()
    for term, tool in (("CBAM", "obligation"), ("grid emission factor", "grid_factors"),
                       ("global warming potential", "gwp"), ("LULUCF", "natural_account"),
                       ("product carbon footprint", "footprint")):  # fmt: skip
        assert tool in entries[term]["tools"]
    assert sum(bool(one["tools"]) for one in entries.values()) > 0.8 * len(entries)


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("CBAM", "CBAM"), ("碳关税", "CBAM"), ("PBA", "production-based accounting"),
        ("CBA", "consumption-based accounting"), ("SEE", "specific embedded emissions"),
        ("EEBT", "emissions embodied in bilateral trade"), ("GWP", "global warming potential"),
        ("NGHGI", "national greenhouse gas inventory"), ("LULUCF", "LULUCF"),
        ("MRIO", "multi-regional input-output table"), ("隐含碳", "embodied emissions"),
    ],
)  # fmt: skip
def test_abbreviations_are_defined(asked, term):
    assert tools.call("define", {"terms": asked}).items[0]["term"] == term


def test_reference_is_that_of_the_tools():
    path = Path(__file__).parents[2] / "docs" / "reference" / "tools.md"
    assert path.read_text(encoding="utf-8") == reference.markdown(), (
        "run: python -m mriocarbon.tools.reference > docs/reference/tools.md"
    )


def test_figures_of_two_scopes_can_be_told_apart(mrio):
    for tool, arguments in (
        ("account", {"regions": ["China"]}),
        ("compare_principles", {"region": "China"}),
        ("interval", {"region": "China"}),
        ("difference", {"region": "China"}),
        ("adjustments", {"regions": ["China"]}),
    ):
        one, other = (tools.call(tool, arguments | {"households": on}) for on in (True, False))
        names = [
            {(f.quantity, *sorted(f.labels.items())) for f in found.figures
             if "account" in f.quantity or "over production" in f.quantity
             or f.quantity.startswith("difference from")
             if "claim" not in f.quantity}
            for found in (one, other)
        ]  # fmt: skip
        assert names[0] and not names[0] & names[1], tool
        told = {(name[0].endswith("industries only"), dict(name[1:])["households"])
                for name in names[1]}  # fmt: skip
        assert told == {(True, "left out")}, tool


def test_the_same_question_has_one_answer_with_households(mrio):
    gap = tools.call("difference", {"region": "China"}).figures[0].value
    both = {p: tools.call("account", {"regions": "China", "principle": p}).figures[0].value
            for p in ("production", "consumption")}  # fmt: skip
    assert gap == pytest.approx(100 * (both["consumption"] / both["production"] - 1))
    beside = tools.call("compare_principles", {"region": "China"})
    told = value(beside, "difference from production", principle="consumption").value
    assert told == pytest.approx(gap, rel=1e-4)  # the study that ships is rounded


def test_origins_of_one_product_are_not_those_of_all(mrio):
    asked = {"region": "Japan", "view": "origin", "limit": 60}
    steel = tools.call("by_sector", {**asked, "sector": "steel"})
    every = tools.call("by_sector", asked)
    product = tools.call("by_sector", {"region": "Japan", "sector": "steel"}).figures[0]
    assert sum(f.value for f in steel.figures) == pytest.approx(product.value)
    assert sum(f.value for f in every.figures) > 10 * product.value
    assert {f.labels["sector"] for f in steel.figures} == {"C24A"}
    assert steel.figures[0].quantity != every.figures[0].quantity
    page = tools.call("by_sector", {**asked, "sector": "steel", "limit": 3, "offset": 2})
    assert page.total == 20 and page.figures == tuple(
        f.model_copy(update={"id": f"f{k}"}) for k, f in enumerate(steel.figures[2:5], start=1)
    )


def blas():
    """Threads of every BLAS of this process."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


def test_a_result_does_not_depend_on_the_threads_of_algebra():
    from threadpoolctl import threadpool_limits

    from mriocarbon.tools import registry, tables

    asked = {"regions": ["China", "USA", "India"], "principle": "consumption"}
    digests = set()
    blas()
    for threads in (1, 2):
        registry.forget()
        tables.accounted.cache_clear()
        with threadpool_limits(threads, user_api="blas"):
            before = blas()
            digests.add(tools.call("account", asked).digest)
            assert blas() == before, "as it was found"
    assert len(digests) == 1


def test_tools_side_by_side_keep_one_thread_until_the_last_has_ended():
    from threadpoolctl import threadpool_limits

    from mriocarbon.tools.registry import _ONE_THREAD

    blas()
    with threadpool_limits(2, user_api="blas"):
        before = blas()
        _ONE_THREAD.__enter__()
        _ONE_THREAD.__enter__()
        _ONE_THREAD.__exit__()
        assert set(blas()) == {1}
        _ONE_THREAD.__exit__()
        assert blas() == before
