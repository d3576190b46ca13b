"""Made-up tables by bands: plausible, balanced, the same for one seed; and their benchmark."""

import numpy as np
import pytest
from properties.steps import Steps

import mriocarbon as mc
from benchmarks import gloria
from benchmarks.synthetic_bands import arrays, supply_use, symmetric
from mriocarbon.accounts import streamed

R, S = 6, 20


@pytest.mark.parametrize("make", [symmetric, supply_use])
def test_made_up_tables_are_plausible_and_balanced(make):
    made = arrays(make(R, S), 2)
    Z, Y, x = made["Z"], made["Y"], made["x"]
    np.testing.assert_array_equal(Z.sum(axis=1) + Y.sum(axis=1), x)
    assert (Z >= 0).all() and (Y >= 0).all() and made["F"].shape == (2, len(x))
    live = x > 0
    assert not Z[~live].any() and not Z[:, ~live].any() and not made["F"][:, ~live].any()
    A = np.divide(Z, x, out=np.zeros_like(Z), where=live)
    assert 0.4 < np.abs(np.linalg.eigvals(A)).max() < 0.85
    assert np.log10(x[live].max() / x[live].min()) > 2
    width = len(made["sectors"])
    blocks = Z.reshape(R, width, R, width).sum(axis=(1, 3))
    assert 0.8 < np.trace(blocks) / blocks.sum() < 0.97  # what is supplied lies at home too
    table = mc.MRIO.from_arrays(
        Z=Z, Y=Y, x=x, regions=made["regions"], sectors=made["sectors"],
        stressors={"GHG": made["F"][0]},
    )  # fmt: skip
    total = mc.account(table, "consumption", households=False).total
    assert total == pytest.approx(made["F"][0].sum())


def test_supply_and_use_lie_where_they_must():
    table = supply_use(R, S)
    Z = arrays(table, 1)["Z"].reshape(R, 2, S, R, 2, S)
    industries, products = 0, 1
    assert not Z[:, industries, :, :, industries].any()
    assert not Z[:, products, :, :, products].any()
    supply = Z[:, industries, :, :, products]
    for r in range(R):
        assert supply[r, :, r].any() and not np.delete(supply[r], r, axis=1).any()
    uses = Z[:, products, :, :, industries].sum(axis=(2, 3))
    sold = uses + table.Y.reshape(R, 2, S, R)[:, products].sum(axis=2)
    np.testing.assert_allclose(supply.sum(axis=(1, 2)), sold, rtol=1e-5)  # all of it is supplied
    assert not table.Y.reshape(R, 2, S, R)[:, industries].any()
    assert not table.emitted(1).reshape(R, 2, S)[:, products].any()


@pytest.mark.parametrize("make", [symmetric, supply_use])
def test_one_seed_gives_one_table_and_bands_come_in_any_order(make):
    table = make(R, S, seed=3)
    np.testing.assert_array_equal(table.rows(4), list(make(R, S, seed=3).bands())[4])
    np.testing.assert_array_equal(table.Y, make(R, S, seed=3).Y)
    assert (table.rows(4) != make(R, S, seed=4).rows(4)).any()


@pytest.mark.parametrize("n", [19680, 39360])
def test_the_benchmark_measures_a_small_table(tmp_path, monkeypatch, n):
    monkeypatch.setattr(streamed, "Leontief", Steps)
    case, result = gloria.CASES[n], tmp_path / "result.json"
    made = gloria.make(case, R, S, tmp_path)
    assert [figure.name for figure in made] == ["making it", "on disk"]
    assert gloria.make(case, R, S, tmp_path) == []  # it is there already
    gloria.work(case, R, S, tmp_path, result)
    assert '"gap": ' in result.read_text()


def test_the_benchmark_runs_in_a_process_of_its_own(capsys):
    assert gloria.main(["19680", "--regions", "4", "--sectors", "10"]) == 0
    out = capsys.readouterr().out
    assert "4 regions, 40 sectors" in out and "peak memory, 40 sectors" in out


def test_accounts_that_do_not_close_are_an_error(monkeypatch):
    monkeypatch.setattr(gloria, "CLOSES", 0.0)
    with pytest.raises(AssertionError, match="do not close"):
        gloria.measure(19680, 4, 10)


def test_another_table_in_the_kept_folder_is_not_taken_for_this_one(tmp_path, capsys):
    case = gloria.CASES[19680]
    gloria.make(case, 3, 8, tmp_path)
    with pytest.raises(FileExistsError, match="holds another table"):
        gloria.make(case, 4, 8, tmp_path)
    with pytest.raises(SystemExit):
        gloria.main(["19680", "--keep", str(tmp_path)])
    assert "holds another table" in capsys.readouterr().err
