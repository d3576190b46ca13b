"""The carbon map on a grid of half a degree, three layers: whole process, cold, and the mask."""

from __future__ import annotations

from benchmarks.processes import Ended, run
from benchmarks.registry import Figure, Settings, benchmark, timed

TARGET = 20.0
MAP = "import mriocarbon as mc; mc.atlas.carbon_map(2022, resolution={step})"
NETCDF = (
    "import tempfile, pathlib, mriocarbon as mc\n"
    "made = mc.atlas.carbon_map(2022)\n"
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    for name, one in made.items():\n"
    "        one.to_xarray().to_netcdf(pathlib.Path(folder) / (name + '.nc'), engine='h5netcdf')\n"
)


def job(settings: Settings, code: str) -> Ended:
    """Run code in a fresh process, with the source data only where the settings name them."""
    return run(["-c", code], environment={"MRIOCARBON_DATA": str(settings.data or "")})


@benchmark(
    "atlas",
    "carbon_map(2022): production, consumption, natural, whole process, cold",
    size="360 x 720 cells, three layers",
    bound="20 s on two cores",
    smoke=True,
)
def atlas(settings: Settings) -> list[Figure]:
    """Fresh processes: the map, the map with its files, a finer grid; warm: the overlaps alone."""
    from mriocarbon.atlas.grid import Grid
    from mriocarbon.atlas.mask import mask

    repeats = 1 if settings.smoke else settings.times(3)
    figures = []
    cases: list[tuple[str, str, float | None]] = [
        ("three layers at 0.5 degrees", MAP.format(step=0.5), TARGET)
    ]
    if not settings.smoke:
        cases += [
            ("the same, with NetCDF files", NETCDF, None),
            ("three layers at 0.25 degrees", MAP.format(step=0.25), None),
        ]
    for name, code, target in cases:
        ended = [job(settings, code) for _ in range(repeats)]
        good = [one for one in ended if not one.code]
        note = "" if len(good) == len(ended) else ended[-1].complaint
        figures.append(Figure(name, [one.seconds for one in good], "s", target, note))
        figures.append(Figure(f"{name}, peak memory", [one.peak_mib for one in good], "MiB"))

    def overlaps() -> None:
        mask.cache_clear()
        mask(Grid(0.5))

    figures.append(
        Figure("exact overlaps of all countries with cells, 0.5 degrees", timed(overlaps, repeats))
    )
    return figures
