"""Flow of charged particles against p_T, by correlation with that of all."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.systems.hydro_spectra.pt_bins import EDGES, bin_symbol
from emulant.systems.hydro_spectra.views import HARMONICS, SpectraView


def _of(harmonic: int) -> Observable:
    position, symbol = HARMONICS.index(harmonic), rf"v_{harmonic}\{{2\}}"

    def primaries(view: SpectraView) -> np.ndarray:
        """Re V_n(p_T) V_n* weighted by the yield of each bin, the yields, and |V_n|^2."""
        vector = view.vectors[:, position]
        along = (view.differential[:, position] * vector[:, None].conj()).real
        counts = view.charged.sum(axis=2)
        return np.column_stack([along @ view.shares, counts @ view.shares, np.abs(vector) ** 2])

    def value(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        along, counts = np.split(means[..., :-1], 2, axis=-1)
        return along / counts / np.sqrt(means[..., -1:])

    return Observable(
        name=f"flow_{harmonic}_pt",
        symbol=f"{symbol}(p_T)",
        description=f"<Re V_{harmonic}(p_T) V_{harmonic}*> / sqrt <|V_{harmonic}|^2> in bins of p_T",
        primaries=primaries,
        value=value,
        indices=lambda shape: tuple(range(len(EDGES) - 1)),
        unit="",
        correlated=True,
        member=lambda index: bin_symbol(symbol, index),
    )


observables = tuple(_of(harmonic) for harmonic in (2, 3, 4))
