"""Run the code of gallery.md, which writes the pictures into the folder that is named.

python docs/gallery.py build/gallery
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from pathlib import Path

PAGE = Path(__file__).resolve().with_name("gallery.md")


def main(folder: str) -> None:
    """Run the blocks in a row, in the folder."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # the same picture, the same bytes
    text = PAGE.read_text(encoding="utf-8")
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    os.chdir(place)
    space: dict[str, object] = {"__name__": "gallery"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for block in re.finditer(r"^```python\n(.*?)^```", text, re.M | re.S):
            line = text.count("\n", 0, block.start(1))
            exec(compile("\n" * line + block[1], str(PAGE), "exec"), space)
    missing = [
        name
        for name in re.findall(r"build/gallery/([\w.]+)$", text, re.M)
        if not Path(name).is_file()
    ]
    if missing:
        raise SystemExit(f"error: gallery.md shows what it does not make: {', '.join(missing)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
