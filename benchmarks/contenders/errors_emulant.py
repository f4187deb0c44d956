"""Ours: fluctuations are projected first, pyerrors sums their autocorrelation."""

import numpy as np
from race import task
from work_errors import compete

from emulant import __version__
from emulant.statistics.autocorrelation import gamma_error
from emulant.statistics.cumulants import cumulants


def errors(data):
    return gamma_error([data], lambda means: np.asarray(cumulants(means))[..., 1::2]).error


compete(task(), errors, f"emulant {__version__}, Gamma method")
