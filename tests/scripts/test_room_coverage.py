"""Lines and branches of a room must each reach its floor."""

import json

import pytest

from scripts.room_coverage import STRICT, Room, main, rooms, told


def report(**other):
    """Every strict room whole, and others with these lines, lines run, branches, branches run."""
    keys = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    files = dict.fromkeys(STRICT, (100, 100, 50, 50)) | other
    return {
        "meta": {"branch_coverage": True},
        "files": {
            f"mriocarbon/{name}/a.py": {"summary": dict(zip(keys, counts, strict=True))}
            for name, counts in files.items()
        },
    }


@pytest.mark.parametrize(
    ("counts", "holds"),
    [
        ((100, 85, 100, 85), True),
        ((100, 84, 100, 100), False),
        ((1000, 1000, 100, 84), False),  # many lines do not make up for few branches
        ((100, 100, 0, 0), True),
    ],
)
def test_each_has_to_reach_the_floor(counts, holds, tmp_path, capsys):
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps(report(io=counts)), encoding="utf-8")
    assert main(path) == (not holds)
    assert ("below the floor: io" in capsys.readouterr().out) == (not holds)


def test_rooms_of_numbers_have_the_higher_floor():
    assert Room("solve", 100, 100, 100, 94).holds is False
    assert Room("solve", 100, 95, 100, 95).holds and Room("io", 100, 86, 100, 94).holds


def test_a_share_is_never_rounded_up():
    almost = Room("solve", 100_000, 94_999, 10, 10)
    assert not almost.holds and "BELOW" in told((almost,))


def test_what_was_not_measured_is_not_passed():
    with pytest.raises(ValueError, match="branches were not measured"):
        rooms({**report(), "meta": {"branch_coverage": False}})
    few = report()
    del few["files"]["mriocarbon/solve/a.py"]
    with pytest.raises(ValueError, match="lacks solve"):
        rooms(few)
