"""The docstrings of all public functions: what goes in, what comes out, and an example.

`test_api.py` runs the examples, and looks at the classes of ``mc``.
"""

import importlib
import inspect

import pytest

import mriocarbon as mc

ROOMS = ("lca", "cbam", "industry", "natural", "uncertainty", "avoided", "atlas")
MARK = "-"


def public_functions():
    """Every public function once, by its full name."""
    places = [mc, *(importlib.import_module(f"mriocarbon.{room}") for room in ROOMS)]
    things = (getattr(place, name) for place in places for name in place.__all__)
    return {f"{f.__module__}.{f.__name__}": f for f in things if inspect.isfunction(f)}


FUNCTIONS = public_functions()


def sections(text):
    """The lines of each section of a numpydoc docstring, by its title."""
    lines, found, title = text.splitlines(), {"": []}, ""
    for k, line in enumerate(lines):
        under = lines[k + 1] if k + 1 < len(lines) else ""
        if line and under == MARK * len(line):
            title = line
            found[title] = []
        elif line != MARK * len(title) or not title:
            found[title].append(line)
    return found


def named(lines):
    """The parameters that a section explains: ``a, b : int`` or ``**options``."""
    heads = [line.partition(" :")[0] for line in lines if line and not line.startswith(" ")]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def faults(function):
    """What a docstring lacks, in words."""
    found, signature = sections(inspect.getdoc(function) or ""), inspect.signature(function)
    told, given = named(found.get("Parameters", [])), list(signature.parameters)
    lacking = [f"parameter {name}" for name in given if name not in told]
    lacking += [f"no parameter: {name}" for name in told if name not in given]
    if signature.return_annotation not in (None, "None") and not {"Returns", "Yields"} & set(found):
        lacking.append("section Returns")
    if ">>>" not in "\n".join(found.get("Examples", [])):
        lacking.append("section Examples")
    return lacking


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_public_functions_say_what_goes_in_and_what_comes_out(name):
    assert not faults(FUNCTIONS[name])


def test_there_are_functions_in_every_room():
    assert len(FUNCTIONS) > 150
    for room in ROOMS:
        assert any(name.startswith(f"mriocarbon.{room}.") for name in FUNCTIONS)


def test_the_check_sees_what_is_not_there():
    def bare(a, *, b=1, **c) -> int:
        """Return a number."""

    def told(a, *, b=1, **c) -> int:
        """Return a number.

        Parameters
        ----------
        a, b : int
            Two.
        **c
            More.

        Returns
        -------
        int

        Examples
        --------
        >>> 1
        1
        """

    def old() -> None:
        """Do nothing.

        Parameters
        ----------
        gone : int

        Examples
        --------
        None yet.
        """

    lacking = ["parameter a", "parameter b", "parameter c", "section Returns", "section Examples"]
    assert faults(bare) == lacking
    assert faults(told) == []
    assert faults(old) == ["no parameter: gone", "section Examples"]
