"""Systems and experiments in words."""

import pytest

from emulant.reporting.words import described, experiment_title


@pytest.mark.parametrize(
    ("name", "title"),
    [("phi4_critical", "φ⁴ critical"), ("two_peak", "two peak"), ("sigma", "σ"), ("au_au_2", "au au 2")],
)
def test_titles_of_experiments(name, title):
    assert experiment_title(name) == title


def test_a_system_is_described_by_its_own_symbols():
    block = {"kind": "phi4", "kappa": 0.26, "lambda": 0.022, "shape": [16, 16]}
    assert described(block) == "lattice φ⁴, κ = 0.26, λ = 0.022, 16 × 16"
    assert described({"kind": "two_peak", "mean": -1.5, "width": 0.25}).endswith("mean = −1.5, width = 0.25")
