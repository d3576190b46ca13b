"""A bill of materials: what a product is made of, and what making, moving and ending it takes.

Read from YAML, CSV, plain data, or a question with a list in it (`question`). Nothing is guessed:
a word that is not known, an amount that is none and a unit that is missing are refused with their
place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mriocarbon.errors import InputError, unreadable
from mriocarbon.io.user_csv import read_rows
from mriocarbon.lca.goal import counted, lines_of
from mriocarbon.lca.plain_yaml import read_yaml
from mriocarbon.lca.units import compatible

__all__ = ["STAGES", "Bill", "Item", "bill_of", "question", "read_bill"]

STAGES = ("materials", "processing", "transport", "use", "end of life")
Stage = Literal["materials", "processing", "transport", "use", "end of life"]
Text = Annotated[str, Field(min_length=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
# pint reads "12 g" as grams and "12 m" as metres; things that are counted are not its business
_COUNTED = {"piece", "pieces", "pc", "pcs", "unit", "units", "each", "item", "items"}
_UNITS = ("kg", "g", "t", "mg", "lb", "oz", "kWh", "MWh", "MJ", "GJ", "l", "L", "ml", "m3", "m2",
          "m", "km", "t*km", "tkm", "kg*km", "piece", "pieces", "h", "USD")  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Item(_Part):
    """One line of a bill.

    `price` (USD per `unit`, basic prices) is needed where no process makes it; `sector` (an
    industry of the table) and `process` (a process of the background) take the choice out of the
    matcher's hands; `density` (kg/m³) brings mass and volume together, `mass` (kg per unit) pieces.
    """

    name: Text
    amount: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    unit: Text
    location: str = ""
    stage: Stage = "materials"
    price: Positive | None = None
    sector: str = ""
    process: str = ""
    density: Positive | None = None
    mass: Positive | None = None
    gsd2: Annotated[float, Field(ge=1, allow_inf_nan=False)] | None = None
    source: str = ""

    @field_validator("unit")
    @classmethod
    def _unit(cls, value: str) -> str:
        if value.casefold() in _COUNTED:
            return "piece"
        _known(value)
        return value

    @model_validator(mode="after")
    def _whole(self) -> Item:
        if self.process and self.sector:
            raise ValueError(f"{self.name!r} names a process and an industry: give one")
        if self.mass is not None and self.unit != "piece":
            raise ValueError(f"{self.name!r}: mass is for pieces; its unit is {self.unit!r}")
        return self


def _known(unit: str) -> None:
    """Refuse a unit that measures nothing."""
    if unit in {"piece", "USD"}:
        return
    if unit.upper() in {"EUR", "GBP", "CHF", "JPY", "CNY", "INR", "US$", "$", "DOLLAR", "EURO"}:
        raise ValueError(f"unit {unit!r}: money must be in USD")
    if len(unit) > 40:
        raise ValueError(f"a unit of {len(unit):,} letters is not understood: {unit[:40]!r}...")
    measures = ("kg", "m3", "m2", "m", "MJ", "t*km", "kg*m2", "h", "p*km", "m*year")
    if not any(compatible(unit, one) for one in measures):
        raise ValueError(f"unit {unit!r} is not understood: kg, m3, m2, m, MJ, kWh, t*km, piece")


class Bill(_Part):
    """A bill of materials; see `read_bill`.

    `amount` and `unit` are the functional unit: the items are for that much of the product. What
    is wasted in making it belongs into the amounts.
    """

    product: Text
    amount: Positive = 1.0
    unit: str = "piece"
    description: str = ""
    place: str = ""
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    source: str = ""

    @model_validator(mode="after")
    def _doubles(self) -> Bill:
        seen: set[tuple[str, str]] = set()
        for item in self.items:
            key = (item.name.casefold(), item.stage)
            if key in seen:
                raise ValueError(f"{item.name!r} stands twice in {item.stage}: add the amounts up")
            seen.add(key)
        return self


def bill_of(raw: dict[str, Any] | list[Any], *, where: str = "bill") -> Bill:
    """Return a bill from plain data.

    Parameters
    ----------
    raw : dict, or list of items
        With a list the product is "product", one piece.

    Raises
    ------
    InputError
        It does not fit; every fault is named with its place.

    Examples
    --------
    >>> bill = bill_of({"product": "shelf", "items": [
    ...     {"name": "steel sheet", "amount": 4, "unit": "kg"}]})
    >>> bill.items[0].stage, bill.unit
    ('materials', 'piece')
    """
    data = {"product": "product", "items": raw} if isinstance(raw, list) else raw
    if not isinstance(data, dict):
        raise InputError("a bill is a mapping or a list of items", where=where,
                         do="begin with product: ...")  # fmt: skip
    return _checked(data, where)


def _checked(data: dict[str, Any], where: str, rows: Sequence[int] = ()) -> Bill:
    """Return the bill; faults of items are told by the row of their file, where they have one."""
    try:
        return Bill.model_validate(data)
    except ValidationError as error:
        errors = error.errors()
        if len(errors) > 1:  # faulty items leave none: no fault of its own
            errors = [e for e in errors if not (e["type"] == "too_short" and data.get("items"))]
        faults = [f"{_place(one['loc'], rows)}: {one['msg']}" for one in errors]
        raise InputError(
            f"{counted(faults)} in the bill:{lines_of(faults)}", where=where,
            do="see docs/methods/lca-auto.md for what a bill may hold",
        ) from None  # fmt: skip


def _place(loc: Sequence[str | int], rows: Sequence[int]) -> str:
    if rows and len(loc) > 1 and isinstance(loc[1], int):
        return ", ".join([f"row {rows[loc[1]]}", *map(str, loc[2:])])
    return ".".join(map(str, loc)) or "bill"


def read_bill(path: Path | str) -> Bill:
    """Read a bill of materials from YAML, or from CSV with one item a line.

    The columns of a CSV are those of `Item`; the product is named by the file, one piece.

    Parameters
    ----------
    path : path
        UTF-8; a name that ends in ``.csv`` is read as CSV, every other as YAML.

    Returns
    -------
    Bill
        Amounts in the units of the file, for one functional unit of the product.

    Raises
    ------
    DataFileError
        Not there, not in UTF-8, or no CSV or YAML; with the line.
    InputError
        It does not fit (a column that is missing or unknown, a row of another length, a value);
        every fault is named with its place.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "shelf.csv"
    ...     _ = file.write_text("name,amount,unit\\nsteel sheet,4,kg\\nscrew,12,piece\\n")
    ...     bill = read_bill(file)
    >>> bill.product, [(i.name, i.amount, i.unit) for i in bill.items]
    ('shelf', [('steel sheet', 4.0, 'kg'), ('screw', 12.0, 'piece')])
    """
    where = Path(path)
    if where.suffix.casefold() == ".csv":
        return _of_csv(where)
    try:
        text = where.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(where, error, "the bill") from error
    raw, _ = read_yaml(text, file=where.name, where=str(where))
    return bill_of(raw, where=where.name)


def _of_csv(where: Path) -> Bill:
    needed = ("name", "amount", "unit")
    rows = read_rows(where, needed, [name for name in Item.model_fields if name not in needed])
    items = [{name: cell for name, cell in row.cells.items() if cell.strip()} for row in rows]
    data = {"product": where.stem.replace("_", " "), "items": items}
    return _checked(data, where.name, [row.number for row in rows])


_NUMBER = r"\d+(?:\.\d+)?(?:e-?\d+)?"
_LINE = re.compile(
    rf"^(?P<amount>{_NUMBER})\s*(?P<unit>[A-Za-z][A-Za-z0-9*]*)\s+(?:of\s+)?(?P<name>[^\d].*)$"
)
_ASKED = re.compile(
    r"^\s*(?:what\s+is|what's|give|compute|calculate|estimate|find)?\s*(?:me\s+)?(?:the\s+)?"
    r"(?:product\s+)?(?:carbon\s+footprint|footprint|pcf|gwp|climate\s+impact|emissions)\s+"
    r"(?:of|for)\s+(?:(?P<count>an?|one|\d+(?:\.\d+)?)\s+)?(?P<product>.+?)\s*"
    r"(?:,?\s+(?:made\s+in|from)\s+(?P<place>[A-Z][A-Za-z .]+?))?"
    r"\s+(?:with|of|made\s+of|made\s+from|containing|consisting\s+of)\s+(?P<list>\d.*)$",
    re.IGNORECASE | re.DOTALL,
)

# "100 g of chocolate" and "2 t steel" are no pieces
_MEASURE = re.compile(
    r"[^A-Za-z]|(?:kg|mg|g|t|lb|oz|kWh|MWh|MJ|GJ|l|ml|m2|m3|m|km|t\*km|tkm|h|usd|(?:kilo|milli)?gram"
    r"s?|tonnes?|tons?|lit(?:re|er)s?|met(?:re|er)s?|pounds?|ounces?|hours?|pieces?|pcs?)"
    r"(?=\s|$)",
    re.IGNORECASE,
)


def question(text: str) -> Bill:
    """Read a question that names a product and lists what is in it.

    The grammar: ``carbon footprint of [a | NUMBER] PRODUCT [made in PLACE] with AMOUNT UNIT NAME,
    AMOUNT UNIT NAME and AMOUNT UNIT NAME``. Whatever does not fit is refused; nothing is guessed.

    Parameters
    ----------
    text : str

    Raises
    ------
    InputError
        Not understood; with what was read.

    Examples
    --------
    >>> bill = question("What is the carbon footprint of a bicycle with 5 kg aluminium, "
    ...                 "2 kg of steel and 0.5 kg rubber?")
    >>> bill.product, [(i.name, i.amount, i.unit) for i in bill.items][1]
    ('bicycle', ('steel', 2.0, 'kg'))
    """
    found = _ASKED.match(" ".join(text.split()).rstrip("?. "))
    if found is None:
        raise InputError(
            f"the question is not understood: {text!r}", where="question",
            do="write it so: carbon footprint of a bicycle with 5 kg aluminium, 2 kg steel and"
            " 0.5 kg rubber; or give a bill of materials",
        )  # fmt: skip
    odd = re.match(_MEASURE if found["count"] else r"[^A-Za-z]", found["product"])
    if odd:
        raise InputError(
            f"the product reads as {found['product']!r}, which begins with {odd.group().strip()!r}",
            where="question",
            do="count the product in whole pieces ('of 3 hooks with ...'); for another unit give a"
            " bill with amount and unit",
        )  # fmt: skip
    parts = re.split(rf"\s*,?\s+and\s+(?={_NUMBER})|\s*[,;]\s*(?:and\s+)?(?={_NUMBER}\s*[A-Za-z])",
                     found["list"])  # fmt: skip
    items: list[dict[str, Any]] = []
    read: list[str] = []
    for part in parts:
        line = _LINE.match(part.strip())
        unit = "" if line is None else line["unit"]
        known = unit in _UNITS or unit.casefold() in _COUNTED
        if line is None or not known or re.search(r"\d|\band\b", line["name"]):
            raise InputError(
                f"{part.strip()!r} is not read as amount, unit and name", where="question",
                do=(f"read so far: {'; '.join(read)}; " if read else "")
                + f"write each as '2 kg steel', with a unit of {', '.join(_UNITS)}",
            )  # fmt: skip
        name = re.sub(r"^(?:of|the)\s+", "", line["name"].strip())
        amount = float(line["amount"])
        items.append({"name": name, "amount": amount, "unit": unit})
        read.append(f"{amount:g} {unit} {name}")
    count = (found["count"] or "one").casefold()
    amount = 1.0 if count in {"a", "an", "one"} else float(count)
    raw: dict[str, Any] = {
        "product": found["product"], "amount": amount, "items": items, "description": text,
    }  # fmt: skip
    if found["place"]:
        raw["place"] = found["place"].strip()
    return bill_of(raw, where="question")
