"""Studies of two-dimensional U(1): how the topological charge freezes in Hybrid Monte Carlo."""

import pandas as pd

from emulant.contracts.study import StudyInputs, StudyTable
from emulant.errors import InputError
from emulant.gauge.freezing import freezing_rows, history_rows
from emulant.systems.u1.system import Loops

__all__ = ["studies"]


def study_freezing(system: Loops, inputs: StudyInputs) -> StudyTable:
    """Measure tau_int of Q^2 and of W(2 x 2) against beta, with and without the shift of the charge.

    Returns:
        Columns of `gauge.freezing.freezing_rows`.

    Raises:
        InputError: for an action of which no exact configurations can be drawn.
    """
    _check_solved(system, "freezing")
    settings = inputs.settings
    rows = freezing_rows(
        settings["betas"],
        system.site_shape,
        chains=settings["chains"],
        trajectories=settings["trajectories"],
        seed=inputs.seed,
    )
    return StudyTable(pd.DataFrame(rows), {})


def study_history(system: Loops, inputs: StudyInputs) -> StudyTable:
    """Follow Q from a cold start at the system's beta.

    Returns:
        Columns q_shift, trajectory, charge. The record has how often the charge changed.
    """
    trajectories = inputs.settings["trajectories"]
    table = pd.DataFrame(
        history_rows(
            system.beta,
            system.site_shape,
            trajectories=trajectories,
            seed=inputs.seed,
            rectangle=system.rectangle,
        )
    )
    changes = {
        f"changes_{'with' if q_shift else 'without'}_shift": int((rows["charge"].diff().fillna(0) != 0).sum())
        for q_shift, rows in table.groupby("q_shift")
    }
    return StudyTable(table, changes)


def study_charges(system: Loops, inputs: StudyInputs) -> StudyTable:
    """Measure <Q^2> against beta by all models that go there, swept hot and cold links, and Hybrid Monte Carlo.

    Returns:
        Columns of `gauge.charge_scan.charge_rows`.

    Raises:
        InputError: for an action without exact values.
    """
    # The other studies need no torch.
    from emulant.gauge.charge_scan import charge_rows

    _check_solved(system, "charges")
    return StudyTable(pd.DataFrame(charge_rows(system, inputs.models, inputs.settings, inputs.seed)), {})


def _check_solved(system: Loops, study: str) -> None:
    """Raise InputError for an action of which no exact configurations can be drawn."""
    if system.rectangle:
        raise InputError("system", "rectangle", f"0 for the study {study}", system.rectangle)


studies = {"charges": study_charges, "freezing": study_freezing, "history": study_history}
