"""What the shell is offered after a tab, that it is true, and that it loads nothing heavy."""

import mriocarbon as mc
from mriocarbon.cli import complete
from mriocarbon.structure.leakage import LEAST_OUTPUT
from mriocarbon.structure.paths import MOST_NODES


def test_the_short_lists_are_what_the_program_knows():
    assert list(complete.PRINCIPLES) == [p.name for p in mc.principles()]
    mrio = mc.load("oecd-icio-2022")
    assert set(complete.STRESSORS) == set(mrio.stressors)
    assert set(complete.regions("")) >= set(mrio.regions)
    assert len(complete.regions("")) == len(set(complete.regions(""))) > 80
    assert complete.data_names("oecd_icio") == ["oecd_icio_2022"]
    assert {one.name for one in mc.catalogue()} <= set(complete.data_names(""))
    assert complete.datasets("oecd-icio") and set(complete.datasets("")) == {
        one.name for one in mc.public_datasets()
    }
    assert (LEAST_OUTPUT, MOST_NODES) == (0.1, 10_000_000)  # as the help says


def test_what_begins_so(tmp_path, monkeypatch):
    assert complete.principles("half") == ["half-half"]
    assert complete.stressors("g") == ["GHG"]
    assert ("China", "CHN") in complete.origins("Chi")
    assert ("CHN", "China") in complete.origins("CH")
    assert ("all", "every origin") in complete.origins("al")
    assert all(code.startswith("72") for code in complete.goods("72")) and complete.goods("72")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.zarr").mkdir()
    (tmp_path / "mine.csv").write_text("")
    assert complete.tables("mi") == ["mine.csv", "mine.zarr/"]
    assert complete.tables("oecd") == ["oecd-icio-2022"]
    assert complete.tables("no/such") == []


def test_a_package_without_its_files_offers_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(complete, "_HOME", tmp_path)
    assert complete.regions("") == [] and complete.goods("") == []
