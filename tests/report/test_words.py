"""Systems and experiments in words."""

from pathlib import Path

from emulant.reporting.results import Results
from emulant.reporting.words import described, references, symbols_of, typeset


def test_a_system_is_described_by_its_own_symbols():
    block = {"kind": "phi4", "kappa": 0.26, "lambda": 0.022, "shape": [16, 16]}
    assert described(block) == "lattice φ⁴, κ = 0.26, λ = 0.022, 16 × 16"
    assert described({"kind": "two_peak", "mean": -1.5, "width": 0.25}).endswith("mean = −1.5, width = 0.25")


def test_units_are_written_and_what_takes_more_than_a_line_is_left_out():
    gold = {
        "kind": "collision",
        "projectile": [197, 79],
        "target": [197, 79],
        "energy": 10.0,
        "impact": [1.0, 1.0],
    }
    assert described(gold) == (
        "heavy-ion collision, projectile (A, Z) = 197, 79, target (A, Z) = 197, 79, E_lab = 10 GeV a nucleon, b = 1 fm"
    )
    posterior = {
        "kind": "linear_gaussian",
        "prior": {"a": {"normal": [0, 1]}},
        "response": [[1.0]],
        "noise": [0.5],
    }
    assert described(posterior).endswith("solved, noise = 0.5")


def test_references_are_of_the_sentence_the_system_and_the_families_each_once():
    settings = {"about": "As in arXiv:2410.21212.", "models": {"a": {"family": "ridge_flow"}}}
    texts = [entry["text"] for entry in references("two_peak", settings)]
    assert texts == ["arXiv:2410.21212", "arXiv:2207.00283"]
    (kaufman,) = references("ising", {"about": "", "models": {}})
    assert "Kaufman" in kaufman["text"] and kaufman["address"] == ""


def test_without_a_table_nothing_is_explained():
    assert symbols_of(Results(Path("nowhere"), {"kind": "two_peak", "mean": 1.0, "width": 0.5}, {})) == []


def test_formulas_of_identities_are_typeset():
    assert typeset("<phi^3 dS/dphi> = 3 <phi^2>") == "⟨φ³ ∂S/∂φ⟩ = 3 ⟨φ²⟩"
    assert typeset("<s h> - <h tanh(beta h)> = 0") == "⟨s h⟩ − ⟨h tanh(β h)⟩ = 0"
    assert typeset("3 <z^2> = sigma_0 <z^4> + lambda <z^6>") == "3 ⟨z²⟩ = σ₀ ⟨z⁴⟩ + λ ⟨z⁶⟩"
