"""How wall time and memory grow with the lattice, the number of configurations, of events and of cores.

    python benchmarks/scaling.py            # half an hour on two quiet cores; writes docs/scaling.{md,svg,csv}
    python benchmarks/scaling.py --quick    # 2 minutes, smaller sizes, writes to a folder in /tmp
    python benchmarks/scaling.py --series hmc train --output docs    # these anew, the others as they are in the table

Every point is a process of its own (benchmarks/scaling_work.py), on one thread except where cores are counted. Exponents
are slopes in logarithms through the largest points. It fails where a stage keeps more memory for each further
configuration than MOST_BYTES: batches must bound memory, not the length of an ensemble.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scaling_page import write

HERE = Path(__file__).parent
PATIENCE = 1800
# Fewer than the smallest field has, 8 x 8 in float32; an index, a weight and what observables need of a chain fit.
MOST_BYTES = 256
FITTED = 3
CRITICAL = 0.27088


def sizes(quick):
    return [8, 16, 32] if quick else [8, 16, 32, 64, 128]


def plan(quick, folder):
    """Series by name: what is varied, and the tasks; `folder` keeps trained networks for the tasks that share them."""
    lengths = [10**3, 10**4, 10**5] if quick else [10**3, 10**4, 10**5, 10**6]
    events = [10**2, 10**3, 10**4] if quick else [10**2, 10**3, 10**4, 10**5]
    series = {
        work: [("L", size, {"work": work, "size": size}) for size in sizes(quick)]
        for work in ("hmc", "generate", "train")
    }
    for work in ("reference", "measure"):
        series[work] = [("N", count, {"work": work, "samples": count}) for count in lengths]
    for rule in ("events", "measure"):
        series[f"{rule} of events"] = [
            ("events", count, {"work": "events", "samples": count, "rule": rule}) for count in events
        ]
    series["generate of events"] = [
        ("events", count, {"work": "generate_events", "samples": count}) for count in events
    ]
    series["hmc on cores"] = [
        ("cores", cores, {"work": "hmc", "size": 32, "sites": 40_000_000}) for cores in (1, 2)
    ]
    series["tau with clusters"] = [("L", size, critical(size, 1, quick)) for size in sizes(quick)]
    # Without clusters tau grows so fast that the largest lattice would take most of the time.
    series["tau without clusters"] = [
        ("L", size, critical(size, 0, quick)) for size in sizes(quick) if size < 128
    ]
    trained = {"work": "trained", "folder": str(folder)}
    at_critical = trained | {"model": "corrected", "kappa": CRITICAL}
    series["tau of a model"] = [
        ("L", size, at_critical | {"size": size}) for size in ([8, 16] if quick else [8, 16, 32])
    ]
    series["tau of a carried model"] = [
        ("L", size, at_critical | {"size": size, "network_size": 16})
        for size in ([8] if quick else [8, 32, 64])
    ]
    series["model at another kappa"] = [
        ("kappa", kappa, trained | {"model": "elsewhere", "size": 16, "kappa": kappa, "trained_kappa": 0.26})
        for kappa in ((0.26, 0.262) if quick else (0.252, 0.256, 0.258, 0.26, 0.262, 0.264, 0.268))
    ]
    return series


def critical(size, clusters, quick):
    """Long enough for tens of tau_int; fewer chains on larger lattices."""
    count = 400 if clusters else round(12 * size**1.65)
    chains = max(16, min(128, 128 * 32**2 // size**2))
    count = max(400, count // 3 if quick else count)
    return {"work": "critical", "size": size, "clusters": clusters, "trajectories": count, "chains": chains}


def measured(task, threads):
    """What one process says; RuntimeError with its last words where it fails."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": str(threads)}
    environment["PYTHONPATH"] = str(HERE.parent / "workflow")
    command = [sys.executable, str(HERE / "scaling_work.py"), json.dumps(task)]
    options = {"capture_output": True, "text": True, "timeout": PATIENCE, "check": False}
    done = subprocess.run(command, env=environment, **options)
    if done.returncode:
        raise RuntimeError(f"{task}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def exponent(x, y):
    """Slope of log y on log x through the FITTED largest x, with the error that its residuals suggest."""
    known = np.isfinite(np.asarray(y, dtype=float))
    x, y = np.asarray(x, dtype=float)[known], np.asarray(y, dtype=float)[known]
    order = np.argsort(x)[-FITTED:]
    if len(order) < 2:
        return float("nan"), float("nan")
    x, y = np.log(x[order]), np.log(y[order])
    slope, offset = np.polyfit(x, y, 1)
    if len(order) < 3:
        return slope, float("nan")
    return slope, float(
        np.sqrt(np.sum((y - slope * x - offset) ** 2) / (len(x) - 2) / np.sum((x - x.mean()) ** 2))
    )


def exponents(table):
    """One row for each series and quantity: exponent and error."""
    rows = []
    for (series, variable), part in table.groupby(["series", "variable"], sort=False):
        if variable in ("cores", "kappa"):
            continue
        quantities = ("tau_int", "independent_seconds") if series.startswith("tau") else ("seconds",)
        for quantity in quantities:
            value, error = exponent(part["x"], part[quantity])
            rows.append((series, variable, quantity, value, error))
    return pd.DataFrame(rows, columns=["series", "variable", "quantity", "exponent", "error"])


def bytes_each(table):
    """Memory that every further configuration or event takes, between the two largest numbers, by series.

    Smaller ones may not fill a batch yet.
    """
    found = {}
    for (series, variable), part in table.groupby(["series", "variable"], sort=False):
        if variable in ("N", "events"):
            ends = part.sort_values("x").iloc[-2:]
            found[series] = float(np.diff(ends["peak_mb"])[0] * 2**20 / np.diff(ends["x"])[0])
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--series", nargs="+", help="only these; others stay as a table in --output has them")
    parser.add_argument("--output", type=Path, help="folder for scaling.md, scaling.svg and scaling.csv")
    options = parser.parse_args()
    scratch = options.quick or options.series
    output = options.output or (Path(tempfile.mkdtemp(prefix="scaling")) if scratch else HERE.parent / "docs")
    known = output / "scaling.csv"
    kept = pd.read_csv(known).to_dict("records") if options.series and known.exists() else []
    rows = [row for row in kept if row["series"] not in options.series]
    with tempfile.TemporaryDirectory() as folder:
        for series, points in plan(options.quick, folder).items():
            if options.series and series not in options.series:
                continue
            for variable, x, task in points:
                result = measured(task, x if variable == "cores" else 1)
                rows.append({"series": series, "variable": variable, "x": x, **result})
                print(
                    {key: float(f"{v:.4g}") if isinstance(v, float) else v for key, v in rows[-1].items()},
                    flush=True,
                )
    order = list(plan(options.quick, Path()))
    rows.sort(key=lambda row: (order.index(row["series"]), row["x"]))
    table = pd.DataFrame(rows)
    memory = bytes_each(table)
    write(output, table, exponents(table), memory)
    print(f"\nwritten to {output}\n{exponents(table).to_string(index=False)}")
    print("\n".join(f"{series}: {each:.0f} bytes for each further one" for series, each in memory.items()))
    heavy = [series for series in ("reference", "measure") if memory.get(series, 0) > MOST_BYTES]
    if heavy:
        sys.exit(f"memory grows with the length of the ensemble in: {', '.join(heavy)}")


if __name__ == "__main__":
    main()
