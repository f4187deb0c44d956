r"""The variance of the work below which no training leads: a transport that deforms the noise of its steps.

With v the transport part of the corrections of a step, (u^F - u^B)/2, its work has the term -xi . (dv/dx) xi + tr dv/dx: the
noise takes the trace of the divergence with one Gaussian probe, so that

.. math:: \mathrm{Var}(W) \ge 2 \sum_k \Big\langle \big\| \tfrac{1}{2} (\partial v_k + \partial v_k^T) \big\|^2 \Big\rangle .

v is of the order 1/N, the sum as well: twice the steps leave half of it. For Gaussians it is V/2 sum (ln A'/A)^2. Steps back
with a noise of their own pay less (T. Gritsaev et al., arXiv:2506.01541).
"""

import torch
from torch import Tensor

from emulant.families.path_sampler.drifts import AHEAD, BACK, Corrections
from emulant.transport.langevin_paths import LangevinPaths

__all__ = ["trace_noise"]


def trace_noise(paths: LangevinPaths, start: Tensor, generator: torch.Generator) -> float:
    """Estimate the bound along paths from fields (N, *shape) of the Gaussian, by one Gaussian probe of each step.

    Arguments:
        paths: whose drifts are `GuidedDrifts`.
        start: a few hundred fields.
        generator: of paths and probes.
    """
    corrections, fields, total = paths.drifts.corrections, start, 0.0
    for level, step in enumerate(paths.ahead(start, generator)):
        probe = torch.randn(fields.shape, generator=generator, device=fields.device)
        pulled = _pulled(corrections, level, fields, probe)
        twice = _pulled(corrections, level, fields, pulled)
        # 2 ||sym J||^2 = ||J||^2 + tr J^2.
        total += float((pulled.square() + twice * probe).flatten(1).sum(1).mean())
        fields = step.fields
    return total


def _pulled(corrections: Corrections, level: int, fields: Tensor, probe: Tensor) -> Tensor:
    """The transposed dv/dx at fields, applied to a probe."""
    with torch.enable_grad():
        x = fields.detach().requires_grad_()
        modes = corrections.modes(x)
        transport = 0.5 * (corrections(level, modes)[AHEAD] - corrections(level + 1, modes)[BACK])
        return torch.autograd.grad(transport, x, probe)[0]
