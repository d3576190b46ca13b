"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("mriocarbon", "numpy", "scipy", "jax", "jaxlib", "pandas", "pymrio")


def machine() -> dict[str, str]:
    """Return processor, cores, GPU if any, BLAS and versions; no name of the machine."""
    found = {"cpu": _cpu(), "cores": str(cores()), "system": platform.system()}
    if device := _device():
        found["device"] = device
    found["python"] = platform.python_version()
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed as a distribution"
    import numpy
    import scipy

    for module in (numpy, scipy):
        found[f"{module.__name__} BLAS"] = _blas(module)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE"):
        if name in os.environ:
            found[name] = os.environ[name]
    if hasattr(os, "getloadavg"):
        found["load before"] = f"{os.getloadavg()[0]:.1f}"  # other work on the cores
    return found


def cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _device() -> str:
    """Names of the GPUs, or nothing."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    told = subprocess.run(
        [program, "--query-gpu=name", "--format=csv,noheader"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ", ".join(told.stdout.split("\n")).strip(", ") if told.returncode == 0 else ""


def _blas(module: Any) -> str:
    config: dict[str, Any] = module.show_config(mode="dicts") or {}
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()
