"""Words for the industries of the OECD table: names of one, names of several, sections of ISIC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mriocarbon import embedded
from mriocarbon.model.labels import fold

__all__ = ["Family", "industries", "rows_of", "sector_chinese", "sector_name"]


def rows_of(table: str) -> list[dict[str, str]]:
    """Return the rows of a table in `names`."""
    return embedded.rows("tools", "names", table)


@dataclass(frozen=True, slots=True)
class Family:
    """A word for several industries: those that are offered first, and its sections of ISIC."""

    codes: tuple[str, ...]
    sections: tuple[str, ...]

    def within(self, known: Sequence[str]) -> tuple[list[str], str]:
        """Return its industries in a table, and what it is in words."""
        ours = industries()[2]  # a label of another table may begin with the letter by chance
        found = [code for code in self.codes if code in known]
        found += [code for code in known
                  if code[:1] in self.sections and code in ours and code not in found]  # fmt: skip
        if not self.sections:
            return found, ""
        names = (self.sections[0] if len(self.sections) == 1
                 else f"{', '.join(self.sections[:-1])} and {self.sections[-1]}")  # fmt: skip
        word = "section" if len(self.sections) == 1 else "sections"
        return found, f"is {word} {names} of ISIC: {len(found)} industries"


@lru_cache(maxsize=1)
def industries() -> tuple[Mapping[str, str], Mapping[str, Family], Mapping[str, str]]:
    """Return names -> code, words for many -> what they are, code -> Chinese name; of the ICIO."""
    names: dict[str, str] = {}
    chinese: dict[str, str] = {}
    for row in rows_of("sectors.csv"):
        code = row["code"]
        chinese[code] = row["zh"]
        for text in (code, row["zh"], *row["names"].split("|")):
            names.setdefault(fold(text), code)
    families = {
        fold(text): Family(tuple(row["codes"].split()), tuple(row["sections"].split()))
        for row in rows_of("sector_families.csv") for text in row["names"].split("|")
    }  # fmt: skip
    return names, families, chinese


def sector_name(code: str) -> str:
    """Return the English name of an industry of the OECD table; the label itself of another."""
    from mriocarbon.report.sector_names import sector_name as named

    return named(code, "oecd-icio")


def sector_chinese(code: str) -> str:
    """Return the Chinese name of an industry of the OECD table; the label itself of another."""
    return industries()[2].get(code, code)
