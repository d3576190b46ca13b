"""How an answer is written: JSON or CSV by what is accepted, an ETag, links to other pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from mriocarbon.service.problems import Refused
from mriocarbon.tools import ToolResult

Media = Literal["json", "csv"]
MEDIA: dict[Media, str] = {"json": "application/json", "csv": "text/csv"}
_COLUMNS = ("quantity", "value", "unit", "low", "high", "level", "estimated", "why")


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a longer list: how many rows are shown, after how many, of how many.

    `limit` is 0 where the length of a page is the tool's own.
    """

    shown: int
    offset: int
    limit: int
    total: int


@dataclass(frozen=True, slots=True)
class Written:
    """A result in the forms it is sent in; made once, sent to all who ask the same."""

    digest: str
    json: bytes
    csv: bytes
    page: Page | None

    @classmethod
    def of(cls, result: ToolResult) -> Written:
        """Write a result."""
        page = None
        if result.total is not None:
            limit = result.arguments.get("limit")
            page = Page(
                result.shown or 0, result.offset, limit if isinstance(limit, int) else 0,
                result.total,
            )  # fmt: skip
        return cls(result.digest, result.model_dump_json().encode(), table(result), page)


def table(result: ToolResult) -> bytes:
    """Return a result as CSV: a row for each figure and each item, with source and caveats.

    Columns are the labels of the figures, what `Figure` holds, the keys of the items, and, on
    every row, so that no row loses them, the data set, its edition and the caveats.
    """
    labels = list(dict.fromkeys(key for one in result.figures for key in one.labels))
    words = list(dict.fromkeys(key for one in result.items for key in one))
    words = [key for key in words if key not in labels and key not in _COLUMNS]
    with_figures = _COLUMNS if result.figures else ()
    always = {
        "dataset": result.dataset, "edition": result.edition,
        "caveats": "; ".join(result.caveats), "title": result.title,
    }  # fmt: skip
    names = list(dict.fromkeys(("id", *labels, *with_figures, *words, *always)))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for figure in result.figures:
        row: dict[str, object] = {**always, **figure.labels, "id": figure.id}
        for name in _COLUMNS:
            value = getattr(figure, name)
            row[name] = str(value).lower() if isinstance(value, bool) else value
        writer.writerow({key: _plain(value) for key, value in row.items()})
    for item in result.items:
        writer.writerow({key: _plain(value) for key, value in {**always, **item}.items()})
    return text.getvalue().encode()


def _plain(value: object) -> object:
    """Keep a spreadsheet from running a word of an uploaded table as a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def accepted(header: str) -> Media:
    """Return which form a caller wants; JSON if it does not mind.

    Raises
    ------
    Refused
        406: neither.

    Examples
    --------
    >>> accepted("text/csv"), accepted("*/*"), accepted("text/csv;q=0.5, application/json")
    ('csv', 'json', 'json')
    """
    best: dict[Media, tuple[int, float]] = {}
    for part in header.split(",") if header.strip() else ["*/*"]:
        kind, _, rest = part.partition(";")
        kind, weight = kind.strip().casefold(), 1.0
        for parameter in rest.split(";"):
            name, _, value = parameter.partition("=")
            if name.strip().casefold() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        for media, full in MEDIA.items():
            exact = {full: 2, full.split("/")[0] + "/*": 1, "*/*": 0}.get(kind)
            if exact is not None and exact >= best.get(media, (-1, 0.0))[0]:
                best[media] = (exact, weight)
    wanted = [media for media in MEDIA if best.get(media, (0, 0.0))[1] > 0]
    if not wanted:
        raise Refused(
            406, "not-acceptable", "none of the accepted forms can be written",
            where="Accept header", do=f"accept one of {', '.join(MEDIA.values())}",
        )  # fmt: skip
    return max(wanted, key=lambda media: best[media][1])


def respond(
    request: Request, written: Written, *, media: Media | None = None, place: str = ""
) -> Response:
    """Return a result in the form that is accepted, unless the caller has it already.

    Parameters
    ----------
    request : Request
    written : Written
    media : {"json", "csv"}, optional
    place : str
        Address that answers the same with GET, for Content-Location.

    Raises
    ------
    Refused
        412: another method than GET, and If-None-Match holds the result (RFC 9110, 13.1.2).
    """
    media = media or accepted(request.headers.get("accept", ""))
    tag = f'"{written.digest}"' if media == "json" else f'"{written.digest}-{media}"'
    headers = {"etag": tag, "vary": "accept", "cache-control": "private, no-cache"}
    if place:
        headers["content-location"] = place
    read = request.method in ("GET", "HEAD")
    if written.page is not None and read:
        headers |= links(request, written.page)
    if matches(request.headers.get("if-none-match", ""), tag):
        if read:
            return Response(None, 304, headers)
        raise Refused(
            412, "precondition-failed", "the result is the one that If-None-Match names",
            where="If-None-Match header", headers=headers,
            do="keep what you have; send GET to the address in Content-Location to ask again",
        )  # fmt: skip
    content = written.json if media == "json" else written.csv
    return Response(content, 200, headers, media_type=MEDIA[media])


def matches(header: str, tag: str) -> bool:
    """Return whether a list of ETags holds one, by the weak comparison of RFC 9110."""
    known = [one.strip().removeprefix("W/") for one in header.split(",")]
    return "*" in known or tag in known


def links(request: Request, page: Page) -> dict[str, str]:
    """Return the Link header (RFC 8288) to the other pages of a list, and how long it is."""
    places: dict[str, int] = {"first": 0}
    if page.shown and page.offset + page.shown < page.total:
        places["next"] = page.offset + page.shown
    if page.limit:  # where a page has no fixed length, those before it are not known
        if page.offset > 0:
            places["prev"] = max(0, page.offset - page.limit)
        if page.total:
            places["last"] = (page.total - 1) // page.limit * page.limit
    told = []
    for name, offset in places.items():
        asked = {"offset": offset} | ({"limit": page.limit} if page.limit else {})
        url = request.url.include_query_params(**asked)
        told.append(f'<{url.path}?{url.query}>; rel="{name}"')
    return {"link": ", ".join(told), "x-total-count": str(page.total)}


def sliced(rows: Sequence[object], limit: int, offset: int) -> tuple[list[object], Page]:
    """Return one page of a list, and which it is."""
    shown = list(rows[offset : offset + limit])
    return shown, Page(len(shown), offset, limit, len(rows))
