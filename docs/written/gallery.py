"""gallery.md: what the experiments say of themselves, a picture of each kind, and what their jobs took."""

import csv
from pathlib import Path

from emulant.command.listing import sentence_of
from emulant.configuration.forecast import spoken

ROOT = Path(__file__).parents[2]
INTRODUCTION = """\
One block for each kind of physics: a picture of the report, experiments to begin with, and their price, CPU seconds of one
core with all their jobs, where it was measured. `emulant list` has all experiments. Pictures are of the laptop scale or the
tour; those of paths and worldlines are of the smoke scale, where models have learned nothing yet.
"""
PILLARS = {
    "Scalar fields": (
        "fields.md",
        "cumulants.svg",
        ["phi4_critical", "phi4_cumulants", "phi4_broken", "phi4_symmetric", "phi4_quench"],
    ),
    "Flow of the effective action": ("fields.md", "effective_action.svg", ["effective_action", "two_peak"]),
    "Complex Langevin": (
        "complex_langevin.md",
        "../energies_quartic.svg",
        ["complex_quartic", "complex_gaussian", "complex_quartic_unreliable"],
    ),
    "The Bose gas": ("complex_langevin.md", "silver_blaze.svg", ["bose_gas", "bose_gas_learned"]),
    "Samplers from the action": (
        "samplers.md",
        "samplers.svg",
        ["phi4_line_8", "phi4_line_14", "phi4_line_8_paths", "phi4_ladder_8"],
    ),
    "Gauge links": ("gauge.md", "charge_distribution.svg", ["u1_flow_8", "u1_flow_16", "u1_diffusion"]),
    "Spins and angles": (
        "spins.md",
        "ising_scan.svg",
        ["ising_critical", "xy_transition", "ising_triangular"],
    ),
    "Quantum paths": ("quantum.md", "wave_function.svg", ["path_double_well", "path_oscillator"]),
    "Worldlines": (
        "worldlines.md",
        "fluxes.svg",
        ["worldlines_two_sites", "worldlines_plane_4", "worldlines_plane"],
    ),
    "Whole events": (
        "events.md",
        "count_correlations.svg",
        [
            "au_au_central",
            "au_au_many",
            "au_au_impact",
            "surrogate_central",
            "surrogate_energies",
            "au_au_energies",
        ],
    ),
    "Initial states to spectra": ("spectra.md", "states.svg", ["hydro_lead_lead"]),
    "Charge separation": ("cme.md", "evolution.svg", ["cme_unfolding"]),
    "Posteriors": (
        "posteriors.md",
        "coverage.svg",
        ["linear_gaussian", "deformation_uranium", "calibration_lead_lead", "calibration_table"],
    ),
}
"""Physics -> its page, a picture, experiments to begin with."""


def costs() -> dict[tuple[str, str], float]:
    """CPU seconds of all jobs of an experiment at a scale, where they are known."""
    seconds: dict[tuple[str, str], float] = {}
    with (ROOT / "resources/job_costs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["seconds"]:
                key = row["scale"], row["job"].split()[0]
                seconds[key] = seconds.get(key, 0.0) + float(row["seconds"])
    return seconds


def gallery() -> str:
    """The gallery."""
    experiments, prices = ROOT / "config/experiments", costs()
    parts = [
        "# Gallery\n",
        INTRODUCTION,
    ]
    for title, (page, picture, names) in PILLARS.items():
        parts += [f"## [{title}]({page})", f"![{title}](pictures/{picture})\n".replace("pictures/../", "")]
        parts += ["| experiment | command | price |", "| --- | --- | --- |"]
        for name in names:
            told = [
                f"{scale} {spoken(prices[scale, name])}"
                for scale in ("smoke", "tour", "laptop")
                if (scale, name) in prices
            ]
            about = sentence_of(experiments / f"{name}.yaml").replace("|", "\\|")
            parts.append(f"| {about} | `emulant run {name}` | {', '.join(told) or 'not measured'} |")
        parts.append("")
    return "\n".join(parts)
