"""The lower bounds as requirements."""

import tomllib

import pytest

from scripts.lowest import PROJECT, lowest, main


def test_a_bound_is_pinned_with_its_extras():
    assert lowest(["numpy>=2.0", "h5netcdf[h5py]>=1.3", "python-calamine>=0.2"]) == [
        "numpy==2.0", "h5netcdf[h5py]==1.3", "python-calamine==0.2",
    ]  # fmt: skip


@pytest.mark.parametrize("one", ["numpy", "numpy==2.0", "numpy>=2.0,<3", "numpy>2", "numpy>=2.0b1"])
def test_another_form_is_refused(one):
    with pytest.raises(ValueError, match="no lower bound"):
        lowest([one])


def test_every_dependency_has_a_bound(capsys):
    main()
    told = capsys.readouterr().out.split()
    needed = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    assert len(needed) < len(told) and all("==" in one for one in told)
