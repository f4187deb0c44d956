"""Monte Carlo Glauber model: nucleons of two nuclei that are hit in a collision.

M. L. Miller, K. Reygers, S. J. Sanders, P. Steinberg, Ann. Rev. Nucl. Part. Sci. 57 (2007) 205 [nucl-ex/0701025].
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["Participants", "collide", "nucleons", "woods_saxon_radius"]

DIFFUSENESS = 0.54
"""Surface thickness of the Woods-Saxon density in fm, between Au (0.535) and Pb (0.546) of PHOBOS [1408.2549]."""
GRID = 4000
"""Points at which the radial distribution is tabulated for inverse sampling."""
REACH = 10.0
"""fm beyond the half-density radius at which the tabulated density ends; it has dropped by exp(-18) there."""


@dataclass(frozen=True)
class Participants:
    """Nucleons of each event that were hit by a nucleon of the other nucleus.

    Attributes:
        projectile, target: masks of hit nucleons, (events, mass number).
        protons_projectile, protons_target: masks of protons, of the same shapes.
        eccentricity: <y^2 - x^2> / <y^2 + x^2> of the hit nucleons about their centre, the reaction plane along x;
            0 if none was hit.
    """

    projectile: np.ndarray
    target: np.ndarray
    protons_projectile: np.ndarray
    protons_target: np.ndarray
    eccentricity: np.ndarray


def woods_saxon_radius(mass_number: int) -> float:
    """Compute the half-density radius in fm: 1.12 A^(1/3) - 0.86 A^(-1/3)."""
    return 1.12 * mass_number ** (1 / 3) - 0.86 * mass_number ** (-1 / 3)


def nucleons(mass_number: int, events: int, generator: np.random.Generator) -> np.ndarray:
    """Draw positions of independent nucleons, (events, mass number, 3) in fm; a single nucleon sits at the origin."""
    if mass_number == 1:
        return np.zeros((events, 1, 3))
    edge = woods_saxon_radius(mass_number) + REACH
    r = np.linspace(0, edge, GRID)
    density = r**2 / (1 + np.exp((r - woods_saxon_radius(mass_number)) / DIFFUSENESS))
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    radius = np.interp(generator.random((events, mass_number)) * cumulative[-1], cumulative, r)
    cosine = generator.uniform(-1, 1, radius.shape)
    angle = generator.uniform(0, 2 * np.pi, radius.shape)
    transverse = radius * np.sqrt(1 - cosine**2)
    return np.stack([transverse * np.cos(angle), transverse * np.sin(angle), radius * cosine], axis=-1)


def collide(
    projectile: tuple[int, int],
    target: tuple[int, int],
    impact: np.ndarray,
    cross_section: float,
    generator: np.random.Generator,
) -> Participants:
    """Draw two nuclei per event and return the nucleons hit: transverse distance below sqrt(sigma / pi).

    Arguments:
        projectile, target: mass number and charge.
        impact: impact parameter of each event in fm, along x, (events,).
        cross_section: inelastic nucleon-nucleon cross section in fm^2 (1 fm^2 = 10 mb).
        generator: source of all random numbers.
    """
    count = len(impact)
    one, two = (nucleons(mass, count, generator)[..., :2] for mass, _ in (projectile, target))
    one = one + np.stack([impact / 2, np.zeros(count)], axis=-1)[:, None]
    two = two - np.stack([impact / 2, np.zeros(count)], axis=-1)[:, None]
    squared = sum((one[:, :, None, k] - two[:, None, :, k]) ** 2 for k in range(2))
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


def _eccentricity(positions: np.ndarray, hit: np.ndarray) -> np.ndarray:
    weight = hit / np.maximum(hit.sum(axis=1, keepdims=True), 1)
    centre = np.einsum("ei,eij->ej", weight, positions)
    x, y = np.einsum("ei,eij->je", weight, (positions - centre[:, None]) ** 2)
    return np.where(x + y > 0, (y - x) / np.where(x + y > 0, x + y, 1), 0.0)
