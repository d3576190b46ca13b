"""Avoided emissions as tools: the numbers of the functions below, and neutral words."""

import pytest

import mriocarbon as mc
from mriocarbon import tools
from mriocarbon.errors import InputError, NotAvailableError


def _one(found, quantity, **labels):
    mine = [
        f for f in found.figures if f.quantity == quantity and labels.items() <= f.labels.items()
    ]
    assert len(mine) == 1, (quantity, labels, len(mine))
    return mine[0]


def test_avoided_emissions_are_those_of_the_function():
    asked = {"exporter": "中国", "technology": "wind", "draws": 200, "destinations": 2}
    found = tools.call("avoided_emissions", asked)
    direct = mc.avoided.avoided(mc.avoided.exports("CHN", "wind", 2024), draws=200)
    first = [f for f in found.figures if f.quantity == "avoided emissions, first full year"]
    assert first[0].value == direct.first_year.value and first[0].low == direct.first_year.low
    assert "partner" not in first[0].labels and first[0].unit == "Mt CO2e"
    assert [f.labels["partner"] for f in first[1:]] == list(direct.by_destination.index[:2])
    gone = _one(found, "avoided emissions, within the year of export")
    assert gone.value is None and "without a month" in gone.why
    assert any("never subtracted" in one for one in found.caveats)
    assert any("months of shipment" in one for one in found.caveats)  # what is missing is told


def test_the_margin_and_the_seed_count():
    shared = {"technology": ["wind"], "draws": 100, "destinations": 0}
    combined, operating = (
        _one(tools.call("avoided_emissions", {**shared, "margin": margin}),
             "avoided emissions, first full year")
        for margin in ("combined", "operating")
    )  # fmt: skip
    assert operating.value > combined.value and operating.labels["margin"] == "operating"
    other = tools.call("avoided_emissions", {**shared, "seed": 1})
    assert _one(other, "avoided emissions, first full year").low != combined.low
    assert _one(other, "avoided emissions, first full year").value == combined.value


@pytest.mark.parametrize("wrong", [
    {"draws": 5}, {"draws": 10**6}, {"technology": []}, {"technology": ["nuclear"]},
    {"margin": "marginal"}, {"destinations": 10**6}, {"file": "/etc/passwd"},
])  # fmt: skip
def test_arguments_out_of_bounds_are_refused(wrong):
    with pytest.raises(InputError):
        tools.call("avoided_emissions", wrong)


def test_data_that_are_not_at_hand_are_told():
    with pytest.raises(NotAvailableError, match="no trade data of low-carbon technology for DEU"):
        tools.call("avoided_emissions", {"exporter": "Germany"})
    with pytest.raises(NotAvailableError):
        tools.call("avoided_emissions", {"technology": ["wind"], "year": 2019})
    for name in ("avoided_emissions", "manufacture_emissions", "payback"):
        for wide, shown in (("World", "World"), ("欧盟", "European Union")):
            with pytest.raises(NotAvailableError, match=f"{shown}.* is no exporting country"):
                tools.call(name, {"exporter": wide})


def test_manufacture_adds_up_over_products_and_stages():
    found = tools.call("manufacture_emissions", {"technology": ["solar", "wind"], "draws": 100})
    total = _one(found, "emissions of manufacture", technology="solar and wind")
    parts = [f for f in found.figures if f.quantity == "emissions of manufacture"]
    products = [f for f in parts if "product" in f.labels and "stage" not in f.labels]
    stages = [f for f in parts if "stage" in f.labels]
    assert sum(f.value for f in products) == pytest.approx(total.value)
    assert sum(f.value for f in stages) == pytest.approx(total.value)
    narrow = tools.call("manufacture_emissions", {"technology": ["solar"], "draws": 100,
                                                  "boundary": "module assembly"})  # fmt: skip
    assert narrow.figures[0].value < total.value


def test_payback_is_where_avoided_meets_made():
    found = tools.call("payback", {"technology": ["solar"], "draws": 200})
    years = _one(found, "carbon payback time")
    made = _one(found, "emissions of manufacture").value
    first = _one(found, "avoided emissions, first full year").value
    assert years.unit == "years" and 0 < years.low < years.value < years.high
    assert years.value < 1 and years.value == pytest.approx(made / first, rel=1e-6)


def test_the_claim_is_told_in_pages(monkeypatch):
    asked = {"draws": 100, "seed": 3}
    whole = mc.green_exports(2024, **asked)
    monkeypatch.setattr(mc, "green_exports", lambda *_, **options: whole)  # seconds for each page
    ways = len(whole.scenarios) + len(whole.manufactures)
    pages = [tools.call("green_exports_claim", asked | {"limit": 30, "offset": k})
             for k in range(0, ways, 30)]  # fmt: skip
    assert [one.shown for one in pages] == [*[30] * (ways // 30), ways % 30]
    assert all(one.total == ways and len(one.figures) <= 63 for one in pages)
    values = [f.value for one in pages for f in one.figures if "claim" not in f.quantity]
    for amount in (*(s.amount for s in whole.scenarios), *(m.amount for m in whole.manufactures)):
        assert amount.value in values
    for one in pages:  # each can be read by itself
        assert _one(one, "published claim, avoided").value == 350.0
        assert _one(one, "avoided over the life per tonne emitted, cradle to gate").unit == "t/t"
        assert len(one.items) == one.shown
    beyond = tools.call("green_exports_claim", asked | {"offset": 10_000})
    assert beyond.shown == 0 and beyond.total == ways and not beyond.items
    for wrong in ({"limit": 0}, {"limit": 1000}, {"offset": -1}):
        with pytest.raises(InputError):
            tools.call("green_exports_claim", asked | wrong)


@pytest.mark.slow
def test_the_claim_stands_beside_every_way_of_counting():
    found = tools.call("green_exports_claim", {"draws": 100})
    direct = mc.green_exports(2024, draws=100)
    assert _one(found, "published claim, avoided").value == 350.0
    assert _one(found, "published claim, manufacture").value == 2.0
    kinds = {"first year": "first full year", "lifetime": "lifetime"}
    held = 0
    for s in direct.scenarios:
        one = _one(found, f"avoided emissions, {kinds[s.horizon]}", product=s.scope,
                   margin=s.margin)  # fmt: skip
        assert (one.value, one.low, one.high) == (s.amount.value, s.amount.low, s.amount.high)
        told = [i for i in found.items if i.get("scenario") == s.name]
        assert (told[0]["claimed amount avoided"] == "inside the interval") == (
            one.low <= 350 <= one.high
        )
        held += one.low <= 350 <= one.high
    assert 0 < held < len(direct.scenarios)
    words = " ".join(str(i) for i in found.items).casefold()
    assert not any(word in words for word in ("false", "wrong", "lie", "mislead", "true"))
    assert any("press" in one for one in found.caveats)  # where the claim was published
