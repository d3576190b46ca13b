"""The process that atheris drives: one target, until its time is up.

``python -m scripts.fuzz.worker NAME FOLDER SECONDS``. Findings are written below FOLDER, each once,
and the run goes on: one fault does not hide the next. What ends the process (a hang, a fault in
compiled code, too much memory) libFuzzer writes there.
"""

from __future__ import annotations

import hashlib
import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from random import Random

import atheris

from scripts.fuzz.targets import TARGETS

HANG = 60  # seconds after which libFuzzer ends the process
RESIDENT = 3072  # MiB after which it does


def watched(rooms: tuple[str, ...]) -> None:
    """Import all modules of some rooms, with atheris' counters in them."""
    with atheris.instrument_imports(include=list(rooms)):
        for room in rooms:
            module = import_module(room)
            for one in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{room}."):
                if not one.name.endswith("__main__"):
                    import_module(one.name)


def main(name: str, out: Path, home: Path, seconds: int) -> None:
    """Fuzz one target for so many seconds; `home` is a folder for its files."""
    target = TARGETS[name]
    watched(target.rooms)
    # what imports the package is imported when its modules have their counters
    from scripts.fuzz.bundle import packed
    from scripts.fuzz.judge import tried
    from scripts.fuzz.mutate import LARGEST, mutated

    corpus, faults = out / "corpus", out / "findings"
    for folder in (corpus, faults):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        data = packed(seed)
        (corpus / hashlib.sha256(data).hexdigest()[:40]).write_bytes(data)
        tried(target, data, home)  # what is loaded on first use is no input's doing

    def one(data: bytes) -> None:
        found = tried(target, data, home)
        if found is not None:
            stem = hashlib.sha256(found.key.encode()).hexdigest()[:16]
            if not (faults / f"{stem}.txt").exists():
                (faults / stem).write_bytes(data)
                text = f"{found.key}\n\n{found.text}\n"
                (faults / f"{stem}.txt").write_text(text, "utf-8", "backslashreplace")

    def change(data: bytes, most: int, seed: int) -> bytes:
        def raw(body: bytes) -> bytes:
            return bytes(atheris.Mutate(body, max(1, min(2 * len(body) + 64, most))))

        return mutated(data, Random(seed), raw)[:most]

    atheris.Setup(
        [
            name, str(corpus), f"-max_total_time={seconds}", f"-max_len={LARGEST}",
            f"-timeout={HANG}", f"-report_slow_units={HANG}", f"-rss_limit_mb={RESIDENT}",
            f"-artifact_prefix={faults}/", "-print_final_stats=1", "-len_control=0", "-reload=0",
        ],
        one, custom_mutator=change,
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
