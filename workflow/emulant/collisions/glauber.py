"""Monte Carlo Glauber: which nucleons of two nuclei meet.

M. L. Miller, K. Reygers, S. J. Sanders, P. Steinberg, Ann. Rev. Nucl. Part. Sci. 57 (2007) 205 [nucl-ex/0701025].
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["Participants", "collide", "nucleons", "woods_saxon_radius"]

DIFFUSENESS = 0.54
GRID, REACH = 4000, 10.0


@dataclass(frozen=True)
class Participants:
    """Which nucleons of each event met one of the other nucleus.

    Attributes:
        projectile, target: hit nucleons, masks (events, mass number).
        protons_projectile, protons_target: which nucleons are protons, masks of the same shapes.
        eccentricity: <y^2 - x^2> / <y^2 + x^2> of the hit nucleons about their centre, the reaction plane along x;
            0 where none was hit.
    """

    projectile: np.ndarray
    target: np.ndarray
    protons_projectile: np.ndarray
    protons_target: np.ndarray
    eccentricity: np.ndarray


def woods_saxon_radius(mass_number: int) -> float:
    """Half-density radius in fm: 1.12 A^(1/3) - 0.86 A^(-1/3)."""
    return 1.12 * mass_number ** (1 / 3) - 0.86 * mass_number ** (-1 / 3)


def nucleons(mass_number: int, events: int, generator: np.random.Generator) -> np.ndarray:
    """Positions of independent nucleons, (events, mass number, 3) in fm; a single nucleon sits at the origin."""
    if mass_number == 1:
        return np.zeros((events, 1, 3))
    edge = woods_saxon_radius(mass_number) + REACH
    r = np.linspace(0, edge, GRID)
    density = r**2 / (1 + np.exp((r - woods_saxon_radius(mass_number)) / DIFFUSENESS))
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    radius = np.interp(generator.random((events, mass_number)) * cumulative[-1], cumulative, r)
    cosine = generator.uniform(-1, 1, radius.shape)
    angle = generator.uniform(0, 2 * np.pi, radius.shape)
    flat = radius * np.sqrt(1 - cosine**2)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), radius * cosine], axis=-1)


def collide(
    projectile: tuple[int, int],
    target: tuple[int, int],
    impact: np.ndarray,
    cross_section: float,
    generator: np.random.Generator,
) -> Participants:
    """Hit nucleons of events with impact parameters `impact` (fm) along x: discs closer than sqrt(sigma / pi) meet.

    Arguments:
        projectile, target: mass number and charge.
        impact: of each event.
        cross_section: of two nucleons, inelastic, in fm^2 (1 fm^2 = 10 mb).
        generator: of all random numbers.
    """
    count = len(impact)
    one, two = (nucleons(mass, count, generator)[..., :2] for mass, _ in (projectile, target))
    one = one + np.stack([impact / 2, np.zeros(count)], axis=-1)[:, None]
    two = two - np.stack([impact / 2, np.zeros(count)], axis=-1)[:, None]
    squared = np.sum((one[:, :, None] - two[:, None]) ** 2, axis=-1)
    meet = squared < cross_section / np.pi
    hit_one, hit_two = meet.any(axis=2), meet.any(axis=1)
    # Positions are exchangeable, so the first Z nucleons may be the protons.
    protons = [
        np.broadcast_to(np.arange(mass) < charge, (count, mass)) for mass, charge in (projectile, target)
    ]
    eccentricity = _eccentricity(
        np.concatenate([one, two], axis=1), np.concatenate([hit_one, hit_two], axis=1)
    )
    return Participants(hit_one, hit_two, *protons, eccentricity)


def _eccentricity(places: np.ndarray, hit: np.ndarray) -> np.ndarray:
    weight = hit / np.maximum(hit.sum(axis=1, keepdims=True), 1)
    centre = np.einsum("ei,eij->ej", weight, places)
    x, y = np.einsum("ei,eij->je", weight, (places - centre[:, None]) ** 2)
    return np.where(x + y > 0, (y - x) / np.where(x + y > 0, x + y, 1), 0.0)
