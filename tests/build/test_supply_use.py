"""Supply and use to symmetric tables: identities, axioms, published figures, named defects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.build.supply_use import ASSUMPTIONS, SupplyUse, to_symmetric
from mriocarbon.errors import InputError, ShapeError, TableWarning, UnknownNameError
from mriocarbon.model import Extension
from mriocarbon.model.side import Side

# IndEcol/pySUT (BSD), pysut/tests/test_known_results.py at commit
# 491a15913d6503841cb74c4a545be162d865e5f2: supply (products x industries), use, stressors, and
# the coefficients that Pauliuk and Majeau-Bettez give for each construct.
SUPPLY = np.array([[30, 1, 1, 0, 0], [1, 5, 1, 0, 0], [2, 0, 3, 0, 0], [0, 0, 1, 1, 0],
                   [0, 0, 0, 0, 8.0]])  # fmt: skip
USE = np.array([[12, 4, 5, 0, 0], [1, 1, 1, 0, 0], [0, 1, 1, 0, 0], [1, 0, 0, 0, 0],
                [0, 1, 1, 0, 0.0]])  # fmt: skip
STRESSORS = np.array([[30, 5, 18, 22.03, 7], [0.4, 0.04, 1, 0.98, 0.8]])
PUBLISHED = {
    "A": [[0.287015945, 0.742596811, 1.323462415, 0, 0],
          [0.009111617, 0.198177677, 0.264236902, 0, 0],
          [-0.025056948, 0.20501139, 0.273348519, 0, 0],
          [0.034168565, -0.006833713, -0.009111617, 0, 0],
          [-0.025056948, 0.20501139, 0.273348519, 0, 0]],
    "B": [[0.387784091, 0.647186147, 0.645454545, 0.416666667, 0],
          [0.038825758, 0.147186147, 0.112121212, 0.083333333, 0],
          [0.010416667, 0.142857143, 0.1, 0.083333333, 0],
          [0.028409091, 0.004329004, 0.012121212, 0, 0],
          [0.010416667, 0.142857143, 0.1, 0.083333333, 0]],
    "C": [[0.403189066, 0.664009112, 0.851936219, 0, 0],
          [0.031476496, 0.125284738, 0.123006834, 0, 0],
          [-0.048871402, 0.25284738, 0.230068337, 0, 0],
          [0.038448264, -0.04214123, -0.038344723, 0, 0],
          [0, 0.166666667, 0.166666667, 0, 0]],
    "D": [[0.345238095, 0.71547619, 0.87172619, 0, 0],
          [0.033008658, 0.139880952, 0.145089286, 0, 0],
          [0.030844156, 0.144642857, 0.14985119, 0, 0],
          [0.015151515, 0, 0, 0, 0],
          [0, 0.166666667, 0.166666667, 0, 0]],
}  # fmt: skip
PUBLISHED_S = {
    "A": [[1.10546697, 0.778906606, -1.971457859, 22.03, 0.875],
          [0.013120729, 0.005375854, 0.000501139, 0.98, 0.1]],
    "B": [[0.972064394, 1.153679654, 2.163636364, 12.515, 0.875],
          [0.016780303, 0.03030303, 0.104848485, 0.573333333, 0.1]],
}  # fmt: skip


def random_tables(seed=0, R=2, m=3, secondary=0.2):
    """Balanced tables of R regions in which secondary production is small enough to invert."""
    rng = np.random.default_rng(seed)
    n = R * m
    V = np.zeros((n, n))
    for r in range(R):
        block = slice(r * m, (r + 1) * m)
        V[block, block] = np.diag(rng.uniform(50, 100, m)) + secondary * rng.uniform(0, 20, (m, m))
    q, g = V.sum(0), V.sum(1)
    U = rng.uniform(0, 1, (n, n))
    U *= 0.5 * min((g / U.sum(0)).min(), (q / U.sum(1)).min())
    share = rng.uniform(0.1, 1, (n, 2 * R))
    Y = share / share.sum(1, keepdims=True) * (q - U.sum(1))[:, None]
    taxes = 0.1 * U.sum(0)[None, :]
    W = np.stack([0.6 * (g - U.sum(0) - taxes[0]), 0.4 * (g - U.sum(0) - taxes[0])])
    F = rng.uniform(0, 9, (2, n))
    return SupplyUse(
        tuple("AB"[:R]), tuple(f"p{k}" for k in range(m)), tuple(f"i{k}" for k in range(m)),
        V, U, Y, ("C", "I"), W, ("wages", "surplus"),
        {"gas": Extension("gas", ("CO2", "CH4"), F, ("Mt", "Mt"))}, Side(("tax",), taxes),
        year=2020,
    )  # fmt: skip


@pytest.mark.parametrize("model", ASSUMPTIONS)
def test_published_coefficients(model):
    labels = tuple("abcde")
    tables = SupplyUse(
        ("W",), labels, labels, SUPPLY.T, USE, (SUPPLY.sum(1) - USE.sum(1))[:, None],
        extensions={"f": Extension("f", ("1", "2"), STRESSORS, ("t", "t"))},
    )  # fmt: skip
    made = to_symmetric(tables, model)
    A = made.table.Z / made.table.x
    np.testing.assert_allclose(A, PUBLISHED[model], rtol=0, atol=6e-10)
    if model in PUBLISHED_S:
        S = made.table.extensions["f"].F / made.table.x
        np.testing.assert_allclose(S, PUBLISHED_S[model], rtol=0, atol=6e-10)
    # kept, counted and named, in the record and in the notes
    counts = {n.what: n.cells for n in made.negatives}
    assert counts == {"A": {"Z": 4, "f/1": 1}, "B": {}, "C": {"Z": 3}, "D": {}}[model]
    assert int((made.table.Z < -1e-12).sum()) == counts.get("Z", 0)
    if counts:
        assert any("W c -> W a" in note.text for note in made.table.notes)


@given(st.integers(0, 10_000), st.sampled_from("ABCD"))
def test_totals_are_the_same_under_every_model(seed, model):
    tables = random_tables(seed)
    table = to_symmetric(tables, model).table
    assert table.Y.sum() == pytest.approx(tables.Y.sum())
    np.testing.assert_allclose(table.Y.sum(0), tables.Y.sum(0), rtol=1e-9)
    np.testing.assert_allclose(table.value_added.sum(1), tables.value_added.sum(1), rtol=1e-9)
    np.testing.assert_allclose(
        table.extensions["gas"].F.sum(1), tables.extensions["gas"].F.sum(1), rtol=1e-9
    )
    assert table.other_inputs.total.sum() == pytest.approx(tables.other_inputs.total.sum())
    assert table.x.sum() == pytest.approx(tables.V.sum())
    # rows and columns balance
    scale = 1e-9 * table.x.max()
    np.testing.assert_allclose(table.Z.sum(1) + table.Y.sum(1), table.x, atol=scale)
    cost = table.Z.sum(0) + table.value_added.sum(0) + table.other_inputs.total
    np.testing.assert_allclose(cost, table.x, atol=scale)
    assert table.diagnostics == ()
    by_product = model in "AB"
    assert table.table_type == ("product-by-product" if by_product else "industry-by-industry")
    assert table.sectors == (tables.products if by_product else tables.industries)


@given(st.integers(0, 10_000))
def test_a_diagonal_make_matrix_makes_all_models_one(seed):
    tables = random_tables(seed, secondary=0.0)
    diagonal = SupplyUse(
        tables.regions, tables.products, tables.industries, np.diag(tables.V.diagonal()),
        tables.U, tables.Y * (tables.V.diagonal() - tables.U.sum(1))[:, None]
        / tables.Y.sum(1)[:, None], ("C", "I"),
    )  # fmt: skip
    first, *others = [to_symmetric(diagonal, model).table for model in "ABCD"]
    np.testing.assert_allclose(first.Z, diagonal.U, rtol=1e-12)
    for other in others:
        np.testing.assert_allclose(other.Z, first.Z, rtol=1e-12)
        np.testing.assert_allclose(other.Y, first.Y, rtol=1e-12)


# The axioms of Kop Jansen & ten Raa (1990) for coefficients A(U, V) by product, with supply
# V' = products x industries: what each model must and need not satisfy.
def coefficients(tables, model, U=None, V=None):
    U, V = (tables.U if U is None else U), (tables.V if V is None else V)
    Y = np.diag(V.sum(0) - U.sum(1))[:, : tables.Y.shape[1]] * 0.0
    Y[:, 0] = V.sum(0) - U.sum(1)
    same = SupplyUse(tables.regions, tables.products, tables.industries, V, U, Y, ("C", "I"))
    table = to_symmetric(same, model).table
    return table.Z / table.x


def axioms(tables, model, seed):
    rng = np.random.default_rng(seed)
    s, p = (rng.uniform(0.5, 2, len(tables.g)) for _ in range(2))
    A, U, V = coefficients(tables, model), tables.U, tables.V

    def holds(a, b):
        return np.allclose(a, b, rtol=1e-9, atol=1e-9 * np.abs(b).max())

    scaled = coefficients(tables, model, U * s, V * s[:, None])
    priced = coefficients(tables, model, U * p[:, None], V * p)
    return {
        "material balance": holds(A @ V.sum(0), U.sum(1)),
        "financial balance": holds(A.sum(0) @ V.T, U.sum(0)),
        "scale invariance": holds(scaled, A),
        "price invariance": holds(priced, p[:, None] * A / p),
    }


@given(st.integers(0, 10_000))
def test_product_technology_satisfies_all_four_axioms(seed):
    tables = random_tables(seed)
    assert all(axioms(tables, "A", seed).values())
    A = coefficients(tables, "A")
    np.testing.assert_allclose(A @ tables.V.T, tables.U, atol=1e-9 * tables.U.max())


@given(st.integers(0, 10_000))
def test_industry_technology_keeps_the_material_balance_only(seed):
    found = axioms(random_tables(seed), "B", seed)
    assert found.pop("material balance")
    assert not any(found.values())


@pytest.mark.parametrize("model", "AC")
def test_a_rectangular_supply_table_names_who_has_no_partner(model):
    tables = SupplyUse(
        ("A",), ("food", "steel", "power"), ("food", "steel"),
        np.array([[5.0, 0, 1], [0, 6, 0]]), np.ones((3, 2)), np.array([[3.0], [4], [-1]]),
    )  # fmt: skip
    with pytest.raises(ShapeError, match="product power"):
        to_symmetric(tables, model)
    for other in "BD":  # the models for such tables
        assert to_symmetric(tables, other).table.Y.sum() == pytest.approx(6)


@pytest.mark.parametrize("model", "AC")
def test_a_singular_supply_table_names_who_makes_it_so(model):
    V = np.array([[4.0, 2, 0], [8, 4, 0], [0, 0, 9]])
    U = np.full((3, 3), 0.5)
    tables = SupplyUse(
        ("A",), ("p", "q", "r"), ("i", "j", "k"), V, U, (V.sum(0) - U.sum(1))[:, None]
    )
    with pytest.raises(InputError, match="singular") as caught:
        to_symmetric(tables, model)
    assert "industries A i, A j; products A p, A q" in str(caught.value)


def test_a_small_industry_is_not_taken_for_a_singular_one():
    V = np.diag([1e9, 1e-6])
    tables = SupplyUse(("A",), ("p", "q"), ("i", "j"), V, V / 4, (V.sum(0) * 0.75)[:, None])
    np.testing.assert_allclose(to_symmetric(tables, "A").table.Z, V / 4, rtol=1e-12)


@pytest.mark.parametrize("model", ASSUMPTIONS)
def test_idle_products_and_industries_give_zeros(model):
    V = np.diag([5.0, 0, 7])
    U = np.array([[1.0, 0, 1], [0, 0, 0], [1, 0, 1]])
    tables = SupplyUse(("A",), ("p", "q", "r"), ("i", "j", "k"), V, U, np.array([[3.0], [0], [5]]))
    table = to_symmetric(tables, model).table
    np.testing.assert_allclose(table.Z, U, rtol=1e-12)
    assert table.x.tolist() == [5, 0, 7]


def test_what_would_be_lost_is_an_error():
    V = np.diag([5.0, 0.0])
    U = np.array([[1.0, 1], [0, 0]])
    tables = SupplyUse(("A",), ("p", "q"), ("i", "j"), V, U, np.array([[3.0], [0]]))
    for model in "AB":
        with pytest.raises(InputError, match="industry A j"):
            to_symmetric(tables, model)
    with pytest.warns(TableWarning, match="A q by -1"):
        tables = SupplyUse(("A",), ("p", "q"), ("i", "j"), V, U.T * 1.0, np.array([[4.0], [0]]))
    for model in "CD":
        with pytest.raises(InputError, match="product A q"):
            to_symmetric(tables, model)


def test_supply_across_regions_is_inverted_as_a_whole():
    tables = random_tables(3)
    V = tables.V.copy()
    V[0, 5] = 2.0  # an industry of A makes a product of B
    q = V.sum(0)
    Y = tables.Y * ((q - tables.U.sum(1)) / tables.Y.sum(1))[:, None]
    both = SupplyUse(tables.regions, tables.products, tables.industries, V, tables.U, Y, ("C", "I"))
    table = to_symmetric(both, "A").table
    A = table.Z / table.x
    np.testing.assert_allclose(A @ V.T, tables.U, atol=1e-10 * tables.U.max())


def test_more_active_industries_than_products_are_named():
    V = np.array([[5.0, 0], [3, 0]])
    tables = SupplyUse(("A",), ("p", "q"), ("i", "j"), V, np.eye(2)[:, ::-1] * 0 + 0.0,
                       np.array([[8.0], [0]]))  # fmt: skip
    with pytest.raises(InputError, match="product A q"):
        to_symmetric(tables, "C")


def test_bad_tables_are_refused():
    with pytest.raises(ShapeError):
        SupplyUse(("A",), ("p",), ("i",), np.ones((2, 1)), np.ones((1, 1)), np.ones((1, 1)))
    with pytest.raises(InputError, match="A q"):
        SupplyUse(("A",), ("p", "q"), ("i", "j"), np.array([[1.0, 0], [0, -1]]),
                  np.zeros((2, 2)), np.zeros((2, 1)))  # fmt: skip
    with pytest.raises(UnknownNameError):
        to_symmetric(random_tables(), "E")
    with pytest.warns(TableWarning, match="do not balance"):
        SupplyUse(("A",), ("p",), ("i",), np.ones((1, 1)), np.ones((1, 1)), np.ones((1, 1)))
