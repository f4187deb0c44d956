"""An observable, exact values or an action that break their contract are one line with what was expected."""

from types import SimpleNamespace

import numpy as np
import pytest

from emulant.contracts.checks import check_action, check_exact_values, check_observables
from emulant.contracts.observable import Observable
from emulant.errors import InputError

VIEW = np.random.default_rng(1).normal(size=(8, 3))
SYSTEM = SimpleNamespace(kind="rotor")


def moments(**changes):
    right = {
        "name": "moments",
        "symbol": "m_n",
        "description": "",
        "primaries": lambda view: np.stack([view.mean(1), (view**2).mean(1)], axis=1),
        "value": lambda means, shape: means,
        "indices": lambda shape: (1, 2),
    }
    return {"moments": Observable(**right | changes)}


def test_what_keeps_its_contract_passes():
    check_observables(SYSTEM, moments(), VIEW, 8, (3,))
    check_exact_values(SYSTEM, [exact("moments", 2)], moments(), (3,))


def test_a_value_may_be_undefined_on_so_few_samples():
    undefined = moments(value=lambda means, shape: means / 0.0 - np.inf)
    check_observables(SYSTEM, undefined, VIEW, 8, (3,))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"primaries": lambda view: view.mean(1)}, r"primaries \(8, columns\) .* got shape \(8,\)"),
        ({"primaries": lambda view: view[:4]}, r"got shape \(4, 3\)"),
        ({"primaries": lambda view: view * np.nan}, "primaries that are finite"),
        ({"primaries": lambda view: view.energy}, "AttributeError: .* no attribute 'energy'"),
        (
            {"value": lambda means, shape: means[..., 0]},
            r"a value \(2,\) of means \(2,\) at 2 indices, got shape \(\)",
        ),
        ({"value": lambda means, shape: means[..., :1]}, r"a value \(2,\) .* got shape \(1,\)"),
        ({"value": lambda means, shape: means[1:] - means[:1]}, r"got shape \(1,\)"),
        (
            {"value": lambda means, shape: means.reshape(-1)},
            r"a value \(2, 2\) of means \(2, 2\) .* got shape \(4,\)",
        ),
        ({"indices": lambda shape: range(shape[1])}, "IndexError"),
    ],
)
def test_an_observable_is_named(change, words):
    with pytest.raises(InputError, match=words) as caught:
        check_observables(SYSTEM, moments(**change), VIEW, 8, (3,))
    message = str(caught.value)
    assert message.startswith("system rotor: observable moments: ") and "\n" not in message


def exact(observable, index):
    return {"observable": observable, "index": index, "value": 0.0, "error": 0.0}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (exact("moment", 1), "did you mean moments?"),
        (exact("moments", 3), "an index of moments, one of 1, 2, got 3"),
        ({"observable": "moments", "index": 1, "value": 0.0}, "got none of error"),
    ],
)
def test_an_exact_value_of_nothing_is_refused(row, words):
    """It would leave the test out, and say nothing."""
    with pytest.raises(InputError) as caught:
        check_exact_values(SYSTEM, [exact("moments", 1), row], moments(), (3,))
    assert str(caught.value).startswith("system rotor: exact_values: ") and words in str(caught.value)


class Rotor:
    kind = "rotor"

    def __init__(self, action=lambda x: (x**2).sum(1), gradient=lambda x: 2 * x):
        self._action, self._gradient = action, gradient

    def action(self, fields):
        return self._action(fields)

    def gradient(self, fields):
        return self._gradient(fields)


def test_shapes_of_action_and_gradient():
    check_action(Rotor(), VIEW)
    with pytest.raises(InputError, match=r"system rotor: action: expected the shape \(8,\) .* got \(\)"):
        check_action(Rotor(action=lambda x: (x**2).sum()), VIEW)
    with pytest.raises(InputError, match=r"rotor: gradient: expected the shape \(8, 3\) .* got \(8,\)"):
        check_action(Rotor(gradient=lambda x: x.sum(1)), VIEW)
    check_action(SYSTEM, VIEW)
