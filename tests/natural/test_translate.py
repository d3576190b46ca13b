"""Bookkeeping to inventory: moments and intervals, the fitted period, and real countries."""

import numpy as np
import pandas as pd
import pytest

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.natural import ManagedLand, fitted_periods, translate, translations
from mriocarbon.natural import sources as s
from mriocarbon.natural.sources_local import (
    MANAGED_SINK,
    MTCO2_PER_GTC,
    SINK_LAND_USE,
    SINK_YEARS,
    sink_statistics,
)
from mriocarbon.natural.translate import MODELS, convolved, standard_quantiles


def land(first, last, models=MODELS):
    raw = mc.database().table(
        "inventories", source=s.GCB_LAND, item=list(models), year=list(range(first, last + 1))
    )
    return raw[raw["region"].str.len() == 3]


def write(folder, name, prefix, table):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    if "mean" in table:  # the row that closes the file
        table = table.drop(index="WLD", errors="ignore")
        table = pd.concat([table, table.sum().to_frame("WLD").T])
    frame = table.add_prefix(f"{prefix}_")
    frame.insert(0, "iso", table.index)
    frame.insert(0, "Country", table.index)
    frame.to_csv(path, index=False)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a sink of our own: -10 Mt CO2, sd 3, skew 0.5 in every country."""
    regions = sorted(set(land(2020, 2020)["region"]))
    table = pd.DataFrame(
        {"mean": -10 / MTCO2_PER_GTC, "std": 3 / MTCO2_PER_GTC, "skew": 0.5}, index=regions
    )
    write(tmp_path, MANAGED_SINK, "Fa_mf", table)
    monkeypatch.setenv("MRIOCARBON_DATA", str(tmp_path))
    return tmp_path


def test_the_moments_add(folder):
    values = land(*SINK_YEARS)
    values = values[values["region"] == "BRA"]["value"].to_numpy()
    assert len(values) == 40
    found = translate("Brazil")
    assert found.bookkeeping == pytest.approx(values.mean()) and found.sink == pytest.approx(-10)
    assert found.translated == pytest.approx(values.mean() - 10)
    assert found.sd == pytest.approx(np.hypot(values.std(), 3))
    joined = translate("Brazil", correlation=1.0)
    assert joined.sd == pytest.approx(values.std() + 3)
    assert translate("Brazil", correlation=-1.0).sd == pytest.approx(values.std() - 3)


def test_the_interval_is_that_of_the_convolution():
    """Against a million draws of figures plus a shifted gamma law: within 3 % of the sd."""
    rng = np.random.default_rng(5)
    figures = rng.exponential(3.0, (1, 40))
    for shape, sign, scale in ((4.0, 1, 2.0), (1.5, -1, 5.0), (30.0, 1, 0.1), (9.0, -1, 1.0)):
        term = sign * scale * (rng.gamma(shape, 1.0, 1_000_000) - shape)
        drawn = rng.choice(figures[0], term.size) - figures.mean() + term
        sd, skew = scale * shape**0.5, sign * 2 / shape**0.5
        below, above = convolved(figures, np.array([sd]), np.array([skew]))
        want = np.quantile(drawn, [0.025, 0.975])
        assert abs(below[0] - want[0]) < 0.03 * drawn.std()
        assert abs(above[0] - want[1]) < 0.03 * drawn.std()


def test_without_spread_the_interval_is_the_value():
    below, above = convolved(np.full((1, 40), 2.0), np.zeros(1), np.zeros(1))
    assert (below[0], above[0]) == (0.0, 0.0)


def test_quantiles_rise_for_any_skewness():
    z = np.linspace(-3, 3, 61)
    table = standard_quantiles(np.linspace(-4, 4, 33), z)
    assert (np.diff(table, axis=1) >= 0).all()


def test_the_gap_to_the_inventory(folder):
    usa = translate("USA")
    raw = mc.database().table(
        "inventories", source=s.ANNEX_I, region="USA", category="4", gas="CO2",
        year=list(range(2013, 2023)),
    )  # fmt: skip
    assert (
        usa.inventory == pytest.approx(raw["value"].mean()) and usa.inventory_years == "2013-2021"
    )
    assert usa.gap == pytest.approx(usa.inventory - usa.translated)
    assert usa.gap_low < usa.gap < usa.gap_high
    assert usa.holds == (usa.low <= usa.inventory <= usa.high)
    china = translate("CHN")
    assert china.inventory_years == "2014"
    indonesia = translate("IDN")
    assert indonesia.holds is None and np.isnan(indonesia.gap)
    flux = usa.flux
    assert isinstance(flux, ManagedLand) and flux.estimated and flux.value == usa.translated


def test_many_at_once_are_the_same(folder):
    table = translations()
    assert len(table) > 150
    for code in ("USA", "BRA"):
        assert table.loc[code, "low"] == pytest.approx(translate(code).low)
    assert (table["low"] <= table["translated"]).all()
    assert (table["translated"] <= table["high"]).all()


def test_the_period_is_found_again(folder):
    """A file of the means of 2004 to 2011 is recognised as such."""
    values = land(2004, 2011, ["mean of models"])
    mean = values.groupby("region")["value"].mean() / MTCO2_PER_GTC
    write(folder, SINK_LAND_USE, "Fb",
          pd.DataFrame({"mean": mean, "std": 1.0, "skew": 0.0}))  # fmt: skip
    best, second = fitted_periods()[:2]
    assert (best.first, best.last) == (2004, 2011)
    assert best.deviation < 1e-9 < second.deviation


def test_zero_in_every_model_is_no_estimate(folder):
    table = pd.DataFrame(
        {"mean": [-0.1, 0.0], "std": [0.05, 0.0], "skew": [0.5, np.nan]}, index=["USA", "CAN"]
    )
    write(folder, MANAGED_SINK, "Fa_mf", table)
    assert list(translations().index.drop("WLD")) == ["USA"]
    with pytest.raises(NotAvailableError, match=r"no translation for CAN \(CAN: the file holds 0"):
        translate("CAN")
    gone = {m.process: m.reason for m in mc.natural.account("CAN", 2022).missing}
    assert "so no estimate (2013-2022)" in gone["natural sink of managed forest"]
    table.loc["USA", "skew"] = np.nan  # a sink without its skewness is a broken file
    write(folder, MANAGED_SINK, "Fa_mf", table)
    with pytest.raises(ValueError, match="skew is missing"):
        translations()


def test_what_is_refused(folder, monkeypatch):
    with pytest.raises(InputError, match="correlation"):
        translations(correlation=1.2)
    with pytest.raises(NotAvailableError, match="no translation for gcp:Asia"):
        translate("gcp:Asia")
    with pytest.raises(InputError, match="no file of"):
        fitted_periods("peat")
    monkeypatch.delenv("MRIOCARBON_DATA")
    with pytest.raises(NotAvailableError, match="landCSink_SLAND_mf"):
        translate("USA")


# -- the real files --


def test_the_real_files_are_of_2013_to_2022(data_folder):
    best, second = fitted_periods()[:2]
    assert (best.first, best.last) == SINK_YEARS
    assert second.deviation > 5 * best.deviation
    fossil = fitted_periods("fossil")[0]
    assert (fossil.first, fossil.last) == SINK_YEARS
    # and their spread is that over four models and ten years
    given = sink_statistics(data_folder / SINK_LAND_USE)["std"] * MTCO2_PER_GTC
    own = land(*SINK_YEARS).groupby("region")["value"].std(ddof=0)
    both = own.index.intersection(given.index)
    assert len(both) > 180 and np.allclose(own[both], given[both], rtol=0.02, atol=1e-4)


def test_real_inventories_and_translations(data_folder):
    table = translations()
    annex = table[table["source"] == s.ANNEX_I]
    assert len(annex) == 39 and list(annex.index[annex["holds"].eq(False)]) == ["GBR"]
    sink = sink_statistics(data_folder / MANAGED_SINK)["mean"] * MTCO2_PER_GTC
    assert np.allclose(table["sink"], sink[table.index]) and (table["sink"] != 0).all()
    mean = land(*SINK_YEARS).groupby("region")["value"].mean()
    world = translate("WLD")
    assert world.translated == pytest.approx(mean["WLD"] + sink["WLD"])
