"""Scenarios and series, against accounts of tables changed by hand; the same on any engine."""

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.compute import DaskEngine, Threads
from mriocarbon.errors import DataFileError, InputError, LabelError, UnknownNameError

REGIONS, SECTORS = ["AAA", "BBB"], ["a", "b"]
Z = np.array([[20.0, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]])
Y = np.array([[30.0, 40], [55, 10], [10, 45], [5, 120]])
F = np.array([240.0, 50, 60, 40])


def table(Z=Z, Y=Y, F=F, regions=REGIONS):
    return mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=regions, sectors=SECTORS, stressors={"GHG": F}, households={"GHG": [7, 5]}
    )


def test_scenarios_are_accounts_of_changed_tables():
    base = table()
    q = F / base.x
    scenarios = {
        "as it is": [],
        "clean": [mc.Change("stressor", 0.5, "AAA", "a")],
        "less imported": [mc.Change("flows", 0.5, "AAA", user="BBB")],
        "more demand": [mc.Change("demand", 2.0, user="AAA"), mc.Change("stressor", 0.9)],
    }
    found = mc.sweep(base, scenarios, "consumption")
    z, y = Z.copy(), Y.copy()
    z[:2, 2:] *= 0.5
    y[:, 0] *= 2
    wanted = [
        base,
        table(F=F * [0.5, 1, 1, 1]),
        table(Z=z, F=q * (z.sum(axis=1) + Y.sum(axis=1))),
        table(Y=y, F=0.9 * q * (Z.sum(axis=1) + y.sum(axis=1))),
    ]
    for name, one in zip(scenarios, wanted, strict=True):
        want = mc.account(one, "consumption", households=False).value
        np.testing.assert_allclose([found[name, r] for r in REGIONS], want, rtol=1e-10)
    assert any("output follows" in note.text for note in found.notes)


def test_the_same_on_any_number_of_workers_and_after_a_break(tmp_path):
    names = {f"s{k}": [mc.Change("demand", 1 + k / 10)] for k in range(7)}
    one = mc.sweep(table(), names, engine=Threads(1))
    two = mc.sweep(table(), names, engine=Threads(2), checkpoint=tmp_path / "run")
    for path in sorted((tmp_path / "run").glob("batch-*"))[:3]:
        path.unlink()
    three = mc.sweep(table(), names, checkpoint=tmp_path / "run", resume=True)
    assert (one.value == two.value).all() and (one.value == three.value).all()


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: mc.sweep(table(), {}), InputError, "no scenario"),
        (lambda: mc.Change("taxes", 1.0), UnknownNameError, "stressor"),
        (lambda: mc.Change("flows", -1.0), InputError, "at least 0"),
        (lambda: mc.Change("flows", float("nan")), InputError, "finite"),
        (lambda: mc.sweep(table(), {"x": [mc.Change("flows", 1, "CCC")]}), UnknownNameError, "CCC"),
        (lambda: mc.sweep(table(), {"x": [mc.Change("flows", 1, sector="z")]}), UnknownNameError,
         "z"),
        (lambda: mc.account_series({}), InputError, "no year"),
        (lambda: mc.account_series({2020: "nowhere.npz"}), DataFileError, "nowhere"),
    ],
)  # fmt: skip
def test_bad_requests(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_a_series_of_years(tmp_path):
    files = {}
    for year, growth in ((2021, 1.1), (2020, 1.0)):
        files[year] = mc.save(table(F=growth * F), tmp_path / f"{year}.npz")
    found = mc.account_series(files, "consumption", stressor="GHG", households=False)
    assert found.dims == ("year", "region") and found.coords["year"] == ("2020", "2021")
    np.testing.assert_allclose(found.value[1], 1.1 * found.value[0], rtol=1e-12)
    want = mc.account(table(), "consumption", households=False)
    np.testing.assert_allclose(found.value[0], want.value, rtol=1e-12)
    files[2022] = mc.save(table(regions=["AAA", "XXX"]), tmp_path / "2022.npz")
    with pytest.raises(LabelError, match="2022 has other regions"):
        mc.account_series(files, stressor="GHG")


def test_sweeps_and_series_on_dask_bit_for_bit(tmp_path):
    names = {f"s{k}": [mc.Change("flows", 1 + k / 10, "AAA")] for k in range(5)}
    files = {
        year: mc.save(table(F=F * (year - 1999)), tmp_path / f"{year}.npz") for year in (2000, 2001)
    }
    here = mc.sweep(table(), names, engine=Threads(1)), mc.account_series(files, "consumption")
    with DaskEngine(workers=2) as engine:
        there = (
            mc.sweep(table(), names, engine=engine),
            mc.account_series(files, "consumption", engine=engine),
        )
    for one, other in zip(here, there, strict=True):
        assert one.value.tobytes() == other.value.tobytes()
        assert one.notes == other.notes and one.error == other.error < 1e-10


def test_filters_of_warnings_are_as_before():
    """Two threads in catch_warnings at once leave the filters of the process changed."""
    import sys
    import warnings

    from mriocarbon.uncertainty import ErrorModel, monte_carlo

    before = list(warnings.filters)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        names = {f"s{k}": [mc.Change("demand", 1 + k / 10)] for k in range(40)}
        mc.sweep(table(), names, engine=Threads(4))
        errors = ErrorModel(stressor=0.1, flows=0.1)
        monte_carlo(table(), errors, "income", draws=2000, engine=Threads(4))
    finally:
        sys.setswitchinterval(interval)
    assert list(warnings.filters) == before


def test_a_series_tells_what_its_tables_told(tmp_path):
    oecd = mc.load("oecd-icio-2022")
    path = mc.save(oecd, tmp_path / "2022.npz")
    series = mc.account_series({2022: path}, "consumption", stressor="GHG")
    one = mc.account(oecd, "consumption", stressor="GHG")
    assert series.estimated and set(one.notes) <= set(series.notes)
    # the engine takes one thread of the BLAS, which rounds in another order
    assert series.error == pytest.approx(one.error, rel=0.01)
    assert series.provenance.dataset == one.provenance.dataset
    assert series.provenance.sources == one.provenance.sources
    assert "no change of prices" in series.notes[-1].text


def test_a_file_that_changes_during_a_series_is_told(tmp_path):
    from mriocarbon.compute import BatchError

    class Late(Threads):
        def run(self, *args, **options):
            mc.save(table(F=F * 25), path)
            return super().run(*args, **options)

    path = mc.save(table(), tmp_path / "2000.npz")
    with pytest.raises(BatchError, match="not the one that the run began with"):
        mc.account_series({2000: path}, "consumption", engine=Late(1))


def test_what_rounding_leaves_of_a_cleared_row_is_zero():
    """Nothing is sold any more: output is zero, whatever the order of the sums left."""
    rng = np.random.default_rng(3)
    n = 12
    z, y = 1e6 * rng.random((n, n)), 1e6 * rng.random((n, 3)) + 1e6
    big = mc.MRIO.from_arrays(
        Z=z, Y=y, regions=["a", "b", "c"], sectors=list("pqrs"), stressors={"GHG": rng.random(n)}
    )
    gone = [mc.Change("flows", 0.0, region="a"), mc.Change("demand", 0.0, region="a")]
    found = mc.sweep(big, {"gone": gone}, "production")
    assert found["gone", "a"] == 0.0
    real = mc.load("oecd-icio-2022")
    gone = [mc.Change("flows", 0.0, region="CHN"), mc.Change("demand", 0.0, region="CHN")]
    swept = mc.sweep(real, {"gone": gone}, "consumption", stressor="GHG")
    assert swept["gone", "CHN"] < 300 and swept.provenance.stressor == "GHG"
