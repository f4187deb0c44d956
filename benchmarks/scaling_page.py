"""Page, figure and table written by benchmarks/scaling.py."""

import os
import platform

import pandas as pd
from scaling_models import FEWEST, PROBES, PROPOSALS

from emulant.plots.style import MARKERS, PALETTE, panels, save, styled

PAGE = """# How it scales

Written by `python benchmarks/scaling.py` on {machine}, {cores} cores; every point is a process of its own on one thread.
All numbers: [scaling.csv](scaling.csv).

![Wall time, memory and autocorrelation](scaling.svg)

Exponents are slopes in logarithms through the three largest points, errors are those of the residuals.

| what | grows with | quantity | exponent |
| --- | --- | --- | --- |
{exponents}

## Memory
Peak memory of a stage, and what every further configuration (8 × 8 in float32, 256 bytes) or event adds to it, between
the two largest numbers. Fields are read and written in batches; what grows are an index and a weight for each
configuration, and for Markov chains the few numbers that observables need. The rule `train` is the exception: it holds its
training ensemble in memory.

| stage | smallest | largest | peak, MB | bytes for each further one |
| --- | --- | --- | --- | --- |
{memory}

## Cores
Hybrid Monte Carlo at 32² on two cores: {speedup}.

## Critical slowing down
At κ_c = 0.27088, λ = 0.022: trajectories of length 2 with the step tuned to acceptance 0.9, with one embedded cluster
after each and without. τ_int is that of |M| in trajectories, an independent configuration is 2 τ_int of them. With
clusters no slowing down is left that a Fourier-accelerated kinetic term could take away, so trajectories have the plain one.

| L | τ_int with clusters | ms each | τ_int without | ms each |
| --- | --- | --- | --- | --- |
{critical}

A model (`ve_diffusion` of `phi4_critical` as the laptop scale trains it, 300 steps at each L) proposes independent
fields, which a Metropolis step accepts with the true action and the model's likelihood (8 steps, Hutchinson's trace with
{probes} probes): exact up to these steps and the trace's noise, with τ_int of |M| in proposals. Its error is that of the
chain and of the pool of {proposals} proposals. An independent configuration is 2 τ_int proposals with their likelihoods;
training is extra. Effective part: (Σw)² / NΣw² of the pool's importance weights; below {fewest} effective proposals no
τ_int is given.

| L | τ_int | acceptance | effective part | slope of −log q on S | noise of log q | s each | training, CPU s |
| --- | --- | --- | --- | --- | --- | --- | --- |
{models}

## From one lattice to another
The same, where the network is that of L = 16: the power of each mode, the law of the order parameter and the linear
correction are measured on an ensemble at the L of the table, and nothing is trained.

| L | τ_int | acceptance | effective part | slope of −log q on S | noise of log q | s each | training, CPU s |
| --- | --- | --- | --- | --- | --- | --- | --- |
{carried}

## From one coupling to another
A model at κ = 0.26, L = 16, whose fields are accepted with the action at another κ, as far as the two ensembles overlap.

| κ | τ_int | acceptance | effective part | slope of −log q on S |
| --- | --- | --- | --- | --- |
{elsewhere}
"""
WORDS = {
    "hmc": "a trajectory of Hybrid Monte Carlo, 20 forces and a cluster",
    "generate": "a generated field, 12 evaluations",
    "train": "loss and gradient of a batch of 32",
    "reference": "`reference` at 8², thermalisation included",
    "measure": "`measure` at 8², all observables",
    "events of events": "`events` by the stand-in, O + O",
    "measure of events": "`measure` of events",
    "generate of events": "`generate` of events by `heidi`, O + O",
    "tau with clusters": "at κ_c with clusters",
    "tau without clusters": "at κ_c without clusters",
    "tau of a model": "at κ_c, corrected model trained at each L",
    "tau of a carried model": "at κ_c, corrected model with the network of L = 16",
}
QUANTITIES = {
    "seconds": "wall time",
    "tau_int": "τ_int",
    "independent_seconds": "CPU time of an independent one",
}

SHORT = {
    "hmc": "trajectory",
    "generate": "generated field",
    "train": "training step",
    "reference": "reference",
    "measure": "measure",
    "events of events": "events of the stand-in",
    "measure of events": "measure of events",
    "generate of events": "events of heidi",
    "tau with clusters": "with clusters",
    "tau without clusters": "without",
    "tau of a model": "corrected model",
    "tau of a carried model": "network of L = 16",
}
CRITICAL = ("tau with clusters", "tau without clusters", "tau of a model", "tau of a carried model")
# Label of x, quantity, label of y, series.
SHOWN = (
    ("$L$", "seconds", "wall time  [s]", ("hmc", "generate", "train")),
    ("configurations", "seconds", "wall time  [s]", ("reference", "measure")),
    ("events", "seconds", "wall time  [s]", ("events of events", "measure of events", "generate of events")),
    (
        "configurations or events",
        "peak_mb",
        "peak memory  [MB]",
        ("reference", "measure", "events of events", "measure of events", "generate of events"),
    ),
    ("$L$", "tau_int", r"$\tau_\mathrm{int}$ of $|M|$ at $\kappa_c$  [trajectories, proposals]", CRITICAL),
    ("$L$", "independent_seconds", r"CPU time / independent at $\kappa_c$  [s]", CRITICAL),
)


def write(folder, table, exponents, memory):
    """Write scaling.csv, scaling.svg and scaling.md to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "scaling.csv", index=False, float_format="%.6g")
    save(draw(table, exponents), folder / "scaling.svg")
    text = PAGE.format(
        machine=platform.machine(),
        cores=os.cpu_count(),
        exponents="\n".join(
            f"| {WORDS[row.series]} | {row.variable} | {QUANTITIES[row.quantity]} | {row.exponent:.2f}{_error(row.error)} |"
            for row in exponents.itertuples()
        ),
        memory="\n".join(_memory(table, series, each) for series, each in memory.items()),
        speedup=_speedup(table),
        critical="\n".join(_critical(table)),
        models="\n".join(_models(table, "tau of a model")),
        carried="\n".join(_models(table, "tau of a carried model")),
        elsewhere="\n".join(_elsewhere(table)),
        probes=PROBES,
        proposals=PROPOSALS,
        fewest=FEWEST,
    )
    (folder / "scaling.md").write_text(text)


def _error(value):
    return f" ± {value:.2f}" if pd.notna(value) else ", two points"


def _memory(table, series, each):
    part = table[table["series"] == series].sort_values("x")
    first, last = part.iloc[0], part.iloc[-1]
    return (
        f"| {WORDS[series]} | {first['x']:,.0f} | {last['x']:,.0f} | {first['peak_mb']:.0f} … {last['peak_mb']:.0f} "
        f"| {each:.0f} |"
    )


def _speedup(table):
    part = table[table["series"] == "hmc on cores"].set_index("x")
    return (
        f"{part['seconds'][1] / part['seconds'][2]:.2f} times as fast as on one"
        if len(part) == 2
        else "not run"
    )


def _critical(table):
    parts = [
        table[table["series"] == f"tau {which} clusters"].set_index("x") for which in ("with", "without")
    ]
    for size in sorted({size for part in parts for size in part.index}):
        cells = []
        for part in parts:
            if size not in part.index:
                cells += ["not run", ""]
                continue
            row = part.loc[size]
            cells += [
                f"{row['tau_int']:.2f} ± {row['tau_error']:.2f}",
                f"{1e3 * row['independent_seconds']:.3g}",
            ]
        yield f"| {size:g} | {' | '.join(cells)} |"


def _models(table, series):
    for row in table[table["series"] == series].sort_values("x").to_dict("records"):
        spent = f"{row['train_seconds']:.0f}" if row["train_seconds"] else "none"
        each = f"{row['independent_seconds']:.3g}" if pd.notna(row["tau_int"]) else ""
        yield f"| {row['x']:g} | {_chain(row)} | {row['trace_noise']:.2f} | {each} | {spent} |"


def _elsewhere(table):
    for row in table[table["series"] == "model at another kappa"].sort_values("x").to_dict("records"):
        yield f"| {row['x']:g} | {_chain(row)} |"


def _chain(row):
    few = f"under {FEWEST} proposals"
    tau = f"{row['tau_int']:.2f} ± {row['tau_error']:.2f}" if pd.notna(row["tau_int"]) else few
    return f"{tau} | {row['acceptance']:.2f} | {row['effective_part']:.3f} | {row['slope']:.3f}"


@styled
def draw(table, exponents):
    """Draw wall time against L, N and events, memory, and tau_int, with fitted exponents in the legends."""
    figure, axes = panels(2, 3, width=4.2, height=3.4)
    for axis, (label_of_x, quantity, unit, names) in zip(axes.flat, SHOWN, strict=True):
        for index, name in enumerate(names):
            part = table[table["series"] == name].sort_values("x")
            if len(part) and quantity in part:
                label, style = _label(name, quantity, exponents), {"color": PALETTE[index]}
                axis.plot(part["x"], part[quantity], f"{MARKERS[index]}-", label=label, **style)
        axis.set(xlabel=label_of_x, ylabel=unit, xscale="log")
        if quantity == "peak_mb":
            axis.set_ylim(0, None)
        else:
            axis.set_yscale("log")
        if axis.lines:
            axis.legend(fontsize=8)
    return figure


def _label(name, quantity, exponents):
    fits = exponents[(exponents["series"] == name) & (exponents["quantity"] == quantity)]
    return f"{SHORT[name]}: {fits['exponent'].iloc[0]:.2f}" if len(fits) else SHORT[name]
