"""Unknown names and options that cannot be used: one clear error each."""

import warnings

import numpy as np
import pytest
from properties.tables import TOY_F, toy

import mriocarbon as mc
from mriocarbon.accounts.compute import unnamed
from mriocarbon.accounts.gradients import account_function
from mriocarbon.avoided.drawn import technology_of
from mriocarbon.errors import (
    InputError,
    LabelError,
    MriocarbonWarning,
    NotAvailableError,
    ShapeError,
    UnknownNameError,
)


@pytest.fixture(scope="module")
def mrio():
    return toy()


def message(error: type[Exception], call) -> str:
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value)
    assert "\n  where: " in text
    assert "\n  what to do: " in text
    return text


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("consumtion", "consumption"),
        ("Income", "income"),
        ("value added", "value-added"),
        ("EEBT", "eebt"),
        ("CBA", "consumption"),
        ("footprint", "consumption"),
        ("PBA", "production"),
        ("territorial", "production"),
        ("Consumption Based", "consumption"),
        ("production_based", "production"),
    ],
)
def test_unknown_principle_offers_the_nearest(mrio, wrong, meant):
    text = message(UnknownNameError, lambda: mc.account(mrio, wrong))
    assert f"unknown principle {wrong!r}" in text
    assert f"did you mean '{meant}'" in text
    assert "mc.principles()" in text


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda none: mc.account(none, "consumption"), "account"),
        (lambda none: mc.bilateral(none), "bilateral"),
        (lambda none: mc.trade(none), "trade"),
        (lambda none: mc.footprint(none), "footprint"),
        (lambda none: mc.all_accounts(none), "all_accounts"),
        (lambda none: account_function(none, "consumption"), "account_function"),
        (lambda none: mc.gradient(none, "consumption", region="A"), "gradient"),
    ],
)
def test_what_is_no_table_is_told_with_the_function_that_got_it(call, name):
    with pytest.raises(InputError, match="is no table") as caught:
        call(None)
    assert caught.value.where == f"{name}, mrio"


def test_a_stressor_that_is_not_named_is_told_with_those_there_are():
    none = unnamed(())
    assert (none.what, none.where, none.do) == (
        "there is no stressor", "the table", "give stressors= when building it"
    )  # fmt: skip
    many = unnamed([f"gas {k}" for k in range(20)])
    assert many.what == "no stressor is named, and there are several"
    assert many.where == "20 stressors: " + ", ".join(f"gas {k}" for k in range(12)) + " and 8 more"
    assert many.do == "name one: stressor='gas 0' (on the command line --stressor gas 0)"
    assert unnamed(["CO2"]).what == "no stressor is named"


def test_underscores_do(mrio):
    np.testing.assert_array_equal(
        mc.account(mrio, "final_producer").value, mc.account(mrio, "final-producer").value
    )


def test_unknown_stressor_offers_the_nearest(mrio):
    for call in (
        lambda: mc.account(mrio, "production", stressor="GHGs"),
        lambda: mc.bilateral(mrio, "ghg"),
        lambda: mc.trade(mrio, "GHC"),
        lambda: mc.footprint(mrio, "GHGS"),
        lambda: mc.gradient(mrio, "production", region="A", stressor="ghgs"),
    ):
        text = message(UnknownNameError, call)
        assert "unknown stressor" in text
        assert "did you mean 'GHG'?" in text


def test_a_stressor_must_be_named_where_there_are_several():
    mrio = toy(stressors={"CH4": TOY_F, "CO2": TOY_F}, households=None)
    text = message(UnknownNameError, lambda: mc.account(mrio, "production", households=False))
    assert "CH4, CO2" in text
    assert "stressor=" in text


def test_ghg_is_the_stressor_where_none_is_named():
    mrio = toy(stressors={"CO2": 2 * np.array(TOY_F), "GHG": TOY_F}, households=None)
    assert mc.account(mrio, "production", households=False).value.sum() == sum(TOY_F)
    two = mc.Extension("other", ("GHG",), np.ones((1, 4)), ("kt CO2e",))
    twice = mrio.replace_extensions(mrio.extensions["emissions"], two)
    message(UnknownNameError, lambda: mc.account(twice, "production", households=False))


def test_a_stressor_in_two_extensions_must_be_told_apart():
    mrio = toy()
    twin = mc.Extension("other", ("GHG",), np.ones((1, 4)), ("kt CO2e",))
    mrio = mrio.replace_extensions(mrio.extensions["emissions"], twin)
    text = message(LabelError, lambda: mc.account(mrio, "production", stressor="GHG"))
    assert "emissions/GHG, other/GHG" in text
    result = mc.account(mrio, "production", stressor="other/GHG", households=False)
    np.testing.assert_array_equal(result.value, [2, 2])
    assert result.unit == "kt CO2e"


def test_unknown_region_offers_the_nearest():
    table = toy(regions=["CHN", "USA"])
    result = mc.account(table, "production")
    assert result["China"] == result["chn"] == result["CHN"] == 297
    assert "did you mean 'China'" in message(UnknownNameError, lambda: result["Chinna"])
    text = message(UnknownNameError, lambda: result["Germany"])
    assert "'Germany' (DEU)" in text
    assert "CHN, USA" in text


def test_unknown_option_offers_the_nearest(mrio):
    text = message(
        UnknownNameError, lambda: mc.account(mrio, "technology-adjusted", weigths="output")
    )
    assert "unknown option of 'technology-adjusted' 'weigths'" in text
    assert "did you mean 'weights'" in text
    text = message(UnknownNameError, lambda: mc.account(mrio, "consumption", a=0.5))
    assert "no options" in text


@pytest.mark.parametrize(
    ("principle", "options", "expected"),
    [
        ("shared", {"self_deliveries": "outside"}, "did you mean 'inside'"),
        ("technology-adjusted", {"weights": "export"}, "did you mean 'exports'"),
        ("technology-adjusted-balanced", {"weights": "outputs"}, "did you mean 'output'"),
        ("income", {"primary_inputs": "value added"}, "did you mean 'value_added'"),
    ],
)
def test_unknown_values_of_options(mrio, principle, options, expected):
    assert expected in message(UnknownNameError, lambda: mc.account(mrio, principle, **options))


def test_unknown_breakdown(mrio):
    assert "did you mean 'product'" in message(
        UnknownNameError, lambda: mc.footprint(mrio, by="products")
    )


NAN, INF = float("nan"), float("inf")
HOME = np.kron(np.eye(2), np.ones(2))


@pytest.mark.parametrize(
    ("principle", "options"),
    [
        ("shared", {"a": 1.2}),
        ("shared", {"a": -0.1}),
        ("shared", {"a": NAN}),
        ("shared", {"a": 0.5, "b": [0, 0, 0, 2]}),
        ("shared", {"a": [0.1, 0.2, 0.3]}),
        ("ownership", {"W": HOME * 0.9}),
        ("ownership", {"W": HOME.T}),
        ("ownership", {"W": np.full((2, 4), NAN)}),
        ("ownership", {"W": np.array([[2, 1, 0, 0], [-1, 0, 1, 1.0]])}),
        ("capital-endogenised", {"K": np.ones((2, 4))}),
        ("capital-endogenised", {"K": np.full((4, 4), NAN)}),
        ("capital-endogenised", {"K": np.full((4, 4), INF)}),
        ("benefit-shared", {"phi": 1.5}),
        ("benefit-shared", {"phi": -0.5}),
        ("benefit-shared", {"phi": NAN}),
        ("benefit-shared", {"phi": np.full((3, 3), 0.5)}),
        ("benefit-shared", {"phi": [0.5, 0.5]}),
    ],
)
def test_options_out_of_range_are_input_errors(mrio, principle, options):
    text = message(InputError, lambda: mc.account(mrio, principle, **options))
    assert next(iter(options)) in text or "b" in text


def test_capital_beyond_the_economy_is_not_productive(mrio):
    from mriocarbon.errors import NotProductiveError

    text = message(
        NotProductiveError,
        lambda: mc.account(mrio, "capital-endogenised", K=np.full((4, 4), 60.0)),
    )
    assert "A 2" in text


@pytest.mark.parametrize("primary", ["income", "half-half", "value-added"])
def test_value_added_that_is_not_there(mrio, primary):
    from mriocarbon.errors import NotAvailableError

    text = message(
        NotAvailableError, lambda: mc.account(mrio, primary, primary_inputs="value_added")
    )
    assert "no value added" in text
    assert 'primary_inputs="all"' in text


def test_an_extension_that_does_not_fit_is_refused_when_attached(mrio):
    wide = mc.Extension("e", ("CO2",), np.ones((1, 3)), ("Mt CO2",))
    text = message(ShapeError, lambda: mrio.replace_extensions(wide))
    assert "CO2" in text or "'e'" in text
    for part in ("F_Y", "F_Y_low", "F_Y_high"):
        given = {"F_Y": np.ones((1, 2)), part: np.ones((1, 3))}
        odd = mc.Extension("e", ("CO2",), np.ones((1, 4)), ("Mt CO2",), **given)
        assert part in message(ShapeError, lambda odd=odd: mrio.replace_extensions(odd))


def test_emissions_that_are_no_numbers_are_refused_when_attached(mrio):
    from mriocarbon.errors import NonFiniteError

    F = np.array([[1.0, NAN, 3, 4]])
    broken = mc.Extension("e", ("CO2",), F, ("Mt CO2",))
    assert "A 2" in message(NonFiniteError, lambda: mrio.replace_extensions(broken))


@pytest.mark.parametrize("name", [p.name for p in mc.principles() if not p.needs])
def test_every_principle_that_solves_refuses_a_table_that_is_not_productive(name):
    from mriocarbon.errors import NotProductiveError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        greedy = mc.MRIO.from_arrays(
            Z=[[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]],
            Y=[[0, 0], [0, 0], [0, 0], [0, 0]], x=[30, 30, 40, 80],
            regions=["A", "B"], sectors=["1", "2"], stressors={"GHG": [1, 1, 1, 1]},
        )  # fmt: skip
        singular = mc.MRIO.from_arrays(
            Z=[[10, 0], [0, 5]], Y=[[0, 0], [3, 2]], regions=["A", "B"], sectors=["1"],
            stressors={"GHG": [1, 1]},
        )  # fmt: skip
    for mrio in (greedy, singular):
        if name not in ("production", "shared"):  # no solve; or a system that may have one
            with pytest.raises(NotProductiveError):
                mc.account(mrio, name, households=False)
        with pytest.raises(NotProductiveError):
            mc.account_function(mrio, name)


def test_a_gas_without_satellite_is_not_available():
    with pytest.raises(NotAvailableError, match="NOT AVAILABLE: this table has no CO2"):
        mc.account(toy(), "consumption", stressor="CO2")


@pytest.mark.parametrize(
    ("principle", "options"),
    [("shared", {"a": "x"}), ("benefit-shared", {"phi": "half"}), ("ownership", {"W": "x"}),
     ("capital-endogenised", {"K": -np.ones((4, 4))})],
)  # fmt: skip
def test_options_that_make_no_sense(mrio, principle, options):
    message(InputError, lambda: mc.account(mrio, principle, **options))


def test_complex_flows_are_refused():
    with pytest.raises(InputError, match="Z is complex"):
        mc.MRIO.from_arrays(Z=[[1j]], Y=[[1.0]], regions=["A"], sectors=["1"])


def test_a_far_off_name_is_not_offered():
    table = mc.load("oecd-icio-2022")

    def told(region: str) -> str:
        account = mc.account(table, "consumption", households=False)
        return message(UnknownNameError, lambda: account[region])

    assert "did you mean 'Germany'?" in told("Germny")  # no region of the table, but it is told so
    assert "region, 20 known" in told("Germny")
    assert "did you mean" not in told("Atlantis")
    assert "did you mean" not in message(UnknownNameError, lambda: technology_of("nuclear"))


def test_hundreds_of_names_are_not_listed_by_their_first_dozen():
    for wrong in ("XXX", "Atlantis"):
        text = message(UnknownNameError, lambda name=wrong: mc.natural.account(name, 2022))
        assert "did you mean" not in text and "more" not in text
        assert "ISO 3166 code, its English name or what people call it" in text
    text = message(UnknownNameError, lambda: mc.natural.account("Germny", 2022))
    assert "did you mean 'Germany'?" in text


def test_python_and_the_tools_say_alike_where_a_country_is():
    from mriocarbon import tools

    table = mc.load("oecd-icio-2022")
    account = mc.account(table, "consumption", households=False)
    text = message(UnknownNameError, lambda: account["Germany"])
    assert "DEU is within EU27, European Union (27)" in text
    assert "oecd-icio-2022-full, which has DEU by itself" in text
    assert text == message(
        UnknownNameError, lambda: tools.call("account", {"regions": ["Germany"]})
    )
    assert "may be part of an aggregate" in message(
        UnknownNameError, lambda: mc.SectorIndex(("CHN", "USA"), ("1",)).region("Germany")
    )


def test_a_table_of_several_stressors_names_them():
    rows = np.vstack([TOY_F, TOY_F])
    emissions = mc.Extension("emissions", ("CO2", "CH4"), rows, ("Mt", "Mt"))
    several = toy().replace_extensions(emissions)
    text = message(UnknownNameError, lambda: mc.account(several, "production", households=False))
    assert "there are several" in text and "CO2, CH4" in text and "--stressor CO2" in text
