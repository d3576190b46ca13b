"""A thin client in Python: results come back as the tools return them, errors as they raise them.

It needs httpx alone, not the extra ``[web]``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from pydantic import ValidationError

from mriocarbon.errors import InputError, MriocarbonError, NotAvailableError
from mriocarbon.model.atomic import replacing
from mriocarbon.service import problems
from mriocarbon.service.problems import Problem
from mriocarbon.tools.types import ToolResult


class Client:
    """A server of ours, as if its tools were here.

    Parameters
    ----------
    url : str
        Such as ``http://127.0.0.1:8080``.
    key : str, optional
        API key; needed where the server is exposed. Never shown.
    timeout : float
        Seconds for one answer.
    transport : httpx.BaseTransport, optional
        Another way to the server, as for tests.

    Examples
    --------
    >>> with Client("http://127.0.0.1:8080") as client:  # doctest: +SKIP
    ...     found = client.call("account", regions=["China"])
    ...     found.figures[0].value, found.figures[0].unit
    """

    def __init__(
        self, url: str, key: str | None = None, *, timeout: float = 120.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        headers = {"accept": "application/json"}
        if key is not None:
            headers["authorization"] = f"Bearer {key}"
        self._http = httpx.Client(
            base_url=url.rstrip("/"), headers=headers, timeout=timeout, transport=transport
        )
        self._kept: dict[str, tuple[str, str, ToolResult]] = {}  # its address, its ETag, itself

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def __repr__(self) -> str:
        return f"Client({str(self._http.base_url)!r})"

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def tools(self, group: str | None = None) -> list[dict[str, Any]]:
        """Return the tools: name, group, title, description, cost, arguments, examples."""
        query = {"limit": "200"} | ({} if group is None else {"group": group})
        found: list[dict[str, Any]] = self._json("GET", "/v1/tools", params=query)["tools"]
        return found

    def call(self, tool: str, /, **arguments: Any) -> ToolResult:
        """Call a tool; one that is slow runs as a job, which is waited for.

        The same call again is a GET of the address that the first answer named (its
        Content-Location) with its ETag: it is sent only if the data changed.

        Raises
        ------
        MriocarbonError
            What the tool raises there is raised here, of the same class, in the same words.
        """
        asked = json.dumps([tool, arguments], sort_keys=True, default=str)
        if asked in self._kept:
            place, tag, kept = self._kept[asked]
            answer = self._send("GET", place, headers={"if-none-match": tag})
            if answer.status_code == 304:
                return kept
        else:
            answer = self._send("POST", f"/v1/tools/{tool}", json=arguments)
            place = answer.headers.get("content-location", "")
        if answer.status_code == 202:
            return self.wait(answer.json()["id"])
        result = ToolResult.model_validate_json(answer.content)
        if place.startswith("/v1/") and answer.headers.get("etag"):
            self._kept[asked] = (place, answer.headers["etag"], result)
        return result

    def submit(self, tool: str, /, **arguments: Any) -> str:
        """Submit a tool as a job and return the job's id."""
        asked = {"tool": tool, "arguments": arguments}
        return str(self._json("POST", "/v1/jobs", json=asked)["id"])

    def job(self, number: str) -> dict[str, Any]:
        """Return a job as it is now."""
        found: dict[str, Any] = self._json("GET", f"/v1/jobs/{number}")
        return found

    def cancel(self, number: str) -> dict[str, Any]:
        """End a job."""
        found: dict[str, Any] = self._json("DELETE", f"/v1/jobs/{number}")
        return found

    def events(self, number: str, after: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what happens to a job, as (event, data), until it has ended.

        A connection that breaks is taken up again after the last line that came.
        """
        broken = 0
        while True:
            try:
                headers = {"accept": "text/event-stream", "last-event-id": str(after)}
                with self._http.stream(
                    "GET", f"/v1/jobs/{number}/events", headers=headers
                ) as stream:
                    if stream.is_error:
                        stream.read()
                        raise _error(stream)
                    for name, data, line in _events(stream.iter_lines()):
                        after, broken = (line or after), 0
                        yield name, data
                        if name == "end":
                            return
            except httpx.TransportError:
                broken += 1
                if broken > 5:
                    raise
                time.sleep(0.2 * 2**broken)

    def wait(self, number: str, *, progress: Callable[[str], None] | None = None) -> ToolResult:
        """Wait until a job has ended, and return its result.

        Raises
        ------
        MriocarbonError
            Why it failed; NotAvailableError if it was cancelled.
        """
        job = self._ended(number, progress)
        return ToolResult.model_validate_json(self._send("GET", job["links"]["result"]).content)

    def report(
        self, name: str, folder: Path | str, /, *,
        progress: Callable[[str], None] | None = None, **arguments: Any,
    ) -> list[Path]:  # fmt: skip
        """Have a report built and put its files into a folder.

        Returns
        -------
        list of Path
            The page first.
        """
        made = self._json("POST", f"/v1/reports/{name}", json=arguments)
        job = self._ended(str(made["id"]), progress)
        place, files = Path(folder), []
        for file, link in job["links"].items():
            if not link.startswith(f"/v1/jobs/{job['id']}/files/"):
                continue
            target = (place / file).resolve()
            if not target.is_relative_to(place.resolve()):  # whatever the server is
                raise InputError("a file of the report leads out of the folder", where=file[:80])
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as part:
                part.write_bytes(self._send("GET", link).content)
            files.append(place / file)
        return files

    def upload(
        self, name: str, path: Path | str, *, format: str = "", year: int | None = None
    ) -> dict[str, Any]:
        """Upload a table; from then on tools take its name as `table_name`."""
        form = {"name": name, "format": format} | ({} if year is None else {"year": str(year)})
        with Path(path).open("rb") as file:
            found: dict[str, Any] = self._json(
                "POST", "/v1/tables", data=form, files={"file": (Path(path).name, file)}
            )
        return found

    def remove(self, name: str) -> None:
        """Remove an uploaded table."""
        self._send("DELETE", f"/v1/tables/{name}")

    def _ended(self, number: str, progress: Callable[[str], None] | None) -> dict[str, Any]:
        job: dict[str, Any] = {}
        for name, data in self.events(number):
            if name == "progress" and progress is not None:
                progress(str(data["text"]))
            if name == "end":
                job = data
        if job.get("state") == "failed":
            raise problems.raised(Problem.model_validate(job["error"]))
        if job.get("state") != "done":
            raise NotAvailableError(
                "the job has no result", where=f"job {number}, which is {job.get('state', 'gone')}",
                do="submit it again",
            )  # fmt: skip
        return job

    def _json(self, method: str, path: str, **more: Any) -> Any:
        return self._send(method, path, **more).json()

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise NotAvailableError(
                f"the server does not answer: {type(error).__name__}",
                where=str(self._http.base_url), do="start it with `mriocarbon serve`",
            ) from error  # fmt: skip
        if answer.is_error:
            raise _error(answer)
        return answer


def _error(answer: httpx.Response) -> MriocarbonError:
    try:
        return problems.raised(Problem.model_validate_json(answer.content))
    except ValidationError:
        return NotAvailableError(
            f"the server answered with status {answer.status_code}", where=str(answer.url.path),
            do="see whether it is a server of ours",
        )  # fmt: skip


def _events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Yield (event, data, number) out of the lines of a stream."""
    name, data, number = "message", "", 0
    for line in lines:
        if not line:
            if data:
                content: Mapping[str, Any] = json.loads(data)
                yield name, dict(content), number
            name, data, number = "message", "", 0
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data += value
        elif field == "id" and value.isdecimal():
            number = int(value)
