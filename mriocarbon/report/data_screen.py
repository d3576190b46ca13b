"""What ``mriocarbon data`` prints: lists, one data set, and what `fetch` and `update` return."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mriocarbon.datasets.catalogue import Item
from mriocarbon.datasets.commands import Info
from mriocarbon.datasets.editions import Change, Comparison
from mriocarbon.datasets.fetch import Fetched
from mriocarbon.datasets.local import Added, Listed, Verdict
from mriocarbon.datasets.update import Update
from mriocarbon.errors import listed
from mriocarbon.report import listing

if TYPE_CHECKING:
    from rich.console import Console


def size_text(size: int | None) -> str:
    """Return a size in bytes for a person.

    Examples
    --------
    >>> from mriocarbon.report.data_screen import size_text
    >>> size_text(462292568), size_text(8226), size_text(None)
    ('462.3 MB', '8.2 kB', 'size unknown')
    """
    if size is None:
        return "size unknown"
    if size < 1000:
        return f"{size} B"
    unit = min(int(math.log10(size) / 3), 4)
    return f"{size / 1000**unit:.1f} {('B', 'kB', 'MB', 'GB', 'TB')[unit]}"


def table(lines: Iterable[Listed], console: Console) -> None:
    """Print `local.listing`; nothing is cut, long text is folded."""
    listing.rows(
        ("name", "edition", "state", "files", "size", "licence"),
        [
            (
                one.name,
                one.edition,
                # of what is shipped there is one edition, and it is the one in use
                one.state + (", in use" if one.current and one.state != "embedded" else ""),
                f"{one.here} of {one.files}" if one.files else "none listed",
                "" if one.size is None else size_text(one.size),
                one.licence,
            )
            for one in lines
        ],
        console,
        whole=("name", "files", "size"),
    )


def about(found: Info | Item, console: Console) -> None:
    """Print what is known of an embedded item or of a public data set."""
    if isinstance(found, Item):
        listing.catalogue([found], console)
    else:
        lines(info_lines(found))


def lines(told: Iterable[str]) -> None:
    """Print lines as they are: paths and hashes are copied from them, so none is folded."""
    for line in told:
        print(line)


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
            + (f"sha256 {one.sha256} " if one.sha256 else "")
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
