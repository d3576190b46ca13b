"""Peak memory and time of the readers of EXIOBASE, Eora26 and GLORIA, and of pymrio's.

``python tests/io/readers/measure_peak.py FOLDER [exiobase|eora26|gloria ...]`` writes files of a
real size class in the official layouts below FOLDER (about 1.3 GB), reads each in a process of
its own, and prints the peak above interpreter and imports as a multiple of the finished table.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

REGIONS, SECTORS, STRESSORS = 49, 100, 300

CHILD = """
import sys, time, warnings
warnings.simplefilter("ignore")
from pathlib import Path
import numpy, pandas, mriocarbon, python_calamine, openpyxl, pymrio
import mriocarbon.io.numbers, mriocarbon.io.readers.{name} as reader
from mriocarbon.io.archive import Archive
def peak():
    # ru_maxrss would start at the peak of the process that started this one
    with open("/proc/self/status") as told:
        return next(int(k.split()[1]) / 1024 for k in told if k.startswith("VmHWM"))
pandas.read_csv(__import__("io").StringIO("a,b\\n1,2\\n"))
base, start = peak(), time.perf_counter()
if "{who}" == "pymrio":
    table = {theirs}
    frames = [table.Z if table.Z is not None else table.A, table.Y]
    frames += [f for e in table.get_extensions(data=True) for f in (e.F, e.F_Y) if f is not None]
    size = sum(f.to_numpy().nbytes for f in frames)
else:
    table = reader.READER.read(Archive(Path(r"{path}")), {year})
    arrays = [table.Z, table.Y, table.x, table.value_added]
    for side in (table.other_inputs, table.other_uses):
        arrays += [] if side is None else [side.values, side.final_demand]
    arrays += [a for e in table.extensions.values() for a in (e.F, e.F_Y)]
    size = sum(a.nbytes for a in arrays if a is not None)
took, top = time.perf_counter() - start, peak() - base
size /= 2**20
print(f"{name:9s} {who:7s} table {{size:6.1f}} MiB  peak {{top:7.1f}} MiB "
      f" ratio {{top / size:5.2f}}"
      f"  {{took:5.1f}} s")
"""


def line(width, separator, rng, empty=0.0):
    values = rng.lognormal(2, 3, width)
    values[rng.random(width) < empty] = 0
    return separator.join(f"{v:.9g}" for v in values)


def exiobase(folder):
    rng, path = np.random.default_rng(0), folder / "IOT_2022_ixi"
    (path / "air_emissions").mkdir(parents=True, exist_ok=True)
    pairs = [(f"R{r}", f"Sector number {s}") for r in range(REGIONS) for s in range(SECTORS)]
    demand = [(f"R{r}", f"Category {c}") for r in range(REGIONS) for c in range(7)]

    def write(name, names, columns, rows, index):
        with (path / name).open("w") as file:
            blank = "\t" * len(index)
            for k in (0, 1):
                file.write(names[k] + blank + "\t".join(c[k] for c in columns) + "\n")
            file.write("\t".join(index) + "\t" * len(columns) + "\n")
            text = [line(len(columns), "\t", rng) for _ in range(20)]
            for k, row in enumerate(rows):
                file.write("\t".join(row) + "\t" + text[k % 20] + "\n")

    both = ("region", "sector")
    stressors = [(f"Stressor number {k} - air",) for k in range(STRESSORS)]
    write("Z.txt", both, pairs, pairs, both)
    write("Y.txt", ("region", "category"), demand, pairs, both)
    write("air_emissions/F.txt", both, pairs, stressors, ("stressor",))
    write("air_emissions/F_Y.txt", ("region", "category"), demand, stressors, ("stressor",))
    lines = [f"{r}\t{s}\t1e9\n" for r, s in pairs]
    (path / "x.txt").write_text("region\tsector\tindout\n" + "".join(lines))
    units = [f"{r}\t{s}\tM.EUR\n" for r, s in pairs]
    (path / "unit.txt").write_text("region\tsector\tunit\n" + "".join(units))
    own = "stressor\tunit\n" + "".join(f"{s}\tkg\n" for (s,) in stressors)
    (path / "air_emissions" / "unit.txt").write_text(own)
    head = '{"systemtype": "%s", "name": "x", "files": {%s}}'
    entry = '"%s": {"name": "%s.txt", "nr_index_col": "%d", "nr_header": "%d"}'
    system = ", ".join(entry % (k, k, 2, h) for k, h in (("Z", 3), ("Y", 3), ("x", 1), ("unit", 1)))
    extension = ", ".join(entry % (k, k, 1, h) for k, h in (("F", 3), ("F_Y", 3), ("unit", 1)))
    (path / "file_parameters.json").write_text((head % ("IOSystem", system)).replace('"3"', '"2"'))
    (path / "air_emissions" / "file_parameters.json").write_text(
        (head % ("Extension", extension)).replace('"3"', '"2"')
    )
    return path, f"pymrio.parse_exiobase3(r'{path}')", "None"


def eora26(folder):
    """The real size: 189 regions of 26 sectors, the discrepancy beside; 300 satellites."""
    rng, path = np.random.default_rng(0), folder / "eora"
    path.mkdir(parents=True, exist_ok=True)
    regions = [f"R{r}" for r in range(189)]
    n, m, q = 189 * 26 + 1, 190 * 6, STRESSORS

    def write(kind, rows, columns):
        text = [line(columns, "\t", rng) for _ in range(20)]
        with (path / f"Eora26_2015_bp_{kind}.txt").open("w") as file:
            for k in range(rows):
                file.write(text[k % 20] + "\n")

    for kind, rows, columns in (
        ("T", n, n), ("FD", n, m), ("VA", 6, n), ("Q", q, n), ("QY", q, m)
    ):  # fmt: skip
        write(kind, rows, columns)
    own = "".join(f"L {r}\t{r}\tIndustries\tS{s}\n" for r in regions for s in range(26))
    (path / "labels_T.txt").write_text(own + "ROW\tROW\tTOTAL\tTOTAL\n")
    own = "".join(f"L {r}\t{r}\tFD\tC{c}\n" for r in [*regions, "ROW"] for c in range(6))
    (path / "labels_FD.txt").write_text(own)
    (path / "labels_VA.txt").write_text("".join(f"Primary Inputs\tV{k}\n" for k in range(6)))
    (path / "labels_Q.txt").write_text("".join(f"G (kg)\tq{k}\n" for k in range(q)))
    return path, f"pymrio.parse_eora26(r'{path}', year=2015)", "None"


def gloria(folder):
    """All 164 regions, 40 of the 120 sectors, 300 satellites."""
    from openpyxl import Workbook

    rng, path = np.random.default_rng(0), folder / "gloria"
    R, s, q = 164, 40, STRESSORS
    n = R * s
    end = "-Results_2020_059_Markup001(full).csv"
    homes = path / "GLORIA_MRIOs_59_2020", path / "GLORIA_SatelliteAccounts_059_2020"
    for home in homes:
        home.mkdir(parents=True, exist_ok=True)

    def name(kind):
        return homes["Q" in kind] / f"20240111_120secMother_AllCountries_002_{kind}{end}"

    def halved():
        own = line(n, ",", rng, 0.3).split(",")
        cells = ["0"] * (2 * n)
        for r in range(R):
            cells[2 * r * s : (2 * r + 1) * s] = own[r * s : (r + 1) * s]
        return ",".join(cells)

    texts = [halved() for _ in range(10)]
    with name("T").open("w") as file:
        for row in range(2 * n):
            region, k = divmod(row, 2 * s)
            if k < s:
                cells = ["0"] * (2 * n)
                cells[2 * region * s + s + k] = "5e7"
                file.write(",".join(cells) + "\n")
            else:
                file.write(texts[row % 10] + "\n")
    demand = [line(6 * R, ",", rng) for _ in range(10)]
    none = ",".join(["0"] * (6 * R))
    with name("Y").open("w") as file:
        for row in range(2 * n):
            file.write((demand[row % 10] if row % (2 * s) >= s else none) + "\n")
    for kind, rows, bank in (("V", 6 * R, texts), ("TQ", q, texts), ("YQ", q, demand)):
        with name(kind).open("w") as file:
            for row in range(rows):
                file.write(bank[row % 10] + "\n")
    book = Workbook()
    book.remove(book.active)
    for title, rows in {
        "Regions": [("Region_acronyms", "Region_names"), *((f"R{k}", f"L{k}") for k in range(R))],
        "Sectors": [("Sector_names",), *((f"S{k}",) for k in range(s))],
        "Value added and final demand": [
            ("Value_added_names", "Final_demand_names"), *((f"V{k}", f"C{k}") for k in range(6))
        ],
        "Satellites": [
            ("Sat_head_indicator", "Sat_indicator", "Sat_unit"),
            *(("E", f"q{k}", "kg") for k in range(q)),
        ],
    }.items():  # fmt: skip
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path / "GLORIA_ReadMe_059.xlsx")
    return path, f"pymrio.parse_gloria(r'{path}', year=2020)", "None"


def main():
    folder = Path(sys.argv[1])
    for make in (exiobase, eora26, gloria):
        if sys.argv[2:] and make.__name__ not in sys.argv[2:]:
            continue
        path, theirs, year = make(folder)
        for who in ("ours", "pymrio"):
            code = CHILD.format(name=make.__name__, who=who, path=path, theirs=theirs, year=year)
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=False
            )
            print(done.stdout.strip() or done.stderr.strip()[-600:], flush=True)


if __name__ == "__main__":
    main()
