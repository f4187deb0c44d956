"""What a run of hydrodynamics must be given, said in one line before any work."""

import numpy as np

from emulant.errors import InputError
from emulant.hydro.equation_of_state import EquationOfState
from emulant.hydro.sources import relaxation_time

__all__ = ["check_initial", "check_numbers", "check_step", "checked_densities", "checked_viscosity"]

SOURCE = "hydrodynamics"
STIFF = 1.5
"""Largest step in relaxation times at the hottest cell: beyond 2 Heun's method amplifies the decay of shear."""
LARGEST = 0.5
"""Largest step in spacings of the grid."""


def checked_densities(densities: np.ndarray) -> np.ndarray:
    """Return initial densities, (N, n, n) float.

    Raises:
        InputError: where they have another shape, are negative or not finite.
    """
    densities = np.asarray(densities, float)
    if densities.ndim != 3 or densities.shape[1] != densities.shape[2] or densities.shape[1] < 8:
        raise InputError(SOURCE, "densities", "shape (events, n, n), n >= 8", densities.shape)
    for bad, what in ((~np.isfinite(densities), "finite numbers"), (densities < 0, "numbers >= 0")):
        if bad.any():
            event, *cell = np.unravel_index(np.argmax(bad), bad.shape)
            value = densities[event, *cell]
            where = f"{value} in event {event}, cell ({cell[0]}, {cell[1]})"
            raise InputError(SOURCE, "densities", what, where)
    return densities


def checked_viscosity(viscosity: float | np.ndarray, events: int) -> np.ndarray:
    """Return eta / s of each event, (N,).

    Raises:
        InputError: where it is negative, not finite, or one number for other than all or each of the events.
    """
    values = np.asarray(viscosity, float)
    if values.ndim > 1 or (values.ndim == 1 and len(values) != events):
        raise InputError(SOURCE, "viscosity", f"eta/s, one number or {events}", values.shape)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise InputError(SOURCE, "viscosity", "eta/s >= 0", viscosity)
    return np.broadcast_to(values, (events,))


def check_numbers(**numbers: float) -> None:
    """Raise InputError unless all of these are positive and finite."""
    for key, value in numbers.items():
        if not 0 < value < np.inf:
            raise InputError(SOURCE, key, "a number > 0", value)


def check_initial(energy: np.ndarray, matter: EquationOfState, switching_temperature: float) -> None:
    """Check that each event is hot inside, cold at the edge, and within the equation of state.

    Arguments:
        energy: GeV / fm^3, (N, n, n).
        matter: equation of state.
        switching_temperature: GeV.

    Raises:
        InputError: naming the first event that is not.
    """
    low, high = matter.temperature[[0, -1]]
    if not low < switching_temperature < high:
        expected = f"a temperature inside the equation of state, {low:.3g} to {high:.3g} GeV"
        raise InputError(SOURCE, "switching_temperature", expected, switching_temperature)
    hottest = matter.temperature_at_energy(energy.max(axis=(1, 2)))
    edges = [energy[:, side] for side in (0, -1)] + [energy[:, :, side] for side in (0, -1)]
    edge = matter.temperature_at_energy(np.max(edges, axis=(0, 2)))
    told = f"switching temperature {switching_temperature:.3g} GeV"
    for bad, expected, value in (
        (hottest <= switching_temperature, f"a cell above the {told}, so that there is a surface", hottest),
        (edge >= switching_temperature, f"a box whose edge is below the {told}", edge),
        (hottest > high, f"matter below {high:.3g} GeV, where the equation of state ends", hottest),
    ):
        if bad.any():
            event = int(np.argmax(bad))
            raise InputError(SOURCE, "densities", expected, f"{value[event]:.3g} GeV in event {event}")


def check_step(step: float, spacing: float, viscosity: np.ndarray, hottest: np.ndarray) -> None:
    """Check that the time step resolves sound and the relaxation of shear.

    Arguments:
        step, spacing: fm.
        viscosity: eta / s, (N,).
        hottest: highest temperature of each event, GeV, (N,).
    """
    if step > LARGEST * spacing:
        raise InputError(SOURCE, "time_step", f"at most {LARGEST} of the spacing {spacing} fm", step)
    viscous = viscosity > 0
    longest = STIFF * relaxation_time(viscosity[viscous], hottest[viscous])
    if len(longest) and step > longest.min():
        event = int(np.flatnonzero(viscous)[np.argmin(longest)])
        expected = f"at most {STIFF} relaxation times, {longest.min():.3g} fm"
        where = f"{step:.3g} fm with eta/s = {viscosity[event]:.3g} in event {event}"
        raise InputError(SOURCE, "time_step", expected, where)
