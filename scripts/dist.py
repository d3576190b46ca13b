"""Build the sdist and from it the wheel, and try the wheel as a stranger would: ``make dist``.

The wheel goes into a new environment with its base dependencies alone, in the locked versions,
and is tried from an empty folder outside the repository: the commands of the README that come
first, a table made in Python, and for each extra that somebody asks for without having it, an
error that names the command that installs it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHEEL_BYTES = 12 * 1024 * 1024  # 1.8 MB of it is the US LCI
FIRST = 3  # commands of the README's first block for the shell
UNTRIED = frozenset({"dev", "docs"})  # extras for those who work on the package
NOT_IN_SDIST = (".ci/",)

TABLE = """
import mriocarbon as mc
mrio = mc.MRIO.from_arrays(
    Z=[[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]],
    Y=[[30, 40], [55, 10], [10, 45], [5, 120]], regions=["A", "B"], sectors=["1", "2"],
    stressors={"GHG": [240, 50, 60, 40]}, households={"GHG": [7, 5]},
)
found = mc.account(mrio, "consumption", stressor="GHG")
print(f"{found.total:.6f}", mc.load("oecd-icio-2022").regions[:2])
"""
TABLE_SAYS = "402.000000 ('EU27', 'USA')"  # what is emitted is somebody's: 390 and 12 at home


@dataclass(frozen=True)
class Try:
    """A command, what must be among its words, and whether it must fail."""

    command: tuple[str, ...]
    says: str = ""
    fails: bool = False


def _python(code: str) -> tuple[str, ...]:
    return ("python", "-c", f"import mriocarbon as mc; {code}")


# What asks for an extra, each by the shortest way there is.
EXTRAS = {
    "agents": ("mriocarbon", "ask", "How much does China emit?"),
    "distributed": _python("from mriocarbon.compute.dask import extra; extra('distributed')"),
    "geo": ("mriocarbon", "map", "--format", "geotiff", "--resolution", "5", "--out", "map"),
    "gpu": _python("from mriocarbon.solve.device import find_devices; find_devices('gpu')"),
    "lca": _python("mc.lca.read_brightway('default', 'x')"),
    "mcp": ("mriocarbon", "mcp"),
    "opt": _python("from mriocarbon.industry import program; program.solver()"),
    "web": ("mriocarbon", "serve", "--no-browser"),
}


def tries(readme: str) -> Iterator[Try]:
    """Yield what is tried, in order."""
    yield Try(("mriocarbon", "--version"), says="mriocarbon")
    yield Try(("mriocarbon", "doctor", "--no-probe"), says="The main job can be done.")
    for command in first_commands(readme):
        yield Try(("bash", "-c", command))
    yield Try(("python", "-c", TABLE), says=TABLE_SAYS)
    for extra, asking in EXTRAS.items():
        yield Try(asking, says=f'pip install "mriocarbon[{extra}]"', fails=True)


def first_commands(readme: str) -> list[str]:
    """Return the first commands that the README has for a shell, the program's own.

    Examples
    --------
    >>> first_commands("```sh\\nmake test\\n```\\n```sh\\nmriocarbon principles  # all\\n```\\n")
    ['mriocarbon principles']
    """
    blocks = re.findall(r"^```sh\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("mriocarbon ")][:FIRST]


def constraints(lock: str) -> str:
    """Return the pins of the lock without hashes: pip takes no hash of a constraint alone.

    Examples
    --------
    >>> constraints("a==1 ; python_version < '3.12' \\\\\\n    --hash=sha256:00\\n# no pin\\n")
    "a==1 ; python_version < '3.12'\\n"
    """
    lines = (line.rstrip("\\ ").rstrip() for line in lock.splitlines())
    return "".join(f"{line}\n" for line in lines if re.match(r"[A-Za-z0-9]", line))


def sdist_faults(names: Iterable[str], tracked: Iterable[str]) -> list[str]:
    """Return what the sdist lacks of the repository, and what it has besides.

    Examples
    --------
    >>> sdist_faults(["m-1/a.py", "m-1/x.tmp", "m-1/PKG-INFO"], ["a.py", "b.py", ".ci/run"])
    ['the sdist lacks b.py', 'the sdist holds x.tmp, which git does not track']
    """
    inside = {name.partition("/")[2] for name in names}
    wanted = {name for name in tracked if not name.startswith(NOT_IN_SDIST)}
    return [
        *(f"the sdist lacks {name}" for name in sorted(wanted - inside)),
        *(
            f"the sdist holds {name}, which git does not track"
            for name in sorted(inside - wanted - {"PKG-INFO"})
        ),
    ]


def wheel_faults(path: Path, package: Iterable[str]) -> list[str]:
    """Return what the wheel lacks of the package, what it has besides, and whether it is too big.

    Parameters
    ----------
    path : Path
        The wheel.
    package : iterable of str
        Every file that belongs to the package, from the root of the repository.
    """
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    about = "-".join(path.name.split("-")[:2]) + ".dist-info/"
    inside, wanted = {name for name in names if not name.startswith(about)}, set(package)
    faults = [f"the wheel lacks {name}" for name in sorted(wanted - inside)]
    faults += [f"the wheel holds {name}" for name in sorted(inside - wanted)]
    if f"{about}licenses/LICENSE" not in names:
        faults.append("the wheel lacks the licence")
    if (size := path.stat().st_size) > WHEEL_BYTES:
        faults.append(f"the wheel has {size:,} bytes, more than {WHEEL_BYTES:,}")
    return faults


def fault_of(one: Try, status: int, said: str) -> str:
    """Return what is wrong with what a command said, empty if nothing.

    Examples
    --------
    >>> fault_of(Try(("a",), says="yes"), 0, "no")
    "does not say 'yes'"
    """
    if (status != 0) != one.fails:
        return f"exit status {status}"
    if one.command[0] == "mriocarbon" and "Traceback" in said:
        return "a traceback"
    return "" if one.says in said else f"does not say {one.says!r}"


def run(command: Sequence[str], cwd: Path, **environment: str) -> tuple[int, str]:
    """Run a command in a folder; return its exit status and all that it says."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_"))}
    done = subprocess.run(
        command, cwd=cwd, env=env | environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace", timeout=900,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def need(command: Sequence[str], cwd: Path) -> None:
    """Run a command without which nothing can be tried."""
    status, said = run(command, cwd)
    if status:
        sys.exit(f"dist: {' '.join(command[:6])} ended with {status}:\n{said[-3000:]}")


def build(out: Path) -> tuple[Path, Path]:
    """Return the sdist and the wheel; `build` makes the wheel out of the unpacked sdist."""
    shutil.rmtree(out, ignore_errors=True)
    need([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out)], ROOT)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


def install(wheel: Path, place: Path) -> None:
    """Make an environment with the wheel and its base dependencies, in the locked versions."""
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    pins = place.parent / "dist-constraints.txt"
    pins.write_text(constraints((ROOT / "requirements.lock").read_text("utf-8")), "utf-8")
    need([sys.executable, "-m", "venv", "--without-pip", str(place)], ROOT)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install"]
    need([*pip, "--quiet", "--no-input", "--constraint", str(pins), str(wheel)], ROOT)


def main(out: Path, place: Path) -> int:
    """Build, install and try; 1 where anything is at fault."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    untried = set(extras["optional-dependencies"]) ^ set(EXTRAS) ^ UNTRIED
    faults = [f"extra {name}: in pyproject.toml or in EXTRAS alone" for name in sorted(untried)]
    sdist, wheel = build(out)
    status, listing = run(["git", "ls-files"], ROOT)
    if status:
        sys.exit("dist: run it in a clone: what belongs into the sdist is what git tracks")
    tracked = listing.splitlines()
    with tarfile.open(sdist) as archive:
        faults += sdist_faults((one.name for one in archive if one.isfile()), tracked)
    faults += wheel_faults(wheel, (name for name in tracked if name.startswith("mriocarbon/")))
    for one in (sdist, wheel):
        print(f"dist: {one.name}, {one.stat().st_size / 2**20:.1f} MiB", flush=True)
    install(wheel, place)
    path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="dist ") as empty:
        for each in tries((ROOT / "README.md").read_text("utf-8")):
            status, said = run(
                [shutil.which(each.command[0], path=path) or each.command[0], *each.command[1:]],
                Path(empty), PATH=path,
            )  # fmt: skip
            shown = " ".join(" ".join(each.command).split())[:90]
            fault = fault_of(each, status, said)
            print(f"dist: {'FAULT' if fault else 'ok':5} {shown}", flush=True)
            if fault:
                faults.append(f"{shown}: {fault}\n{said[-2000:]}")
    print("".join(f"\nfault: {one}" for one in faults) or "dist: all as it should be")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(ROOT / "dist", ROOT / "build" / "dist-venv"))
