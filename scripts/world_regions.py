"""Write which part of the world a country is in, as Ember groups it.

    python -m scripts.world_regions --data path/to/data

The table, ``avoided/tables/regions.csv``, gives the region whose mean stands in for a country
without a factor of its own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from scripts.database.areas import codes
from scripts.database.energy import SOLAR, SOLAR_FILE
from scripts.database.schema import Collected, path_of

TARGET = Path(__file__).parents[1] / "mriocarbon" / "avoided" / "tables" / "regions.csv"
ADDED = {"CHN": "Asia", "FRO": "Europe", "GIB": "Europe", "IMN": "Europe", "XKX": "Europe"}
"""Placed by hand: the exporter is no destination, and four areas have no row in Ember's file."""


def table(data: Path) -> pd.DataFrame:
    """Return iso3 and region, one row a country, in the order of the codes."""
    frame = pd.read_csv(path_of(data, SOLAR_FILE), usecols=["Area", "Area type", "Region"])
    frame = frame[frame["Area type"] != "Region"].drop_duplicates("Area")
    if frame["Region"].isna().any():
        raise ValueError(f"no region: {frame.loc[frame['Region'].isna(), 'Area'].tolist()}")
    found = codes(frame["Area"], SOLAR.id, Collected())
    pairs = dict(zip(frame["Area"].map(found), frame["Region"], strict=True)) | ADDED
    return pd.DataFrame(sorted(pairs.items()), columns=["region", "part"])


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    table(parser.parse_args().data).to_csv(TARGET, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
