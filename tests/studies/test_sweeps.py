"""Scenarios and series, against accounts of tables changed by hand; the same on any engine."""

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.compute import Threads
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
