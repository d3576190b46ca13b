"""The text behind ``mriocarbon data``: what `local`, `fetch` and `update` return, as lines.

Pure functions from results to lines; the command line prints them and decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mriocarbon.datasets.editions import Change, Comparison
from mriocarbon.datasets.fetch import Fetched
from mriocarbon.datasets.local import Added, Holding, Listed, Verdict, holdings
from mriocarbon.datasets.public import Dataset, find
from mriocarbon.datasets.update import Update
from mriocarbon.errors import listed
from mriocarbon.model.brief import brief


@dataclass(frozen=True)
class Info:
    """A public data set and where each of its files stands."""

    dataset: Dataset
    holdings: tuple[Holding, ...]

    __repr__ = brief


def info(name: str, cache: Path | None = None) -> Info:
    """Return what is known of a public data set.

    Parameters
    ----------
    name : str
    cache : Path, optional
        Instead of the cache folder of the settings.

    Returns
    -------
    Info

    Raises
    ------
    UnknownNameError
        No such data set.

    Examples
    --------
    >>> from mriocarbon.datasets.commands import info
    >>> info("gtap").dataset.access
    'licence'
    """
    dataset = find(name)
    return Info(dataset, holdings(dataset.name, cache))


def size_text(size: int | None) -> str:
    """Return a size in bytes for a person.

    Examples
    --------
    >>> from mriocarbon.datasets.commands import size_text
    >>> size_text(462292568), size_text(8226), size_text(None)
    ('462.3 MB', '8.2 kB', 'size unknown')
    """
    if size is None:
        return "size unknown"
    if size < 1000:
        return f"{size} B"
    unit = min(int(math.log10(size) / 3), 4)
    return f"{size / 1000**unit:.1f} {('B', 'kB', 'MB', 'GB', 'TB')[unit]}"


def list_lines(lines: Iterable[Listed]) -> list[str]:
    """Return `local.listing` as text, one line each."""
    lines = list(lines)
    wide = max((len(one.name) for one in lines), default=0)

    def edition(text: str) -> str:
        return text if len(text) <= 24 else text[:21].rstrip(" ;,_") + "..."

    return [
        f"{'*' if one.current else ' '} {one.name:{wide}} {edition(one.edition):24} {one.state:12} "
        + (f"{one.here}/{one.files} files" if one.files else "no files listed")
        + (f", {size_text(one.size)}" if one.size is not None else "")
        for one in lines
    ]


def info_lines(found: Info) -> list[str]:
    """Return what is known of a public data set as text."""
    dataset = found.dataset
    lines = [
        f"{dataset.name}: {dataset.title}",
        f"  producer  {dataset.producer}",
        f"  address   {dataset.homepage}",
        f"  licence   {dataset.licence} ({dataset.licence_url})",
        f"  cite      {dataset.citation}",
        f"  access    {dataset.access}" + (f": {dataset.by_hand}" if dataset.by_hand else ""),
        *(f"  note      {note}" for note in dataset.notes),
    ]
    for edition in dataset.editions:
        checked = "checked" if edition.checked else "NOT CHECKED"
        years = f", {edition.years[0]}-{edition.years[-1]}" if edition.years else ""
        lines.append(f"  edition {edition.edition}{years}: {edition.address}")
        lines.append(f"    address {checked}: {edition.checked_by}")
        lines += [f"    note: {note}" for note in edition.notes]
        files = [one for one in found.holdings if one.edition == edition.edition]
        lines += [
            f"    {one.file}  {size_text(one.size)}  {one.state}  "
            + (f"sha256 {one.sha256[:16]}... " if one.sha256 else "")
            + f"({one.note})"
            for one in files[:12]
        ]
        if len(files) > 12:
            lines.append(f"    and {len(files) - 12} more files")
    known = {edition.edition for edition in dataset.editions}
    lines += [
        f"  kept as {one.edition}: {one.file}  {size_text(one.size)}  ({one.note})"
        for one in found.holdings
        if one.edition not in known
    ]
    return lines


def fetch_lines(files: Iterable[Fetched]) -> list[str]:
    """Return what was fetched as text; what no hash was compared with says so."""
    lines = []
    for one in files:
        how = "fetched" if one.downloaded else "here already"
        if one.resumed_from:
            how += f", resumed after {size_text(one.resumed_from)}"
        lines.append(f"{one.path}  {size_text(one.size)}  {how}; {one.statement}")
    return lines


def add_lines(one: Added) -> list[str]:
    """Return what was taken in as text."""
    return [f"{one.path}", f"  {one.name} {one.edition}: {one.statement}"]


def verify_lines(verdicts: Iterable[Verdict]) -> list[str]:
    """Return verdicts as text, those that are not sound first."""
    ordered = sorted(verdicts, key=lambda one: (one.sound, one.name, one.edition, one.file))
    return [f"{one.state:10} {one.name} {one.edition} {one.file}: {one.text}" for one in ordered]


def _figure(value: float) -> str:
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.4g}"


def _change(one: Change, unit: str) -> str:
    what = " ".join(part for part in (one.country, one.item, str(one.year)) if part)
    share = f"{one.relative:+.1%}" if math.isfinite(one.relative) else "from zero"
    return f"    {what}: {_figure(one.old)} -> {_figure(one.new)} {unit} ({share})"


def _comparison(one: Comparison) -> list[str]:
    if not one.compared:
        return [f"  {one.file}: {one.text}"]
    lines = [
        f"  {one.file}: {one.changed:,} of {one.cells:,} common cells changed, "
        f"{one.filled:,} filled, {one.emptied:,} emptied"
    ]
    for what in ("countries", "items", "years"):
        for how in ("added", "removed"):
            if names := getattr(one, f"{what}_{how}"):
                lines.append(f"  {what} {how}: {listed(names, 20)}")
    for title, changes in (
        ("largest changes", one.largest),
        ("largest changes of sums of countries", one.largest_aggregates),
    ):
        if changes:
            lines += [f"  {title}:", *(_change(change, one.unit) for change in changes)]
    return lines


def update_lines(one: Update) -> list[str]:
    """Return the step between two editions as text."""
    lines = [one.text, *(f"  catalogue: {line}" for line in one.coverage)]
    for comparison in one.comparisons:
        lines += _comparison(comparison)
    if one.not_compared:
        lines.append(f"  in one edition only: {listed(one.not_compared, 8)}")
    return lines
