"""Tables with every field, and what it means that two are the same."""

import warnings

import numpy as np
from properties.tables import TOY_F, TOY_Y, TOY_Z

import mriocarbon as mc
from mriocarbon.errors import MriocarbonWarning


def full() -> mc.MRIO:
    """Every field that a table can have; three categories, so that Y is wider than regions."""
    n, columns = 4, 6
    rng = np.random.default_rng(3)
    Z, Y = TOY_Z / 3, np.repeat(TOY_Y / 7, 3, axis=1)
    F_Y = rng.random((2, columns))
    F_Y[1] = np.nan
    F_Y[0, 2] = np.nan
    stressors = mc.Extension(
        "air/CO2, ..%41 é", ("CO2", "CH4"), np.stack([TOY_F / 3, TOY_F]), ("Mt CO2", "kt CH4"),
        F_Y, F_Y / 2, F_Y * 2,
        (mc.Note("a note", "CO2", estimated=True, sources=(mc.Source("s", "c", "l"),)),),
    )  # fmt: skip
    bare = mc.Extension("bare", ("km²",), np.zeros((1, n)), ("km2",))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        table = mc.MRIO.from_arrays(
            Z=Z, Y=Y, regions=["A", "B"], sectors=["1", "2"], categories=["c", "g", "k"],
            x=Z.sum(1) + Y.sum(1) + 0.1, value_added=rng.random((2, n)),
            value_added_rows=["wages", "profits"], money_unit="million EUR", year=2022,
            price_year=2015,
            notes=[mc.Note("imports are estimated", estimated=True)],
            provenance=mc.Provenance(
                "toy", "2nd", "", sources=(mc.Source("book", "Author 2001", "CC0"),),
                steps=("made",),
            ),
            other_inputs=mc.Side(("taxes", "abroad"), rng.random((2, n)), rng.random((2, columns))),
            other_uses=mc.Side(("discrepancy",), np.full((1, n), 0.1)),
            table_type="product-by-product", price_basis="purchasers",
            estimated={
                "Z": np.array([[True], [False], [False], [True]]),
                "Y": rng.random((n, columns)) > 0.5,
                "x": np.array(True), "value_added": np.ones((1, n), bool),
            },
        )  # fmt: skip
        return table.replace_extensions(stressors, bare)


def same(a: mc.MRIO, b: mc.MRIO) -> None:
    """Equal to the last bit, in everything but the hash of the file."""
    for name in (
        "index", "categories", "value_added_rows", "money_unit", "year", "price_year", "notes",
        "table_type", "price_basis",
    ):  # fmt: skip
        assert getattr(a, name) == getattr(b, name), name

    def bits(have, want, what):
        assert (have is None) == (want is None), what
        if have is not None:
            assert have.dtype == want.dtype, what
            np.testing.assert_array_equal(have, want, err_msg=what)
            if have.dtype == float:
                np.testing.assert_array_equal(np.signbit(have), np.signbit(want))

    for name in ("Z", "Y", "x", "value_added"):
        bits(getattr(a, name), getattr(b, name), name)
    for name in ("other_inputs", "other_uses"):
        p, q = getattr(a, name), getattr(b, name)
        assert (p is None) == (q is None)
        if p is not None:
            assert p.labels == q.labels
            bits(p.values, q.values, name)
            bits(p.final_demand, q.final_demand, name)
    assert set(a.estimated) == set(b.estimated)
    for name, mask in a.estimated.items():
        assert mask.shape == b.estimated[name].shape
        bits(mask, b.estimated[name], name)
    assert set(a.extensions) == set(b.extensions)
    for name, p in a.extensions.items():
        q = b.extensions[name]
        assert (p.name, p.stressors, p.units, p.notes) == (q.name, q.stressors, q.units, q.notes)
        for part in ("F", "F_Y", "F_Y_low", "F_Y_high"):
            bits(getattr(p, part), getattr(q, part), part)
    for name in ("dataset", "edition", "sources", "steps"):
        assert getattr(a.provenance, name) == getattr(b.provenance, name)


def wide() -> mc.MRIO:
    """Five regions of 30 sectors: with chunks of 60 rows, Z lies in three by three of them."""
    rng = np.random.default_rng(5)
    n = 150
    Z, Y = rng.random((n, n)), rng.random((n, 5)) * 100
    Z[:60, :60] = 0.0  # a whole chunk of zeros
    return mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=list("ABCDE"), sectors=[str(k) for k in range(30)],
        stressors={name: rng.random(n) for name in "vwxyz"},
        households={name: rng.random(5) for name in "vwxyz"},
    )  # fmt: skip
