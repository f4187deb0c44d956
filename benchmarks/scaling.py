"""Scaling of wall time and memory with the lattice, the number of configurations, of events and of cores.

    python benchmarks/scaling.py            # half an hour on two quiet cores; writes docs/scaling.{md,svg,csv}
    python benchmarks/scaling.py --quick    # 2 minutes, smaller sizes, writes to a folder in /tmp
    python benchmarks/scaling.py --series hmc train --output docs    # repeat these, keep the others of the table

Every point is a separate process (benchmarks/scaling_work.py) on one thread, except in the series of cores. Exponents are
slopes in logarithms through the largest points. The exit status is 1 if a stage needs more than MOST_BYTES of memory for
each further configuration: memory must be bounded by the batch, not by the length of an ensemble.
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
"""Seconds of one point at most."""
MOST_BYTES = 256
"""Bytes of the smallest field, 8 x 8 in float32; an index, a weight and the averages of a chain take fewer."""
FITTED = 3
"""Points in the fit of an exponent: the largest ones, where constant costs matter least, and one degree of freedom."""
CRITICAL = 0.27088
"""kappa_c at lambda = 0.022, as in scaling_work.py."""


def sizes(quick):
    """Return the lattice sizes of the series in L."""
    return [8, 16, 32] if quick else [8, 16, 32, 64, 128]


def plan(quick, folder):
    """Return series by name: lists of (variable, value, task). Networks shared by tasks are kept in `folder`."""
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
    # Without clusters tau_int grows like L^2: the largest lattice would take most of the time.
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
    """Return the task of tau_int at kappa_c: tens of tau_int long, with fewer chains on larger lattices."""
    count = 400 if clusters else round(12 * size**1.65)
    chains = max(16, min(128, 128 * 32**2 // size**2))
    count = max(400, count // 3 if quick else count)
    return {"work": "critical", "size": size, "clusters": clusters, "trajectories": count, "chains": chains}


def measured(task, threads):
    """Run one task in a process; return its results, or raise RuntimeError with the end of its error output."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": str(threads)}
    environment["PYTHONPATH"] = str(HERE.parent / "workflow")
    command = [sys.executable, str(HERE / "scaling_work.py"), json.dumps(task)]
    options = {"capture_output": True, "text": True, "timeout": PATIENCE, "check": False}
    done = subprocess.run(command, env=environment, **options)
    if done.returncode:
        raise RuntimeError(f"{task}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def exponent(x, y):
    """Fit log y against log x at the FITTED largest x; return the slope and its error from the residuals."""
    finite = np.isfinite(np.asarray(y, dtype=float))
    x, y = np.asarray(x, dtype=float)[finite], np.asarray(y, dtype=float)[finite]
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
    """Return exponent and error for each series and quantity."""
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
    """Return bytes of memory per further configuration or event by series, from the two largest numbers.

    Smaller numbers may not fill a batch.
    """
    bytes_of = {}
    for (series, variable), part in table.groupby(["series", "variable"], sort=False):
        if variable in ("N", "events"):
            ends = part.sort_values("x").iloc[-2:]
            bytes_of[series] = float(np.diff(ends["peak_mb"])[0] * 2**20 / np.diff(ends["x"])[0])
    return bytes_of


def main():
    """Run the series, write the page, and exit with 1 if memory grows with the ensemble."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--series", nargs="+", help="only these; others stay as a table in --output has them")
    parser.add_argument("--output", type=Path, help="folder for scaling.md, scaling.svg and scaling.csv")
    options = parser.parse_args()
    scratch = options.quick or options.series
    output = options.output or (Path(tempfile.mkdtemp(prefix="scaling")) if scratch else HERE.parent / "docs")
    earlier_table = output / "scaling.csv"
    earlier_rows = (
        pd.read_csv(earlier_table).to_dict("records") if options.series and earlier_table.exists() else []
    )
    rows = [row for row in earlier_rows if row["series"] not in options.series]
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
