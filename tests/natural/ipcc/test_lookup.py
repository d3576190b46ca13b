"""Default factors: every row is sound, what there is not is refused, figures of the text."""

import math

import pytest

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.natural import ipcc
from mriocarbon.natural.ipcc.lookup import ANY, COLUMNS

TABLE = ipcc.factors()


def test_every_row_is_sound():
    assert tuple(TABLE.columns) == COLUMNS
    assert not TABLE.duplicated(["factor", "edition", "climate", "land", "option"]).any()
    given = TABLE.dropna(subset=["value", "low"])
    assert (given["low"] <= given["value"]).all()
    assert (given["value"] <= given["high"]).all()
    for column in ("factor", "climate", "land", "option", "unit", "range", "source", "status"):
        assert TABLE[column].astype(bool).all(), column
    assert set(TABLE["edition"]) <= {2006, 2013, 2019}
    assert TABLE["low"].isna().equals(TABLE["high"].isna())
    # a row without a default has a range to tell
    assert TABLE.loc[TABLE["value"].isna(), "low"].notna().all()
    shares = TABLE[TABLE["unit"] == "share"]
    assert ((shares["value"] >= 0) & (shares["value"] <= 1)).all()


def test_every_default_can_be_looked_up_and_says_where_from():
    for row in TABLE.itertuples():
        labels = {"climate": row.climate, "land": row.land, "option": row.option}
        if math.isnan(row.value):
            with pytest.raises(NotAvailableError, match="range"):
                ipcc.factor(row.factor, edition=row.edition, **labels)
            continue
        found = ipcc.factor(row.factor, edition=row.edition, **labels)
        assert found.value == row.value
        if row.status == "by definition":
            assert not found.estimated and found.low == found.high
        else:
            assert found.estimated
            assert row.source in found.notes[0].text
            assert row.status in found.notes[0].text
        if not math.isnan(row.low):
            assert (found.low, found.high) == pytest.approx((row.low, row.high))
        else:
            assert math.isnan(found.low)
            assert "no interval" in found.notes[0].text


def test_no_rice_and_no_dummy():
    own = ("SOC_REF", "F_LU", "F_MG", "F_I", "C_F", "M_B_C_F", "G_EF", "B_CROP", "EF_ORGANIC")
    labels = TABLE[["climate", "land", "option"]].agg(" ".join, axis=1).str.lower()
    assert not labels.str.contains("dummy|undefined").any()
    assert not labels[TABLE["factor"].isin(own)].str.contains(r"\brice\b|paddy").any()
    with pytest.raises(UnknownNameError, match="annual cropland"):
        ipcc.factor("F_LU", climate="tropical dry", land="paddy rice")


# 2019 Refinement, volume 4: table 2.3 (page 2.35), 2.4 to 2.6 (2.52 to 2.56), 4.4, 4.7, 4.9, 2.2.
@pytest.mark.parametrize(
    ("name", "climate", "land", "option", "value"),
    [
        ("SOC_REF", "cool temperate moist", ANY, "HAC", 81),
        ("SOC_REF", "tropical montane", ANY, "wetland", 82),
        ("SOC_REF", "boreal dry", ANY, "spodic", 117),
        ("M_B_C_F", ANY, "boreal forest", "all", 41.0),
        ("M_B_C_F", ANY, "shrubland", "sagebrush", 5.7),
        ("C_F", ANY, "primary tropical forest", "all", 0.36),
        ("C_F", ANY, "crop residues", "wheat", 0.90),
        ("G_EF", ANY, "extra-tropical forest", "CH4", 4.7),
        ("G_EF", ANY, "savanna and grassland", "N2O", 0.21),
        ("B_FOREST", "tropical rainforest", "forest", "Africa, primary", 404.2),
        ("G_W", "tropical rainforest", "forest", "Asia, secondary over 20 years", 2.7),
        ("R", "tropical rainforest", "forest", "Africa, up to 125 t/ha", 0.825),
        ("DEAD_WOOD", "temperate mountain", "forest", ANY, 37.6),
    ],
)
def test_figures_of_the_text(name, climate, land, option, value):
    found = ipcc.factor(name, climate=climate, land=land, option=option)
    assert found.value == value
    assert found.edition == 2019
    assert found.verified


def test_newest_edition_is_taken_and_another_on_request():
    asked = {"climate": "tropical moist", "option": "LAC"}
    assert ipcc.factor("SOC_REF", **asked).value == 38
    assert ipcc.factor("SOC_REF", edition=2006, **asked).value == 47
    with pytest.raises(InputError, match="there is 2006, 2019"):
        ipcc.factor("SOC_REF", edition=1996, **asked)


def test_a_factor_for_any_climate_holds_for_every_known_climate():
    one = ipcc.factor("C_F", land="peatland", option="all", climate="boreal moist")
    assert one.climate == ANY
    with pytest.raises(UnknownNameError):
        ipcc.factor("C_F", land="peatland", option="all", climate="lunar")


def test_refusals_list_what_there_is():
    with pytest.raises(UnknownNameError, match="tropical dry"):
        ipcc.factor("F_LU", climate="tropcal dry", land="annual cropland")
    with pytest.raises(UnknownNameError, match="default factor"):
        ipcc.factor("F_L")
    with pytest.raises(UnknownNameError):
        ipcc.factors("nothing")
    with pytest.raises(NotAvailableError) as refused:
        ipcc.factor("SOC_REF", climate="tropical dry", option="spodic")
    assert "tropical dry / HAC" in str(refused.value)
    with pytest.raises(NotAvailableError, match="edition 2006 has one"):
        ipcc.factor(
            "F_MG", climate="tropical dry", land="grassland", option="moderately degraded"
        )  # fmt: skip
    with pytest.raises(NotAvailableError, match="between 40 and 190"):
        ipcc.factor(
            "B_FOREST", climate="tropical mountain", land="forest", option="Africa", edition=2006
        )  # fmt: skip
    with pytest.raises(NotAvailableError, match="for all cases alike"):
        ipcc.factor("G_EF")


def test_status_tells_what_can_be_relied_on():
    recalled = ipcc.factor("EF_ORGANIC", climate="tropical wet", land="forest")
    assert not recalled.verified and "UNVERIFIED" in recalled.notes[0].text
    disputed = ipcc.factor("F_LU", climate="tropical wet", land="perennial cropland")
    assert not disputed.verified and "1.1" in disputed.note


@pytest.mark.parametrize(
    ("name", "asked", "offered"),
    [
        ("EF1", {"climate": "wet"}, "wet / other, wet / synthetic"),
        ("EF1", {"climate": "cool temperate dry"}, "dry"),
        ("EF1", {"climate": "tropical montane"}, "dry"),
        ("EF4", {"climate": "tropical dry"}, "dry, wet"),
        ("EF3PRP", {"climate": "boreal dry", "option": "cattle, poultry and pigs"}, "dry / cattle"),
    ],
)
def test_a_climate_that_the_table_tells_apart_is_never_widened(name, asked, offered):
    with pytest.raises(NotAvailableError) as refused:
        ipcc.factor(name, **asked)
    assert offered in str(refused.value)


def test_no_lookup_ever_takes_any_climate_beside_others():
    """Over all rows: what comes back for a climate is of that climate, or of a table without."""
    for row in TABLE.dropna(subset=["value"]).itertuples():
        own = TABLE[(TABLE["factor"] == row.factor) & (TABLE["edition"] == row.edition)]
        own = own[own["land"].isin([row.land, ANY]) & own["option"].isin([row.option, ANY])]
        apart = set(own["climate"]) - {ANY}
        labels = {"land": row.land, "option": row.option, "edition": row.edition}
        for climate in ("boreal dry", "tropical moist", "wet"):
            try:
                found = ipcc.factor(row.factor, climate=climate, **labels)
            except (NotAvailableError, UnknownNameError):
                continue
            assert found.climate == climate or not apart, (row.factor, climate, labels)


EQUATIONS = (
    "stock_difference", "gain_loss", "biomass_growth", "wood_removals", "fuelwood_removals",
    "disturbance_losses", "conversion", "dead_organic_matter", "soil_stock", "mineral_soil_carbon",
    "organic_soil_carbon", "fire_emissions", "direct_n2o", "indirect_n2o", "soil_n2o",
    "crop_residue_nitrogen", "mineralised_nitrogen", "liming_co2", "urea_co2", "rice_ch4",
    "rice_amendment_scaling", "drained_organic_soils", "rewetted_organic_soils", "peat_extraction",
    "flooded_land", "constructed_water_ch4",
)  # fmt: skip


@pytest.mark.parametrize("name", EQUATIONS)
def test_every_worked_example_says_whose_it_is(name):
    text = getattr(ipcc, name).__doc__.split("Examples\n")[1]
    first = text.split(">>>")[0]
    assert any(word in first for word in ("Own example", "IPCC text (read)", "UNVERIFIED"))
