"""CBAM: default values, benchmarks, mark-ups, transitional values, price of certificates."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scripts.database.areas import codes
from scripts.database.schema import Collected, Origin, path_of

FAMILY = "cbam"
EU_LICENCE = (
    "European Union law and data: reuse with the source named, Decision 2011/833/EU",
    "https://eur-lex.europa.eu/eli/dec/2011/833/oj",
)
DEFAULTS_FILE = "cbam/defaults_definitive_2025_2621.csv"
ANNEX_IV_FILE = "cbam/annex_iv_precursor_highest.csv"
BENCHMARKS_FILE = "cbam/benchmarks_2025_2620.csv"
TRANSITIONAL_FILE = "cbam/defaults_transitional_2023.csv"
MARKUP_FILE = "cbam/markup.csv"
FACTOR_FILE = "cbam/cbam_factor.csv"
PRICE_FILE = "cbam/certificate_price.csv"
GOODS_FILE = "cbam/goods_annex_i.csv"

DEFAULTS = Origin(
    "eu-2025-2621", "CBAM default values of the definitive period, with mark-ups",
    "European Commission", "as published, before the correcting Regulation (EU) 2026/1740",
    "Commission Implementing Regulation (EU) 2025/2621", *EU_LICENCE,
    "https://eur-lex.europa.eu/eli/reg_impl/2025/2621/oj",
    (DEFAULTS_FILE, ANNEX_IV_FILE, MARKUP_FILE),
)  # fmt: skip
BENCHMARKS = Origin(
    "eu-2025-2620", "CBAM benchmarks", "European Commission", "as published",
    "Commission Implementing Regulation (EU) 2025/2620", *EU_LICENCE,
    "https://eur-lex.europa.eu/eli/reg_impl/2025/2620/oj", (BENCHMARKS_FILE,),
)  # fmt: skip
TRANSITIONAL = Origin(
    "eu-cbam-2023", "CBAM default values of the transitional period", "European Commission",
    "22 December 2023",
    "European Commission (2023), Default values for the transitional period of the CBAM between 1 "
    "October 2023 and 31 December 2025; Vidovic et al. (2023), JRC134682", *EU_LICENCE,
    "https://taxation-customs.ec.europa.eu/carbon-border-adjustment-mechanism_en",
    (TRANSITIONAL_FILE,),
)  # fmt: skip
RULES = Origin(
    "eu-2023-956", "CBAM goods and phase-in of free allocation", "European Union",
    "Regulation (EU) 2023/956 as amended by 2025/2083",
    "Regulation (EU) 2023/956 establishing a carbon border adjustment mechanism", *EU_LICENCE,
    "https://eur-lex.europa.eu/eli/reg/2023/956/oj", (GOODS_FILE, FACTOR_FILE),
)  # fmt: skip
PRICE = Origin(
    "eu-cbam-price", "Price of CBAM certificates by quarter", "European Commission",
    "quarters of 2026", "European Commission, price of CBAM certificates", *EU_LICENCE,
    "https://taxation-customs.ec.europa.eu/carbon-border-adjustment-mechanism_en", (PRICE_FILE,),
)  # fmt: skip
ORIGINS = (DEFAULTS, BENCHMARKS, TRANSITIONAL, RULES, PRICE)
LEGAL = "none: a legal value, exact by definition"
PER_TONNE = "t CO2e/t good"
DEFECTS = {
    ("Albania", "25232100"): "columns shifted in the published annex: do not use as it stands",
    ("Angola", "Cement"): "the published marked-up value may compound the mark-up",
    ("Argentina", "Cement"): "the published marked-up value may compound the mark-up",
}


def collect(data: Path, collected: Collected) -> None:
    """Read all CBAM values."""
    codes(["EU27"], DEFAULTS.id, collected)
    _defaults(data, collected)
    _others(data, collected)


def _defaults(data: Path, collected: Collected) -> None:
    table = pd.read_csv(path_of(data, DEFAULTS_FILE), dtype="str")
    region = table["country"].map(codes(table["country"].unique(), DEFAULTS.id, collected))
    given = table["iso3"].where(table["iso3"].str.len() == 3)
    if (given.notna() & (given != region)).any():
        raise ValueError("CBAM: a country's name and code differ")
    note = pd.Series(None, index=table.index, dtype="object")
    for (country, what), text in DEFECTS.items():
        hit = (table["country"] == country) & ((table["cn"] == what) | (table["sector"] == what))
        note = note.mask(hit, text)
    frames = []
    columns = {"direct": "direct", "indirect": "indirect", "total": "total"}
    columns |= {f"m{year}": f"total with mark-up of {year}" for year in (2026, 2027, 2028)}
    for column, variable in columns.items():
        value = pd.to_numeric(table[column], errors="coerce")
        dash = value.isna()
        frames.append(
            pd.DataFrame(
                {
                    "region": region,
                    "year": int(column[1:]) if column.startswith("m") else pd.NA,
                    "variable": f"default value, {variable}",
                    "gas": "GHG",
                    "category": "CN " + table["cn"],
                    "category_name": table["sector"] + ": " + table["description"],
                    "item": table["route"].fillna(""),
                    "value": value,
                    "unit": PER_TONNE,
                    "uncertainty": LEGAL,
                    "scope": "embedded emissions, country of origin",
                    "key": pd.Series(None, table.index, dtype="object").mask(dash, "-"),
                    "note": note.mask(dash & note.isna(), "no value in the annex"),
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    # One CN code may carry several goods (white and grey clinker) without a route to tell them.
    keys = ["region", "year", "variable", "category", "item"]
    clash = frame.duplicated(keys, keep=False)
    goods = frame["category_name"].str.partition(": ")[2]
    frame.loc[clash, "item"] = (frame["item"] + " " + goods).str.strip()[clash]
    collected.add(FAMILY, DEFAULTS, frame)
    annex = pd.read_csv(path_of(data, ANNEX_IV_FILE), dtype="str")
    for column, year in (("highest", None), ("m2026", 2026), ("m2027", 2027), ("m2028", 2028)):
        mark = "" if year is None else f" with mark-up of {year}"
        value = pd.to_numeric(annex[column], errors="coerce")
        collected.add(
            FAMILY,
            DEFAULTS,
            pd.DataFrame(
                {
                    "region": "EU27",
                    "year": pd.Series(year, annex.index, dtype="Int16"),
                    "variable": "default value of precursors, highest" + mark,
                    "gas": "GHG",
                    "category": "CN " + annex["cn"],
                    "category_name": annex["sector"] + ": " + annex["description"],
                    "item": (annex["route"].fillna("") + " " + annex["description"]).str.strip(),
                    "value": value,
                    "unit": PER_TONNE,
                    "uncertainty": LEGAL,
                    "scope": "embedded emissions, Annex IV",
                    "note": pd.Series(None, annex.index, dtype="object").mask(
                        value.isna(), "no value in the annex"
                    ),
                }
            ),
        )
    markup = pd.read_csv(path_of(data, MARKUP_FILE))
    collected.add(
        FAMILY, DEFAULTS,
        pd.DataFrame({
            "region": "EU27", "year": markup["year_from"], "variable": "mark-up",
            "category": markup["sector"], "value": markup["markup"], "unit": "share",
            "uncertainty": LEGAL, "scope": "from this year on", "gas": "GHG",
        }),
    )  # fmt: skip


def _others(data: Path, collected: Collected) -> None:
    table = pd.read_csv(path_of(data, BENCHMARKS_FILE), dtype="str")
    collected.add(
        FAMILY, BENCHMARKS,
        pd.DataFrame({
            "region": "EU27", "variable": "benchmark, column " + table["column"], "gas": "GHG",
            "category": "CN " + table["cn"],
            "category_name": table["sector"] + ": " + table["description"],
            "item": (table["route"].fillna("") + " " + table["year_marker"].fillna("").map(
                lambda m: f"marker ({m})" if m else "")).str.strip(),
            "value": table["value"].astype(float), "unit": PER_TONNE, "uncertainty": LEGAL,
            "scope": "benchmark",
        }),
    )  # fmt: skip
    table = pd.read_csv(path_of(data, TRANSITIONAL_FILE), dtype={"cn8": "str"})
    for column in ("direct", "indirect", "total"):
        collected.add(
            FAMILY, TRANSITIONAL,
            pd.DataFrame({
                "region": "WLD", "year": 2023, "variable": f"transitional default, {column}",
                "gas": "GHG", "category": "CN " + table["cn8"], "value": table[column],
                "unit": PER_TONNE, "uncertainty": LEGAL,
                "scope": "embedded emissions, world average",
            }),
        )  # fmt: skip
    codes(["World"], TRANSITIONAL.id, collected)
    goods = pd.read_csv(path_of(data, GOODS_FILE), dtype={"cn8": "str"})
    collected.add(
        FAMILY, RULES,
        pd.DataFrame({
            "region": "EU27", "variable": "indirect emissions in scope", "gas": goods["ghg"],
            "category": "CN " + goods["cn8"],
            "category_name": goods["sector"] + ": " + goods["description"],
            "item": goods["category"], "value": goods["indirect_in_scope_definitive"].astype(float),
            "unit": "1 = yes", "uncertainty": LEGAL, "scope": "definitive period, Annex I",
        }),
    )  # fmt: skip
    factor = pd.read_csv(path_of(data, FACTOR_FILE))
    collected.add(
        FAMILY, RULES,
        pd.DataFrame({
            "region": "EU27", "year": factor["year"], "variable": "CBAM factor",
            "value": factor["cbam_factor_free_allocation_share"], "unit": "share",
            "uncertainty": LEGAL, "scope": "share of free allocation still granted",
        }),
    )  # fmt: skip
    price = pd.read_csv(path_of(data, PRICE_FILE))
    quarter = price["period"].str.extract(r"(\d+)-Q(\d)").astype(int)
    single = price["source"].str.contains("single source")
    collected.add(
        FAMILY, PRICE,
        pd.DataFrame({
            "region": "EU27", "year": quarter[0], "month": quarter[1] * 3,
            "variable": "certificate price", "item": price["period"],
            "value": price["eur_per_tco2e"], "unit": "EUR/t CO2e", "uncertainty": LEGAL,
            "scope": "quarterly average of auctions; month is the quarter's last",
            "note": ("published " + price["published"]).mask(
                single, "published " + price["published"] + "; seen in one secondary source only"),
        }),
    )  # fmt: skip
