"""The cost path: the split into mark-up and bias, limits, and what is left out."""

import itertools
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.cbam import cost_law
from mriocarbon.cbam.cost import cost_path
from mriocarbon.cbam.cost_law import benchmark_range
from mriocarbon.cbam.goods import goods
from mriocarbon.cbam.obligation import obligation
from mriocarbon.cbam.trade import TradeLine, trade_2024
from mriocarbon.errors import InputError, NotAvailableError

CODES = (
    "72251990",
    "31021019",
    "7208",
    "7210",
    "7308",
    "72071210",
    "7201",
    "76011010",
    "28141000",
    "25232900",
)


def line(cn: str, tonnes: object = 1000, origin: str = "CHN") -> TradeLine:
    return TradeLine(origin, cn, tonnes, None, 2024, "test")  # type: ignore[arg-type]


@settings(max_examples=25)
@given(
    st.dictionaries(st.sampled_from(CODES), st.decimals(0, 10**6, places=2), min_size=1),
    st.dictionaries(
        st.sampled_from(CODES), st.floats(0, 20).map(lambda v: round(v, 6)), max_size=5
    ),
    st.decimals(min_value=1, max_value=300, places=2),
)
def test_parts_add_up(masses, reference, price) -> None:
    """Mark-up part, bias part and cost at the reference are the net cost, floors included."""
    path = cost_path(
        [line(cn, m) for cn, m in masses.items()],
        origin="CHN",
        price=price,
        reference=reference,
        years=(2026, 2030, 2034),
    )
    for one in path.lines:
        rest = one.net_base_eur if one.bias_eur is None else one.bias_eur + one.net_reference_eur
        assert one.net_eur == one.markup_eur + rest
        assert one.markup_eur >= 0
        assert (one.bias_eur is None) == (one.cn not in reference)
    for row in path.rows:
        known = (row.bias_eur or 0) + (row.net_reference_eur or 0)
        assert row.net_eur == row.markup_eur + known + row.net_without_reference_eur
        assert row.net_eur <= row.gross_eur
        own = [one for one in path.lines if one.year == row.year]
        assert abs(sum(one.net_eur for one in own) - row.net_eur) <= Decimal("0.01") * len(own)
        assert row.lines == len(own) == len(masses)


def test_line_is_the_obligation() -> None:
    for cn, year in itertools.product(CODES, (2026, 2027, 2028, 2031, 2034)):
        path = cost_path([line(cn)], origin="CHN", years=[year], price=90)
        due = obligation(cn, 1000, origin="CHN", year=year, price=90)
        one = path.lines[0]
        assert (one.net_eur, one.gross_eur, one.sefa) == (due.net_eur, due.gross_eur, due.sefa)
        assert one.markup_eur == due.markup_eur


def test_default_equal_to_reference_has_no_bias() -> None:
    path = cost_path([line("7208")], origin="CHN", reference={"7208": 3.187}, price=80)
    assert all(row.bias_eur == 0 for row in path.rows)
    # Verification is then worth the mark-up.
    first = path.rows[0]
    assert first.saving_eur == first.markup_eur == Decimal("25520.00")


def test_bias_has_the_sign_of_the_difference() -> None:
    low = cost_path([line("7208")], origin="CHN", reference={"7208": 2.0}, price=80)
    high = cost_path([line("7208")], origin="CHN", reference={"7208": 4.0}, price=80)
    assert all(row.bias_eur > 0 for row in low.rows)
    assert all(row.bias_eur < 0 for row in high.rows)
    # Emissions above the marked-up value: nobody would verify, the saving is zero, not negative.
    assert all(row.saving_eur == 0 for row in high.rows[:1])


def test_free_allocation_ends() -> None:
    path = cost_path([line("7208")], origin="CHN", price=80)
    assert [row.year for row in path.rows] == list(range(2026, 2035))
    shares = [row.net_eur / row.gross_eur for row in path.rows]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert path.rows[2].gross_eur > path.rows[1].gross_eur > path.rows[0].gross_eur  # mark-up
    assert path.rows[2].gross_eur == path.rows[8].gross_eur


def test_prices() -> None:
    path = cost_path([line("7208")], origin="CHN")
    assert [str(row.price.eur) for row in path.rows[:2]] == ["77.65", "82.32"]
    assert any("held constant" in note for note in path.notes)
    mapped = cost_path([line("7208")], origin="CHN", price={2026: 75, 2030: 130})
    assert [str(r.price.eur) for r in mapped.rows] == ["75"] * 4 + ["130"] * 5


def test_saving_on_column_a_alone_is_less() -> None:
    path = cost_path([line("7208")], origin="CHN", reference={"7208": 2.5}, price=80, years=[2026])
    one = path.lines[0]
    # SEFA on column A alone is 0.975 x 0.044: the actual data owe nearly all their emissions.
    alone = one.net_eur - 80 * 1000 * (Decimal("2.5") - Decimal("0.975") * Decimal("0.044"))
    assert one.saving_column_a_eur == max(0, alone)
    assert one.saving_eur == one.markup_eur + one.bias_eur
    assert one.saving_column_a_eur < one.saving_eur
    given_ = cost_path(
        [line("7208")], origin="CHN", reference={"7208": 2.5}, price=80, years=[2026],
        precursor_benchmark={"7208": "1.2"},
    ).lines[0]  # fmt: skip
    owed = 80 * 1000 * (Decimal("2.5") - Decimal("0.975") * Decimal("1.244"))
    assert given_.saving_eur == one.net_eur - owed
    aluminium = cost_path(
        [line("76011010")], origin="CHN", reference={"7601": 2.0}, price=80, years=[2026]
    ).lines[0]
    assert aluminium.saving_eur == aluminium.saving_column_a_eur  # columns A and B agree


def test_break_even_adds_the_years_up() -> None:
    path = cost_path([line("7208"), line("7308")], origin="CHN", reference={"7208": 2.5}, price=80)
    found = {b.cn: b for b in path.break_even}
    assert found["7208"].eur == sum(x.saving_eur for x in path.lines if x.cn == "7208")
    assert found["7308"].eur is None  # no reference: unknown, not zero
    assert found[""].eur == sum(row.saving_eur for row in path.rows)
    assert found["7208"].per_tonne == (found["7208"].eur / 9000).quantize(Decimal("0.01"))


def test_heading_with_several_benchmarks_tells_the_range() -> None:
    for cn in ("7208", "7210", "7308"):
        low, high, route, source, _ = benchmark_range(cn, column="B", year=2026, route="C")
        assert low == high and route == "C" and "2025/2620" in source
    low, high, *_ = benchmark_range("7207", column="B", year=2026, route="C")
    assert (low, high) == (Decimal("1.364"), Decimal("1.629"))


def test_range_reaches_the_row(monkeypatch) -> None:
    """No heading of China's annex has several benchmarks for its route; a patched one does."""
    real = cost_law.benchmark

    def several(cn, *, column, year, route=None):
        found = real("72081000", column=column, year=year, route=route)
        if cn == "7208":
            raise InputError("the rows below 7208 do not agree")
        value = found.value + (cn == "72082500")
        return SimpleNamespace(value=value, route=found.route, source=found.source, note="")

    monkeypatch.setattr(cost_law, "benchmark", several)
    path = cost_path([line("7208")], origin="CHN", years=[2026], price=80)
    one, row = path.lines[0], path.rows[0]
    share = Decimal("0.975")
    assert (one.sefa_low, one.sefa_high) == (share * Decimal("1.370"), share * Decimal("2.370"))
    assert one.sefa == share * Decimal("1.870")
    assert one.net_high_eur - one.net_low_eur == 80 * 1000 * share
    assert one.net_low_eur < one.net_eur < one.net_high_eur
    assert (row.net_low_eur, row.net_high_eur) == (one.net_low_eur, one.net_high_eur)
    assert any("range from 1.370 to 2.370" in note for note in one.notes)


def test_no_range_where_the_benchmarks_agree() -> None:
    row = cost_path([line("7208")], origin="CHN", years=[2026]).rows[0]
    assert row.net_low_eur == row.net_eur == row.net_high_eur


def test_every_good_has_a_cost_or_a_reason() -> None:
    lines = [line(g.cn, 1) for g in goods() if g.sector != "electricity"]
    path = cost_path(lines, origin="CHN", years=[2026], price=80)
    assert len(path.lines) + len(path.left_out) == len(lines)
    assert all(reason for _, reason in path.left_out)
    assert len(path.left_out) < 0.05 * len(lines)
    assert path.rows[0].tonnes == len(path.lines)


def test_trade_at_hand() -> None:
    path = cost_path(trade_2024().lines, origin="China", price="75.36", years=[2026])
    row = path.rows[0]
    assert row.lines == 2
    expected = Decimal("480001839.00") + Decimal("264948403.61")
    assert abs(row.gross_eur / expected - 1) < Decimal("0.00015")
    assert row.net_per_tonne < row.gross_per_tonne


def test_routes_tell_white_from_grey() -> None:
    lines = [line("25231000")]
    neither = cost_path([*lines, line("7208")], origin="CHN", years=[2026])
    assert [cn for cn, _ in neither.left_out] == ["25231000"]
    assert "Grey clinker" in neither.left_out[0][1]
    white = cost_path(lines, origin="CHN", years=[2026], routes={"25231000": "B"}).lines[0]
    grey = cost_path(lines, origin="CHN", years=[2026], routes={"25231000": "A"}).lines[0]
    assert (white.base, grey.base) == (Decimal("1.300"), Decimal("1.390"))
    assert (white.sefa, grey.sefa) == tuple(
        Decimal("0.975") * Decimal(b) for b in ("0.859", "0.666")
    )
    assert grey.notes == ()


def test_bad_input() -> None:
    with pytest.raises(InputError, match="no lines of trade from USA"):
        cost_path([line("7208")], origin="USA")
    with pytest.raises(InputError, match="more than 100"):
        cost_path([line("7208")], origin="CHN", reference={"7208": 2300})
    with pytest.raises(InputError, match="is nan"):
        cost_path([line("7208")], origin="CHN", reference={"7208": float("nan")})
    with pytest.raises(NotAvailableError):
        cost_path([line("7208")], origin="CHN", years=[2025])
    with pytest.raises(InputError, match="no years"):
        cost_path([line("7208")], origin="CHN", years=[])
