"""What charge conjugation forbids locally."""

import numpy as np

from emulant.contracts.observable import Observable

observable = Observable(
    name="conjugation",
    symbol=r"\langle\mathrm{sin}\,\theta_p\rangle",
    description="mean over plaquettes of the sine of the plaquette's angle; 0 by charge conjugation",
    primaries=lambda view: np.sin(view.plaquettes).mean((-2, -1))[:, None],
    value=lambda means, shape: means,
)
