"""Intensities: ranges of the literature, first order against Monte Carlo, monotonic in inputs."""

import math
import time

import numpy as np
import pytest

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.intensity import intensity, products, routes_to, sample
from mriocarbon.industry.processes import made_by
from mriocarbon.industry.published import published
from mriocarbon.industry.routes import grid, route_mix

# product, route, origin, low, high, and whose range it is
RANGES = [
    ("sintered-ore", "", "", 0.189, 0.24, "IPCC 2006 0.20, 2019 0.21 (0.189 to 0.231)"),
    ("pellets", "", "", 0.03, 0.19, "IPCC 2006 0.03, 2019 0.19"),
    ("pig-iron", "", "", 1.29, 1.9, "IPCC 2019 1.43 (1.287 to 1.573), with sinter on top"),
    ("crude-steel", "bf-bof", "", 1.42, 2.33, "IPCC 2019 1.58 at least 1.42; worldsteel 2.33"),
    ("crude-steel", "scrap-eaf", "", 0.08, 0.20, "IPCC 2006 0.08, 2019 0.18"),
    ("crude-steel", "dri-eaf", "", 0.5, 1.43, "IPCC 0.70 per t DRI; worldsteel 1.36 to 1.47"),
    ("dri", "dri-gas", "", 0.50, 0.80, "IPCC 2006 0.70"),
    ("clinker-grey", "", "", 0.79, 0.92, "calcination 0.51 to 0.525, fuel 3.0 to 3.7 GJ/t"),
    ("unwrought-aluminium", "hall-heroult", "", 1.5, 2.6, "anode 1.6, PFC 0.3 to 0.7, baking"),
    ("unwrought-aluminium", "secondary-aluminium", "", 0.1, 0.6, "BREF 2 to 9 GJ/t"),
    ("hydrogen", "hydrogen-gas", "", 8.0, 10.0, "JRC135067 9.0"),
    ("hydrogen", "hydrogen-coal", "", 17.0, 22.0, "JRC135067 19.2"),
    ("ammonia", "ammonia-gas", "", 1.69, 2.104, "IPCC 2006, vol. 3, table 3.1"),
    ("ammonia", "ammonia-coal", "", 4.4, 4.8, "RMI 2025"),
    ("ferro-manganese-carbon", "", "", 0.975, 1.625, "IPCC 2006 1.3 (25 %)"),
    ("ferro-chromium-carbon", "", "", 1.3, 1.6, "IPCC 2006 1.3 to 1.6"),
]


@pytest.mark.parametrize(("product", "route", "origin", "low", "high", "whose"), RANGES)
def test_centre_lies_in_the_published_range(product, route, origin, low, high, whose):
    made = intensity(product, origin=origin or "OTHER", route=route or None)
    assert low <= made.direct <= high + 1e-12, whose


def test_worldsteel_with_its_wider_boundary_lies_above():
    wider = {p.route: p.value for p in published() if p.year == 2024 and "worldsteel" in p.source}
    for route, value in wider.items():
        if route:
            assert intensity("crude-steel", origin="OTHER", route=route).direct < value
    assert all("CBAM" not in p.boundary for p in published())
    assert {p.year for p in published() if "worldsteel" in p.source} == {2022, 2023, 2024}


def test_published_facts_are_those_of_the_files(data_folder):
    import csv

    with open(data_folder / "cbam" / "worldsteel_route_intensity.csv", encoding="utf-8") as file:
        theirs = sorted(float(r["tco2_per_t_crude_steel"]) for r in csv.DictReader(file))
    assert sorted(p.value for p in published() if "worldsteel" in p.source) == theirs
    with open(data_folder / "cbam" / "jrc135067_hydrogen_routes.csv", encoding="utf-8") as file:
        hydrogen = sorted(float(r["tco2e_per_t_h2"]) for r in csv.DictReader(file))
    assert sorted(p.value for p in published() if "JRC" in p.source) == hydrogen


CHECKED = ["crude-steel", "hot-rolled-flat", "fastener", "clinker-grey", "portland-grey"]
CHECKED += ["aluminium-profile", "ammonia", "urea", "nitric-acid", "hydrogen", "stainless-semi"]
CHECKED += ["ferro-nickel", "npk-high"]


@pytest.mark.parametrize("origin", ["CHN", "IND", "TUR"])
def test_first_order_agrees_with_monte_carlo(origin):
    draws = 40_000
    found = sample(CHECKED, origin, draws, 11)
    for name in CHECKED:
        made = intensity(name, origin=origin)
        direct, total = found[name]
        first = math.sqrt(sum(v * v for v in made.loadings.values()))
        # stated tolerance: 8 % of the log-sd and, for the median, 10 % of the value
        assert np.std(np.log(direct)) == pytest.approx(first, rel=0.08), name
        assert np.median(direct) == pytest.approx(made.direct, rel=0.10), name
        if made_by(name).electricity:
            whole = math.sqrt(sum(v * v for v in made.loadings_total.values()))
            assert np.std(np.log(total)) == pytest.approx(whole, rel=0.08), name


def test_covariance_of_two_goods_follows_from_shared_loadings():
    a, b = (intensity(n, origin="CHN").loadings for n in ("hot-rolled-flat", "pig-iron"))
    first = sum(a[key] * b[key] for key in a.keys() & b.keys())
    found = sample(["hot-rolled-flat", "pig-iron"], "CHN", 40_000, 2)
    logs = [np.log(found[n][0]) for n in ("hot-rolled-flat", "pig-iron")]
    assert float(np.cov(*logs)[0, 1]) == pytest.approx(first, rel=0.08)


def test_loadings_are_slopes():
    reach = math.sqrt(3)

    def at(z):
        given = {"pig-iron.coke_rate": 0.365 * math.exp(0.05 * z)}
        return intensity("pig-iron", origin="CHN", given=given)

    made, up, down = intensity("pig-iron", origin="CHN"), at(reach), at(-reach)
    slope = (math.log(up.direct) - math.log(down.direct)) / (2 * reach)
    assert made.loadings["pig-iron.coke_rate.CHN"] == pytest.approx(slope, rel=1e-9)
    derivative = (math.log(at(1e-4).direct) - math.log(at(-1e-4).direct)) / 2e-4
    assert slope == pytest.approx(derivative, rel=0.02)
    assert "pig-iron.coke_rate.CHN" not in up.loadings


def test_national_mix_lies_between_its_routes():
    for origin in ("CHN", "TUR", "IND", "USA"):
        shares = route_mix(origin, "steel").shares
        by = {r: intensity("crude-steel", origin=origin, route=r).direct for r in shares}
        mean = sum(shares[r] * by[r] for r in shares)
        assert intensity("crude-steel", origin=origin).direct == pytest.approx(mean, rel=1e-9)
    assert (
        intensity("crude-steel", origin="CHN").direct
        > intensity("crude-steel", origin="TUR").direct
    )


def test_more_scrap_less_carbon_and_none_at_the_limit():
    levels = [
        intensity("crude-steel", origin="CHN", route="bf-bof", given={"bf-bof.scrap_share": s})
        for s in (0.0, 0.2, 0.6, 1.0)
    ]
    values = [one.direct for one in levels]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.1


def test_recursion_by_hand():
    mill = intensity("hot-rolled-flat", origin="CHN", route="bf-bof").direct
    semi = intensity("semi-finished", origin="CHN", route="bf-bof").direct
    assert mill == pytest.approx(semi / 0.97 + 1.5 * 0.0153 * 44 / 12, rel=1e-12)


def test_gases_by_their_potentials():
    base = intensity("nitric-acid", origin="USA")
    none = intensity("nitric-acid", origin="USA", gwp={"N2O": 0.0})
    n2o = 0.007 * (1 - 0.35 * 0.85) * 265
    assert base.direct - none.direct == pytest.approx(n2o, rel=1e-9)
    cell = intensity("unwrought-aluminium", origin="CHN", route="hall-heroult")
    bare = intensity(
        "unwrought-aluminium", origin="CHN", route="hall-heroult", gwp={"CF4": 0, "C2F6": 0}
    )
    assert cell.direct - bare.direct == pytest.approx(0.000075 * (6630 + 0.1 * 11100), rel=1e-9)


def test_electricity_only_where_it_is_in_scope():
    steel, clinker = intensity("crude-steel", origin="CHN"), intensity("clinker-grey", origin="CHN")
    assert math.isnan(steel.indirect) and steel.loadings_total == {}
    assert clinker.indirect == pytest.approx(0.065 * grid("CHN").value, rel=1e-9)
    assert "grid.CHN" in clinker.loadings_total and "grid.CHN" not in clinker.loadings


def test_everything_closes_says_its_sources_and_is_fast():
    started = time.perf_counter()
    for name in products():
        made = intensity(name, origin="VNM")
        assert made.carbon_closed, name
        assert made.direct > 0 and made.loadings
        assert made.sources or made.assumed, name
    assert time.perf_counter() - started < 1.0


def test_a_country_without_data_is_told_and_wide():
    known, unknown = (intensity("crude-steel", origin=o) for o in ("TUR", "ZMB"))
    assert any("no figure for this country" in line for line in unknown.assumed)
    sd = [math.sqrt(sum(v * v for v in i.loadings.values())) for i in (known, unknown)]
    assert sd[1] > 0.3 > sd[0] > 0.05


def test_shared_factors_share_their_key():
    a, b = intensity("wire", origin="IND").loadings, intensity("wire", origin="USA").loadings
    assert "coke.carbon" in a.keys() & b.keys()
    assert "mix.IND.steel" in a and "mix.IND.steel" not in b


def test_bad_input_is_told():
    with pytest.raises(UnknownNameError, match="crude-steel"):
        intensity("crude-stel", origin="CHN")
    with pytest.raises(UnknownNameError, match="route to crude-steel"):
        intensity("crude-steel", origin="CHN", route="hall-heroult")
    with pytest.raises(InputError, match="ISO3"):
        intensity("crude-steel", origin="China")
    with pytest.raises(InputError, match="finite"):
        intensity("crude-steel", origin="CHN", gwp={"N2O": float("nan")})
    with pytest.raises(InputError, match="draws"):
        sample(["urea"], "CHN", 0, 1)
    with pytest.raises(UnknownNameError):
        route_mix("CHN", "glass")
    assert routes_to("clinker-grey") == frozenset()
