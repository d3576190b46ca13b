"""Records of checks hold what they must, and nothing else."""

import pytest

from mriocarbon.errors import InputError
from mriocarbon.lca.checks import STATUSES, Check, counts, failed, worst


@pytest.mark.parametrize(
    ("step", "name", "status", "detail"),
    [
        ("inventories", "unit", "pass", ""),
        ("goal", "unit", "ok", ""),
        ("goal", " ", "pass", ""),
        ("goal", "unit", "fail", " "),
        ("goal", "unit", "skipped", ""),
    ],
)
def test_what_is_no_record_is_refused(step: str, name: str, status: str, detail: str) -> None:
    with pytest.raises(InputError):
        Check(step, name, status, detail)


def test_figures_cannot_be_changed_from_outside() -> None:
    figures = {"gap, %": 3.0}
    check = Check("inventory", "mass", "warn", "gap", figures=figures)
    figures["gap, %"] = 0.0
    assert check.figures == {"gap, %": 3.0}
    with pytest.raises(TypeError):
        check.figures["gap, %"] = 0.0  # type: ignore[index]


def test_the_gravest_status_decides() -> None:
    checks = [Check("goal", s, s, "because") for s in STATUSES]
    assert worst(checks) == "fail"
    assert worst(checks[:2]) == "warn"
    assert worst([checks[0], checks[3]]) == "skipped"
    assert worst(checks[:1]) == "pass"
    assert worst([]) == "skipped"
    assert counts(checks) == dict.fromkeys(STATUSES, 1)
    assert failed(checks) == (checks[2],)
