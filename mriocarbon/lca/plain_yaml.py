"""YAML in which every key of a mapping stands once: a second one would replace the first unseen."""

from __future__ import annotations

from typing import Any

from mriocarbon.errors import DataFileError, InputError

__all__ = ["read_yaml"]


def read_yaml(text: str, *, file: str, where: str = "") -> tuple[Any, Any]:
    """Return the data of a YAML text, and its nodes, which know their lines.

    Parameters
    ----------
    text : str
    file : str
        Name of the file, for messages.
    where : str
        How messages name the place; the file if not given.

    Raises
    ------
    DataFileError
        No YAML; with the line.
    InputError
        A key that a mapping holds twice; with both lines.

    Examples
    --------
    >>> read_yaml("a: 1\\nb: [2, 3]", file="x.yaml")[0]
    {'a': 1, 'b': [2, 3]}
    """
    import yaml

    place = where or file
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        seen = f", line {mark.line + 1}" if mark else ""
        raise DataFileError(
            f"{file} is no YAML: {getattr(error, 'problem', error)}", where=f"{place}{seen}",
            do="correct the line; indent with spaces",
        ) from error  # fmt: skip
    except (ValueError, RecursionError, OverflowError) as error:
        # 2022-02-31 is no day, and nobody nests a study a thousand levels deep
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DataFileError(
            f"{file} cannot be read: {what}", where=place,
            do="correct the value; put text that looks like a date or a number in quotes",
        ) from error  # fmt: skip
    _once(node, place, set())
    return raw, node


def _once(node: Any, place: str, seen: set[int]) -> None:
    # an alias leads to the same node again, perhaps to one that holds it
    if node is None or id(node) in seen or not isinstance(node.value, list):
        return
    seen.add(id(node))
    lines: dict[tuple[str, str], int] = {}
    for part in node.value:
        if not isinstance(part, tuple):
            _once(part, place, seen)
            continue
        key, value = part
        line, name = key.start_mark.line + 1, str(key.value)
        if (key.tag, name) in lines:
            raise InputError(
                f"{name!r} is given twice in one mapping",
                where=f"{place}, lines {lines[key.tag, name]} and {line}",
                do="keep one of them, or join both into one",
            )  # fmt: skip
        lines[key.tag, name] = line
        _once(value, place, seen)
