r"""Regression targets of a denoiser, from fields alone or with the force of a known action.

For x = x_0 + s z and x_0 drawn from exp(-S), the field x_0 and the combination x - s^2 grad S(x_0) have the same
conditional mean E[x_0 | x] (denoising and target score identities: P. Vincent, Neural Comput. 23 (2011) 1661;
V. De Bortoli et al., arXiv:2402.08667). The mixture of the two with the least variance is, mode by mode,

.. math:: \hat x_p = x_{0,p} + \frac{s z_p - s^2 \partial_p S(x_0)}{1 + s^2 H_p},
          \qquad H_p = \langle |\partial_p S|^2 \rangle,

as follows from :math:`\langle x_{0,p}^* \partial_p S\rangle = 1`. For a Gaussian field it does not fluctuate: only the
interaction contributes noise.
"""

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure

__all__ = ["force_target"]


def force_target(
    fields: Tensor, forces: Tensor, noise: Tensor, z: Tensor, force_power: Tensor, measure: ModeMeasure
) -> Tensor:
    """Compute the unbiased target of least variance for E[x_0 | x_0 + s z], (N, *site_shape).

    Arguments:
        fields: x_0, (N, *site_shape), drawn from exp(-S).
        forces: grad S(x_0), the same shape.
        noise: s, (N,).
        z: standard normal noise, the shape of the fields.
        force_power: H_p in the layout of `measure.power`.
        measure: with the Fourier transform.
    """
    s = noise.double().reshape(-1, *[1] * (fields.ndim - 1))
    gap = s.to(fields.dtype) * (z - s.to(fields.dtype) * forces)
    return fields + measure.filtered(gap, 1 / (1 + s**2 * force_power.to(torch.float64)))
