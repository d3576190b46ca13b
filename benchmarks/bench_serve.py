"""The service under load: 50 people with a second between requests, and a job beside them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec

import numpy as np

from benchmarks.registry import ROOT, Figure, Settings, benchmark

USERS, UNCACHED, SECONDS, PAUSE = 50, 5, 60.0, 1.0
TARGET_CACHED, TARGET_UNCACHED = 0.100, 0.250
# Monte Carlo that lasts longer than the minute, or is begun again
JOB = {
    "tool": "interval",
    "arguments": {"region": "China", "method": "monte-carlo", "draws": 1000},
}


@benchmark(
    "serve",
    "accounts over HTTP for 50 people, 1 s between their requests, while a Monte Carlo runs",
    size=f"1,000 sectors, {SECONDS:.0f} s",
    bound="p95 100 ms and 250 ms, no error",
)
def run(settings: Settings) -> list[Figure]:
    """A server, a job and the people, each in a process of its own."""
    names = ("account that is kept", "account that is not")
    missing = [m for m in ("fastapi", "uvicorn") if find_spec(m) is None]
    if missing:
        return [Figure(name, [], "s", None, f"{missing[0]} not installed") for name in names]
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serve_app", folder], cwd=ROOT,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            found = load(f"http://127.0.0.1:{port}", SECONDS)
        finally:
            server.terminate()
            server.wait()
    return figures(found)


class Found:
    """What the people met: seconds of each answer, what went wrong, whether a job ran."""

    def __init__(self) -> None:
        self.cached: list[float] = []
        self.uncached: list[float] = []
        self.wrong: Counter[str] = Counter()
        self.jobs: Counter[str] = Counter()


def figures(found: Found) -> list[Figure]:
    """Return p50 and p95 of both kinds."""
    made = []
    wrong = sum(found.wrong.values())
    for what, values, target in (
        ("account that is kept", found.cached, TARGET_CACHED),
        ("account that is not, 1,000 sectors with interval", found.uncached, TARGET_UNCACHED),
    ):
        if not values:
            made.append(Figure(what, [], "s", target, "no answer came"))
            continue
        p50, p95, most = (float(np.percentile(values, q)) for q in (50, 95, 100))
        told = ", ".join(f"{n} {what}" for what, n in found.wrong.items()) or "no error"
        ran = ", ".join(f"{n} {state}" for state, n in found.jobs.items()) or "no job"
        note = (
            f"{len(values)} requests, median {1000 * p50:.0f} ms, longest {1000 * most:.0f} ms; "
            f"{told}; job seen: {ran}"
        )
        made.append(Figure(f"p95, {what}", [p95], "s", target, note, wrong=wrong > 0))
    return made


def load(url: str, seconds: float, users: int = USERS, job: object = JOB) -> Found:
    """Let people ask for a while."""
    return asyncio.run(_load(url, seconds, users, job))


async def _load(url: str, seconds: float, users: int, job: object) -> Found:
    import httpx

    found = Found()
    limits = httpx.Limits(max_connections=users + 5, max_keepalive_connections=users + 5)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30.0) as client:
        listed = await client.get("/v1/accounts", params={"principle": "production"})
        regions = [one["labels"]["region"] for one in listed.json()["figures"]]
        for region in regions:  # what is kept is there before anybody asks
            await client.get("/v1/accounts", params={"regions": [region], "gas": "GHG"})
        end = time.perf_counter() + seconds
        people = [
            _person(client, found, k, k < UNCACHED * users // USERS, regions, end)
            for k in range(users)
        ]
        await asyncio.gather(*people, _jobs(client, found, job, end))
    return found


async def _person(
    client: object, found: Found, k: int, uncached: bool, regions: list[str], end: float
) -> None:
    import httpx

    assert isinstance(client, httpx.AsyncClient)
    some = random.Random(k)
    await asyncio.sleep(some.random() * PAUSE)  # they do not come all at once
    times = found.uncached if uncached else found.cached
    while time.perf_counter() < end:
        if uncached:
            asked = {"regions": some.sample(regions, 8), "gas": "CO2"}
        else:
            asked = {"regions": [some.choice(regions)], "gas": "GHG"}
        begun = time.perf_counter()
        try:
            answer = await client.get("/v1/accounts", params=asked)
            times.append(time.perf_counter() - begun)
            if answer.status_code != 200:
                found.wrong[str(answer.status_code)] += 1
            elif len(answer.json()["figures"]) != len(asked["regions"]):
                found.wrong["answers with other regions"] += 1
        except httpx.HTTPError as error:
            found.wrong[type(error).__name__] += 1
        await asyncio.sleep(PAUSE)


async def _jobs(client: object, found: Found, job: object, end: float) -> None:
    """Keep one job running, and count how often it was seen in which state."""
    import httpx

    assert isinstance(client, httpx.AsyncClient)
    number = ""
    while time.perf_counter() < end:
        with contextlib.suppress(httpx.HTTPError):
            state = "none"
            if number:
                state = (await client.get(f"/v1/jobs/{number}")).json()["state"]
                found.jobs[state] += 1
            if state not in ("queued", "running"):
                made = (await client.post("/v1/jobs", json=job)).json()
                if "id" not in made:
                    raise RuntimeError(f"no job was made: {made}")
                number = made["id"]
        await asyncio.sleep(PAUSE)
    with contextlib.suppress(httpx.HTTPError):
        await client.delete(f"/v1/jobs/{number}")


def main(argv: list[str]) -> None:
    """Ask a server that runs already: ``python -m benchmarks.bench_serve URL [SECONDS]``."""
    found = load(argv[0], float(argv[1]) if len(argv) > 1 else SECONDS)
    for one in figures(found):
        print(json.dumps({"name": one.name, "seconds": list(one.values), "note": one.note}))


if __name__ == "__main__":
    main(sys.argv[1:])
