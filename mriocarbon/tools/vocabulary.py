"""Names in English and Chinese from the tables in `names`, read as codes.

A word for many ("steel", "水泥") is never narrowed down: `AmbiguousNameError` offers what it can
mean, also where it is misspelt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mriocarbon.errors import AmbiguousNameError, InputError, UnknownNameError
from mriocarbon.model.labels import fold
from mriocarbon.tools import resolve
from mriocarbon.tools.resolve import Read
from mriocarbon.tools.sector_words import rows_of

__all__ = ["Vocabulary"]

MOST = 12
"""Options offered for one name: more than a person reads."""
LONGEST = 5
"""Words in a name that is compared with the known ones: a sentence is like everything."""
_FAMILY = "*"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names of one kind of thing.

    Attributes
    ----------
    kind : str
        For messages: "good", "process".
    names : mapping of str to str
        Folded name to code.
    shown : mapping of str to str
        Code to its name for a reader.
    families : mapping of str to tuple of str
        Folded word for many to their codes.
    """

    kind: str
    names: Mapping[str, str]
    shown: Mapping[str, str]
    families: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, kind: str, table: str, families: str, codes: Iterable[str] = ()) -> Vocabulary:
        """Read the two tables; `codes` are known under themselves as well.

        Raises
        ------
        InputError
            One name for two things.
        """
        names = {fold(code): code for code in codes}
        shown = dict(zip(names.values(), names.values(), strict=True))
        for row in rows_of(table):
            code = row["code"]
            spoken = [name for part in (row["en"], row["zh"]) for name in part.split("|") if name]
            shown[code] = spoken[0]
            for name in spoken:
                if names.setdefault(fold(name), code) != code and fold(name) not in shown:
                    raise InputError(f"{name!r} names two of them", where=table)
        wide = {
            fold(name): tuple(row["codes"].split())
            for row in rows_of(families)
            for name in row["names"].split("|")
        }
        return cls(kind, names, shown, wide)

    def options(self, codes: Iterable[str]) -> list[tuple[str, str]]:
        """Return codes with their names, as many as a person reads."""
        return [(code, self.shown.get(code, code)) for code in list(codes)[:MOST]]

    def exact(self, name: str) -> Read | None:
        """Return what a name means without any guessing; None if it is not in the tables.

        Raises
        ------
        AmbiguousNameError
            A word for many.
        """
        asked = fold(name)
        if asked in self.families:
            return self._one(name, self.families[asked], "name")
        if asked in self.names:
            return self._one(name, (self.names[asked],), "name")
        return None

    def read(self, name: str) -> Read:
        """Return what a name means, misspelt ones included.

        Raises
        ------
        AmbiguousNameError
            It fits several; the options are codes with their names.
        UnknownNameError
            It fits none.
        """
        if (found := self.exact(name)) is not None:
            return found
        if len(name.split()) > LONGEST:
            raise UnknownNameError(
                f"no {self.kind} is named {name[:60]!r}", where=self.kind,
                do=f"give the name of one {self.kind}, or its code",
            )  # fmt: skip
        every = dict(self.names) | {
            text: f"{_FAMILY}{text}" for text, codes in self.families.items() if len(codes) > 1
        }
        try:
            read = resolve.choose(self.kind, name, every, self.shown)
        except AmbiguousNameError as error:
            near = self._spread(code for code, _ in error.options)
            raise AmbiguousNameError(self.kind, name, self.options(near)) from None
        return self._one(name, self._spread([read.code]), read.how)

    def _one(self, name: str, codes: tuple[str, ...], how: str) -> Read:
        if len(codes) > 1:
            raise AmbiguousNameError(self.kind, name, self.options(codes))
        code = codes[0]
        return Read(name, code, self.shown.get(code, code), "code" if code == name else how)

    def _spread(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Codes, with those of a family in its place."""
        found: list[str] = []
        for code in codes:
            found += self.families[code[1:]] if code.startswith(_FAMILY) else [code]
        return tuple(dict.fromkeys(found))
