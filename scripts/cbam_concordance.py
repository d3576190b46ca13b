"""CN8 -> HS6 -> ISIC 3 -> ISIC 4 -> industry of OECD ICIO 2025, for the goods of the CBAM.

``python -m scripts.cbam_concordance DATA_FOLDER OUT.csv`` reads ``cbam/cn8_to_isic3.csv`` (CN8 to
HS6 to ISIC 3, after WITS: HS 2007 to ISIC 3) and ``cbam/concordance/ISIC4_ISIC31.txt`` (United
Nations Statistics Division: ISIC 4 to ISIC 3.1, whose classes for these goods are those of
ISIC 3) and writes one row for each CN8 code and ISIC 4 class.

Rule of the weights: the ISIC 4 classes that a CN8 code reaches share it equally, after the links
that cannot make the good are dropped, each by name with its reason (`DROPPED`, `ONLY_FOR`).
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

COLUMNS = ("cn", "hs6", "isic3", "isic4", "industry", "weight", "rule")

# (ISIC 3.1, ISIC 4): why this link is no maker of the goods in Annex I.
DROPPED = {
    ("1310", "0990"): "support services for mining",
    ("1410", "0990"): "support services for quarrying",
    ("2411", "1910"): "pitch and pitch coke",
    ("2412", "3821"): "compost",
    ("2811", "3311"): "repair",
    ("2812", "3311"): "repair",
    ("2899", "2817"): "white boards",
    ("2899", "3290"): "metal safety headgear",
    ("2899", "3311"): "repair",
}

# ISIC 4 class 2431 takes from 2710 only cast and centrifugally cast tubes and their fittings.
ONLY_FOR = {("2710", "2431"): ("7303", "7304", "7307")}

# Codes that the act of default values lists without their being in Annex I of the Regulation
# (household articles of aluminium, Tunisia): CN8 -> HS 2007 code, whose class is looked up.
BEYOND_ANNEX_I = {
    "76151010": "761519",
    "76151030": "761519",
    "76151080": "761519",
    "76152000": "761520",
}

INDUSTRIES = {
    "07": "B07",
    "08": "B08",
    "20": "C20",
    "23": "C23",
    "2410": "C24A",
    "2431": "C24A",
    "2420": "C24B",
    "2432": "C24B",
    "25": "C25",
    "35": "D",
}
"""ISIC 4 class or division -> industry of OECD ICIO, edition 2025."""


def industry(isic4: str) -> str:
    """Return the industry of an ISIC 4 class; a KeyError names a class without one."""
    return INDUSTRIES.get(isic4) or INDUSTRIES[isic4[:2]]


def links(path: Path) -> dict[str, list[str]]:
    """Return ISIC 3.1 class -> ISIC 4 classes, without the dropped links."""
    found = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            pair = (row["ISIC31code"], row["ISIC4code"])
            if pair not in DROPPED:
                found[pair[0]].append(pair[1])
    return dict(found)


def hs_classes(path: Path) -> dict[str, str]:
    """Return HS 2007 code -> ISIC 3 class."""
    with path.open(encoding="latin-1", newline="") as file:
        return {row[0]: row[2] for row in csv.reader(file)}


def table(data: Path) -> list[dict[str, str]]:
    """Return the rows of the concordance, sorted by CN8."""
    known = links(data / "cbam" / "concordance" / "ISIC4_ISIC31.txt")
    rows = []
    with (data / "cbam" / "cn8_to_isic3.csv").open(encoding="utf-8", newline="") as file:
        goods = list(csv.DictReader(file))
    classes_of = hs_classes(data / "cbam" / "concordance" / "JobID-48_Concordance_H3_to_I3.CSV")
    goods += [{"cn8": cn, "hs": hs, "isic": classes_of[hs]} for cn, hs in BEYOND_ANNEX_I.items()]
    goods.sort(key=lambda r: r["cn8"])
    for good in goods:
        cn, isic3 = good["cn8"], good["isic"]
        classes = [c for c in known[isic3] if cn[:4] in ONLY_FOR.get((isic3, c), (cn[:4],))]
        dropped = [f"{b}: {why}" for (a, b), why in DROPPED.items() if a == isic3]
        rule = "only class" if len(classes) == 1 else f"equal share of {len(classes)} classes"
        if dropped:
            rule += "; dropped " + ", ".join(dropped)
        for c in classes:
            rows.append(
                {
                    "cn": cn,
                    "hs6": good["hs"],
                    "isic3": isic3,
                    "isic4": c,
                    "industry": industry(c),
                    "weight": f"{1 / len(classes):.6g}",
                    "rule": rule,
                }
            )
    return rows


def main(data: Path, out: Path) -> None:
    """Write the table."""
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table(data))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
