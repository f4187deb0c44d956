"""Flow of charged particles against p_T, by correlation with that of all."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.systems.hydro_spectra.views import HARMONICS, SpectraView, groups_of


def _of(harmonic: int) -> Observable:
    position = HARMONICS.index(harmonic)

    def primaries(view: SpectraView) -> np.ndarray:
        """Re V_n(p_T) V_n* weighted by the yield of each group, the yields, and |V_n|^2."""
        vector = view.vectors[:, position]
        nodes, yields = view.differential[:, position], view.charged.sum(axis=2)
        groups = groups_of(nodes.shape[1])
        along = np.stack([(nodes[:, g].sum(axis=1) * vector.conj()).real for g in groups], axis=1)
        counts = np.stack([yields[:, g].sum(axis=1) for g in groups], axis=1)
        return np.column_stack([along, counts, np.abs(vector) ** 2])

    def value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        along, counts = np.split(means[..., :-1], 2, axis=-1)
        return along / counts / np.sqrt(means[..., -1:])

    return Observable(
        name=f"flow_{harmonic}_pt",
        symbol=rf"v_{harmonic}\{{2\}}(p_T)",
        description=f"<Re V_{harmonic}(p_T) V_{harmonic}*> / sqrt <|V_{harmonic}|^2> in group n of three nodes of p_T",
        primaries=primaries,
        value=value,
        indices=lambda shape: tuple(range(len(groups_of(shape[1])))),
        unit="",
        correlated=True,
    )


observables = tuple(_of(harmonic) for harmonic in (2, 3, 4))
