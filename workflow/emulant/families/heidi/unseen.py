r"""Sums of momentum and energy of incomplete events, which the particles that were not seen balance.

If P is the sum over the particles seen and U that over all others, P + U is conserved. With U normal, of covariance C, and P
the sum of independent particles of covariance V, P given its conserved total has the covariance V (V + C)^{-1} C: for many
seen particles that of U, for few of them V, as if they were independent. C follows from the covariance of the sums of the
training events about their mean given the number of particles, so that generated sums have these widths before any
training. The conditioning is that of `conserved_flow` with C added to what the expansion omits.
"""

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.conserved import event_totals
from emulant.collisions.events import Events
from emulant.families._slots import padded
from emulant.families.heidi.conserved_flow import ConservedFlow, ConservedSums
from emulant.families.heidi.kinds import EMPTY_KIND, kinds_of, points_of
from emulant.families.heidi.momenta import Momenta
from emulant.families.heidi.symmetry import Symmetry

__all__ = ["UnseenFlow", "conserved_flow_of", "loaded_conserved_flow"]

AT_ONCE = 128
"""Training events whose sums are expanded at once; bounds the memory."""
LEAST, MOST = 0.01, 0.999
"""Bounds of a ratio of variances, seen over independent: closer to 1 nothing can be told from independent particles, and
below a hundredth the sum is as good as exact."""
NAMES = ("mean", "covariance")


class UnseenFlow(ConservedFlow):
    """Velocity of the particles seen, whose sums others balance.

    Arguments:
        momenta: map from standard normal variables to momenta.
        mean: of the missing sums without particles, and its change with each, in GeV, (2, 4).
        covariance: of the sums over particles that are not seen, GeV^2, (4, 4).
    """

    def __init__(self, momenta: Momenta, mean: Tensor, covariance: Tensor) -> None:
        super().__init__(momenta)
        self.register_buffer("mean_unseen", mean.double(), persistent=False)
        self.register_buffer("covariance_unseen", covariance.double(), persistent=False)

    @classmethod
    def fit(
        cls, events: Events, momenta: Momenta, beam: np.ndarray | float, symmetry: Symmetry
    ) -> "UnseenFlow":
        """Fit the sums of training events; `beam` is the rapidity of the nuclei, of each or of all."""
        flow = cls(momenta, torch.zeros(2, 4), torch.zeros(4, 4))
        missing, alone = flow._independent(events, momenta, beam)
        design = np.column_stack([np.ones(len(events)), events.counts])
        mean = np.linalg.lstsq(design, missing, rcond=None)[0]
        residual = missing - design @ mean
        signs = np.column_stack([symmetry.images, np.ones(len(symmetry.images))])
        pairs = np.mean(signs[:, :, None] * signs[:, None, :], axis=0)
        covariance = _unseen(pairs * (residual.T @ residual) / len(events), pairs * alone)
        # The mean of the sums is V (V + C)^{-1} that of what is missing.
        mean = np.linalg.solve(pairs * alone, (mean * signs.mean(axis=0)).T).T
        flow.mean_unseen = torch.from_numpy(mean @ (pairs * alone + covariance))
        flow.covariance_unseen = torch.from_numpy(covariance)
        return flow

    def prepared(self, kinds: Tensor, occupied: Tensor, weights: Tensor, sums: Tensor) -> ConservedSums:
        """Compute the terms of `forward`; the sums are not known, whatever their argument holds."""
        event = super().prepared(kinds, occupied, weights, torch.zeros_like(sums))
        number = occupied.sum(dim=1, keepdim=True).to(self.mean_unseen)
        missing = (self.mean_unseen[0] + number * self.mean_unseen[1]).to(event.missing)
        return replace(event, missing=missing, rest=event.rest + self.covariance_unseen.to(event.rest))

    def times(self, steps: int) -> list[Tensor]:
        """Return times whose square roots are equidistant.

        A sum of a share a of the variance of independent particles gets its width at t of the order of sqrt(a). Five
        steps of Heun's rule then have it within 1 % for a > 0.03; equal ones are 20 % off at 0.1, and 46 % at 0.03.
        """
        roots = torch.linspace(1, 0, steps + 1, dtype=torch.float64, device=self.degree.device)
        return list((roots.square() * (math.pi / 2)).unbind())

    def projected(self, momenta: Tensor, masses: Tensor, occupied: Tensor, sums: Tensor) -> Tensor:
        """Return momenta as they are."""
        return momenta

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors that `loaded_conserved_flow` reads."""
        return {f"unseen.{name}": getattr(self, f"{name}_unseen") for name in NAMES}

    def _independent(
        self, events: Events, momenta: Momenta, beam: np.ndarray | float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of each event minus their mean for independent particles, (N, 4), and the covariance of these."""
        missing, alone = [], np.zeros((4, 4))
        beams = np.broadcast_to(beam, len(events))
        for start in range(0, len(events), AT_ONCE):
            part, part_beams = (whole[start : start + AT_ONCE] for whole in (events, beams))
            size = max(1, int(part.counts.max()))
            kinds = torch.from_numpy(padded(part, kinds_of(part, part_beams), size, EMPTY_KIND))
            sums, weights = (
                torch.from_numpy(event_totals(part)[:, :4]),
                momenta.weights(points_of(part, part_beams)),
            )
            event = super().prepared(kinds.clamp(max=EMPTY_KIND - 1), kinds < EMPTY_KIND, weights, sums)
            missing.append(event.missing.double().numpy())
            alone += (event.spread.sum(dim=1) + event.rest).sum(dim=0).double().numpy()
        return np.concatenate(missing), alone / len(events)


def conserved_flow_of(
    events: Events, momenta: Momenta, beam: np.ndarray | float, symmetry: Symmetry
) -> ConservedFlow:
    """Return the velocity that sums add to training events: complete or incomplete ones."""
    if events.complete:
        return ConservedFlow(momenta)
    return UnseenFlow.fit(events, momenta, beam, symmetry)


def loaded_conserved_flow(tensors: dict[str, Tensor], momenta: Momenta) -> ConservedFlow:
    """Return the velocity of a saved model; the entries used are removed from the dictionary."""
    parts = [tensors.pop(f"unseen.{name}") for name in NAMES if f"unseen.{name}" in tensors]
    return UnseenFlow(momenta, *parts) if parts else ConservedFlow(momenta)


def _unseen(observed: np.ndarray, alone: np.ndarray) -> np.ndarray:
    """Compute C = A (V - A)^{-1} V from the covariances A of sums seen and V of independent particles, (4, 4)."""
    factor = np.linalg.cholesky(alone + 1e-12 * np.trace(alone) * np.eye(4))
    inverse = np.linalg.inv(factor)
    ratios, vectors = np.linalg.eigh(inverse @ observed @ inverse.T)
    ratios = np.clip(ratios, LEAST, MOST)
    axes = factor @ vectors
    return (axes * (ratios / (1 - ratios))) @ axes.T
