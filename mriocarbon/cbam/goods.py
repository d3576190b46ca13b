"""The goods of Annex I to Regulation (EU) 2023/956: sector, gases, and what is charged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mriocarbon.cbam.codes import cn_digits, covers, spaced
from mriocarbon.cbam.law import ACTS, Citation
from mriocarbon.cbam.source import DEFAULTS, GOODS, legal_table
from mriocarbon.errors import UnknownNameError

SECTOR_OF = {
    "Cement": "cement",
    "Fertilisers": "fertilisers",
    "Iron and steel": "iron_steel",
    "Aluminium": "aluminium",
    "Hydrogen": "hydrogen",
}
"""Names of the sectors in the tables of 2025/2621 and here."""


@dataclass(frozen=True, slots=True)
class Good:
    """A good that the CBAM covers.

    Attributes
    ----------
    cn : str
        Eight digits.
    sector, category, description : str
    gases : tuple of str
        ``CO2``, ``N2O``, ``PFC``: those that its emissions count.
    indirect_in_scope : bool
        Whether emissions of the electricity used are charged: they are not for goods of
        Annex II (iron and steel, aluminium, hydrogen, but for agglomerated ore).
    source : Citation
    """

    cn: str
    sector: str
    category: str
    gases: tuple[str, ...]
    indirect_in_scope: bool
    description: str
    source: Citation

    @property
    def scope(self) -> str:
        """What is charged: ``direct`` or ``direct+indirect``."""
        return "direct+indirect" if self.indirect_in_scope else "direct"


@lru_cache(maxsize=1)
def goods() -> tuple[Good, ...]:
    """Return all goods in the order of their codes.

    To the 569 codes of Annex I come the codes that only the later nomenclature of 2025/2621
    lists (such as 3102 10 19, which with others replaced 3102 10 10); a code of which Annex I
    knows not even the heading (7615, listed for one country) is no good of the CBAM.

    Examples
    --------
    >>> goods()[0].description
    'Other kaolinic clays'
    """
    table, sha256 = legal_table(GOODS)
    act = ACTS["2023/956"]
    found: dict[str, Good] = {}
    for row in table["goods"]:
        found[row["cn"]] = Good(
            cn=row["cn"],
            sector=row["sector"],
            category=row["category"],
            gases=_gases(row["ghg"]),
            indirect_in_scope=_indirect(row["cn"], row["sector"]),
            description=row["description"],
            source=Citation(act.number, "Annex I", f"CN {row['display']}", act.edition, sha256),
        )
    known = list(found.values())
    named = headings()
    rows, sha256 = legal_table(DEFAULTS)
    act = ACTS["2025/2621"]
    for row in rows:
        cn = cn_digits(row["cn_code"])
        if len(cn) < 8 or cn in found or cn[:4] not in named:
            continue
        sector = SECTOR_OF[row["sector"]]
        like = next((g for g in known if g.cn[:6] == cn[:6]), None) or next(
            g for g in known if g.sector == sector
        )
        found[cn] = Good(
            cn=cn,
            sector=sector,
            category=like.category,
            gases=like.gases,
            indirect_in_scope=_indirect(cn, sector),
            description=row["description"],
            source=Citation(act.number, "Annex I", f"CN {spaced(cn)}", act.edition, sha256),
        )
    return tuple(found[cn] for cn in sorted(found))


@lru_cache(maxsize=1)
def headings() -> frozenset[str]:
    """Return the headings of four digits that hold a good of Annex I to 2023/956.

    Examples
    --------
    >>> "7616" in headings(), "7615" in headings()
    (True, False)
    """
    return frozenset(row["cn"][:4] for row in legal_table(GOODS)[0]["goods"])


def _gases(text: str) -> tuple[str, ...]:
    """Read the column of gases; the list is closed, so a new wording must not pass unread."""
    folded = text.casefold().replace("-", "")  # "perfluoro-carbons" stands there as well
    found = ["CO2"] if "carbon dioxide" in folded else []
    if "nitrous oxide" in folded:
        found.append("N2O")
    if "perfluorocarbon" in folded:
        found.append("PFC")
    assert found, text
    return tuple(found)


def _indirect(cn: str, sector: str) -> bool:
    return sector in ("cement", "fertilisers") or cn.startswith("2601")


def good(code: str | int) -> tuple[Good, ...]:
    """Return the goods that a code names or covers.

    Parameters
    ----------
    code : str or int
        CN code of 4, 6 or 8 digits.

    Returns
    -------
    tuple of Good
        One for a code of eight digits; all below a shorter one.

    Raises
    ------
    InputError
        The code is malformed.
    UnknownNameError
        The CBAM does not cover it; near codes are named.

    Examples
    --------
    >>> [g.cn for g in good("7601")]
    ['76011010', '76011090', '76012030', '76012040', '76012080']
    """
    return _good(cn_digits(code))


@lru_cache(maxsize=4096)
def _good(cn: str) -> tuple[Good, ...]:
    found = tuple(g for g in goods() if covers(cn, g.cn))
    if found:
        return found
    for length in (6, 4, 2):
        near = sorted({g.cn for g in goods() if g.cn[:length] == cn[:length]})
        if near:
            break
    if length == 2:  # another heading of the chapter: the closest first
        near.sort(key=lambda c: abs(int(c[:4]) - int(cn[:4])))
    shown = ", ".join(f"{spaced(c)} ({_good(c)[0].description[:40]})" for c in near[:4])
    raise UnknownNameError(
        f"CN {spaced(cn)} is not covered by the CBAM",
        where="Regulation (EU) 2023/956, Annex I",
        do=f"nearest that are: {shown}" if near else "no good of its chapter is covered",
    )


def scope_of(cn: str | int) -> str:
    """Return ``direct`` or ``direct+indirect``: what is charged for a good.

    Examples
    --------
    >>> scope_of("7208"), scope_of("2523 10 00"), scope_of("2601 12 00")
    ('direct', 'direct+indirect', 'direct+indirect')
    """
    return good(cn)[0].scope


@lru_cache(maxsize=4096)
def gases_of(cn: str) -> tuple[str, ...]:
    """Return the gases that count for the goods under a code.

    Examples
    --------
    >>> gases_of("7601"), gases_of("7208")
    (('CO2', 'PFC'), ('CO2',))
    """
    return tuple(dict.fromkeys(gas for g in goods() if covers(cn, g.cn) for gas in g.gases))
