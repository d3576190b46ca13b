"""The acts, the rates they fix, and how a figure cites its place in them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from mriocarbon.errors import InputError, UnknownNameError

VINTAGES = ("2025/2621", "2023")
"""Tables of default values: the definitive period, and the transitional one (2023 to 2025)."""
SECTORS = ("cement", "fertilisers", "iron_steel", "aluminium", "hydrogen")
FIRST_YEAR = 2026
LAST_COLUMN = 2028
"""The annex's last mark-up column reads "2028 and onwards"."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act of EU law, or a document of the Commission.

    Attributes
    ----------
    number, title, url, edition : str
    date : str
        Of the act; "" where only its year is known.
    """

    number: str
    title: str
    url: str
    edition: str
    date: str = ""


ACTS = MappingProxyType(
    {
        "2023/956": Act(
            "Regulation (EU) 2023/956",
            "establishing a carbon border adjustment mechanism",
            "https://eur-lex.europa.eu/eli/reg/2023/956/oj",
            "as amended by Regulation (EU) 2025/2083",
            "10 May 2023",
        ),
        "2025/2621": Act(
            "Implementing Regulation (EU) 2025/2621",
            "default values of the definitive period",
            "https://eur-lex.europa.eu/eli/reg_impl/2025/2621/oj",
            "as published, before the correcting Regulation (EU) 2026/1740",
            "16 December 2025",
        ),
        "2025/2620": Act(
            "Implementing Regulation (EU) 2025/2620",
            "benchmarks for the adjustment to free allocation",
            "https://eur-lex.europa.eu/eli/reg_impl/2025/2620/oj",
            "as published",
        ),
        "2025/2547": Act(
            "Implementing Regulation (EU) 2025/2547",
            "calculation of embedded emissions",
            "https://eur-lex.europa.eu/eli/reg_impl/2025/2547/oj",
            "as published",
            "10 December 2025",
        ),
        "2003/87": Act(
            "Directive 2003/87/EC",
            "EU emissions trading, Article 10a(1a): phase-out of free allocation",
            "https://eur-lex.europa.eu/eli/dir/2003/87/oj",
            "as amended by Directive (EU) 2023/959",
            "13 October 2003",
        ),
        "2023": Act(
            "Default values of the transitional period",
            "European Commission, 22 December 2023; Vidovic et al. (2023), JRC134682",
            "https://taxation-customs.ec.europa.eu/carbon-border-adjustment-mechanism_en",
            "22 December 2023",
            "22 December 2023",
        ),
    }
)
"""The acts by short number."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a legal figure stands.

    Attributes
    ----------
    act, annex, row, edition : str
        Number of the act, annex and table in it, the row, and the state of the text.
    sha256 : str
        Of the file that the figure was read from.
    """

    act: str
    annex: str
    row: str
    edition: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.act}, {self.annex}, {self.row} ({self.edition})"


DESIGN = (
    (
        "the default values are conservative by design: with their mark-up they shall not"
        " understate the emissions embedded in the goods, since an importer could else declare"
        " less than was emitted",
        "Implementing Regulation (EU) 2025/2621, recital 3",
    ),
    (
        "the same recital bounds them: the values with their mark-up have to be proportionate,"
        " and necessary for the aims of the CBAM",
        "Implementing Regulation (EU) 2025/2621, recital 3",
    ),
    (
        "where no data were held reliable enough, the average of the ten exporting countries with"
        " the highest emission intensities is the basis",
        "Regulation (EU) 2023/956, Annex IV; Implementing Regulation (EU) 2025/2621, recital 2",
    ),
    (
        "a mark-up for deviations is put on every value: 10, 20 and 30 % for 2026, 2027 and from"
        " 2028 on, 1 % for fertilisers",
        "Implementing Regulation (EU) 2025/2621, recital 4 and Annex I",
    ),
)
"""What the law itself says of its default values, in our words, with the place."""

DE_MINIMIS_TONNES = Decimal(50)
"""Per importer and calendar year, over all goods but hydrogen and electricity; 50 t is exempt
(Regulation (EU) 2023/956, Article 2a, as inserted by 2025/2083)."""
GWP = MappingProxyType(
    {"CO2": Decimal(1), "N2O": Decimal(265), "CF4": Decimal(6630), "C2F6": Decimal(11100)}
)
"""t CO2e per t: Implementing Regulation (EU) 2025/2547, Annex II, Table 6 (those of AR5)."""

_MARKUP = MappingProxyType({2026: Decimal("0.10"), 2027: Decimal("0.20"), 2028: Decimal("0.30")})
_FERTILISERS = Decimal("0.01")
_FACTOR = MappingProxyType(
    {
        2026: Decimal("0.975"), 2027: Decimal("0.95"), 2028: Decimal("0.90"),
        2029: Decimal("0.775"), 2030: Decimal("0.515"), 2031: Decimal("0.39"),
        2032: Decimal("0.265"), 2033: Decimal("0.14"),
    }
)  # fmt: skip


def markup_rate(sector: str, year: int) -> Decimal:
    """Return the mark-up on default values as a share (2025/2621).

    Parameters
    ----------
    sector : str
        One of :data:`SECTORS`.
    year : int
        Year of import, 2026 or later; from 2028 on it stays.

    Raises
    ------
    UnknownNameError, InputError

    Examples
    --------
    >>> markup_rate("iron_steel", 2027), markup_rate("fertilisers", 2030)
    (Decimal('0.20'), Decimal('0.01'))
    """
    if sector not in SECTORS:
        raise UnknownNameError.of("sector", sector, SECTORS)
    check_year(year)
    return _FERTILISERS if sector == "fertilisers" else _MARKUP[min(year, LAST_COLUMN)]


def free_allocation_factor(year: int) -> Decimal:
    """Return the share of free allocation that is still deducted in a year.

    Parameters
    ----------
    year : int

    Raises
    ------
    InputError
        Before 2026.

    Examples
    --------
    >>> free_allocation_factor(2026), free_allocation_factor(2030), free_allocation_factor(2034)
    (Decimal('0.975'), Decimal('0.515'), Decimal('0'))
    """
    check_year(year)
    return _FACTOR.get(year, Decimal(0))


def check_year(year: int) -> None:
    """Raise an InputError for a year before the definitive period, or for no year at all."""
    if isinstance(year, bool) or not isinstance(year, int) or not FIRST_YEAR <= year <= 2100:
        raise InputError(
            f"{year!r} is no year of the definitive period",
            where="year",
            do='give 2026 or later; for 2023 to 2025 ask with vintage="2023" (on the command line'
            " mriocarbon cbam default CN --vintage 2023)",
        )
