"""Certificate prices: published quarters, mean of the year, and what is assumed beyond."""

import csv
from decimal import Decimal

import pytest

from mriocarbon.cbam.certificates import (
    certificate_price,
    published_prices,
    resolve_price,
)
from mriocarbon.errors import InputError, NotAvailableError


def test_quarters_of_2026() -> None:
    assert [str(certificate_price(f"2026-Q{q}").eur) for q in (1, 2, 3)] == [
        "75.36",
        "75.28",
        "82.32",
    ]
    assert all(not p.assumed and p.published and p.source for p in published_prices())
    assert "secondary" in certificate_price("2026-Q3").source


def test_table_is_the_one_at_hand(data_folder) -> None:
    with (data_folder / "cbam" / "certificate_price.csv").open(encoding="utf-8") as handle:
        at_hand = {r["period"]: r for r in csv.DictReader(handle)}
    assert {p.period: str(p.eur) for p in published_prices()} == {
        k: r["eur_per_tco2e"] for k, r in at_hand.items()
    }
    assert {p.period: p.published for p in published_prices()} == {
        k: r["published"] for k, r in at_hand.items()
    }


def test_years() -> None:
    assert certificate_price(2026).eur == Decimal("77.65")  # 232.96 / 3 = 77.6533
    assert "plain mean of 2026-Q1, 2026-Q2, 2026-Q3" in certificate_price("2026").assumed
    assert certificate_price(2034).eur == Decimal("82.32")
    assert "held constant" in str(certificate_price(2034))


@pytest.mark.parametrize("period", ["2026-Q4", "2027-Q1", "2025", "2024-Q1"])
def test_not_published(period) -> None:
    with pytest.raises(NotAvailableError):
        certificate_price(period)


@pytest.mark.parametrize("period", ["", "Q1", "2026-Q5", "26", "2026Q1", "spring"])
def test_no_period(period) -> None:
    with pytest.raises(InputError, match="no period"):
        certificate_price(period)


def test_resolve() -> None:
    assert resolve_price(None, 2026).eur == Decimal("77.65")
    assert resolve_price("2026-Q2", 2030).eur == Decimal("75.28")
    assert resolve_price("80.5", 2030).eur == Decimal("80.5")
    assert resolve_price("2026", 2026).period == "2026"  # a year, not 2026 EUR
    assert resolve_price(certificate_price("2026-Q1"), 2033).eur == Decimal("75.36")
    # a quarter's price in another year is held constant, and says so
    for held in ("2026-Q1", certificate_price("2026-Q1")):
        assert resolve_price(held, 2026) == certificate_price("2026-Q1")
        later = resolve_price(held, 2033)
        assert later.assumed == "the price of 2026-Q1, held constant"
        assert later.period == "2026-Q1" and later.source == certificate_price("2026-Q1").source
    assert resolve_price({2026: 80, 2030: 120}, 2029).assumed.startswith("the given price of 2026")
    for bad in (0, -1, "1.234,5", float("nan"), {2030: 100}):
        with pytest.raises(InputError):
            resolve_price(bad, 2026)
