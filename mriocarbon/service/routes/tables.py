"""Tables of one's own: upload, list, remove."""

from __future__ import annotations

import shutil
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from mriocarbon.errors import MriocarbonError, UnknownNameError
from mriocarbon.service.answers import Answers
from mriocarbon.service.problems import InternalError, Refused
from mriocarbon.service.represent import links, sliced
from mriocarbon.service.uploads import Uploads, safe_name
from mriocarbon.tools import tables


class Table(BaseModel):
    """A table that tools can be told to use, by its name."""

    name: str
    uploaded: bool
    about: dict[str, Any] = Field(
        default_factory=dict, description="size, year, stressors, what the checks said"
    )


class Listing(BaseModel):
    """Tables at hand."""

    tables: list[Table]
    total: int


def add(router: APIRouter, uploads: Uploads, answers: Answers) -> None:
    """Add the routes of tables."""

    @router.get("/v1/tables", tags=["tables"], summary="Tables", response_model=Listing)
    def listing(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Response:
        """The tables that `table_name` can name: those that ship, and the uploaded ones."""
        about = uploads.about()
        rows = [Table(name=n, uploaded=n in about, about=about.get(n, {})) for n in tables.names()]
        found, page = sliced(rows, limit, offset)
        content = [one.model_dump(mode="json") for one in found if isinstance(one, Table)]
        return JSONResponse({"tables": content, "total": page.total}, headers=links(request, page))

    @router.post(
        "/v1/tables", tags=["tables"], summary="Upload a table", status_code=201,
        response_model=Table,
    )  # fmt: skip
    def upload(
        file: Annotated[UploadFile, File(description="as its producer publishes it, or .npz")],
        name: Annotated[
            str, Form(max_length=80, description="2 to 40 small letters, digits and '-'")
        ],
        format: Annotated[
            str, Form(max_length=40, description="layout; recognised if left out")
        ] = "",
        year: Annotated[
            int | None, Form(ge=1900, le=2200, description="if the file holds several")
        ] = None,
    ) -> Response:
        """Read a table in a process of its own; from then on tools take its name.

        The layouts are those of `mc.read`: OECD, EXIOBASE, WIOD, GLORIA, Eora, FIGARO, GTAP, ...,
        the plain layout, and what `mc.save` writes. All keys of one server share its tables.
        """
        given = safe_name(file.filename or "")
        uploads.check(name, given)
        place = uploads.place()
        try:
            with (place / given).open("wb") as out:
                shutil.copyfileobj(file.file, out, 1 << 20)
            about = uploads.add(name, place / given, format=format or None, year=year)
        except InternalError:
            raise
        except MriocarbonError as error:  # a broken file is the caller's here, not ours
            raise Refused.by(error, 422) from None
        finally:
            shutil.rmtree(place, ignore_errors=True)
        answers.forget()
        content = Table(name=name, uploaded=True, about=about).model_dump(mode="json")
        return JSONResponse(content, 201, headers={"location": f"/v1/tables/{name}"})

    @router.get("/v1/tables/{name}", tags=["tables"], summary="One table", response_model=Table)
    def one(name: Annotated[str, Path(max_length=80)]) -> Table:
        """What is known of a table."""
        about = uploads.about()
        if name not in tables.names():
            raise _missing(name)
        return Table(name=name, uploaded=name in about, about=about.get(name, {}))

    @router.delete(
        "/v1/tables/{name}", tags=["tables"], summary="Remove a table", status_code=204,
        response_class=Response,
    )  # fmt: skip
    def remove(name: Annotated[str, Path(max_length=80)]) -> Response:
        """Forget an uploaded table; those that ship stay."""
        try:
            uploads.remove(name)
        except UnknownNameError:
            raise _missing(name) from None
        answers.forget()
        return Response(status_code=204)


def _missing(name: str) -> Refused:
    return Refused.by(UnknownNameError.of("table", name, tables.names()), 404)
