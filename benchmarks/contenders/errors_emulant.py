"""Errors by emulant: the Gamma method on fluctuations projected onto the observable, summed by pyerrors."""

import numpy as np
from race import task
from work_errors import compete

from emulant import __version__
from emulant.statistics.autocorrelation import gamma_error
from emulant.statistics.cumulants import cumulants


def errors(data):
    return gamma_error([data], lambda means: np.asarray(cumulants(means))[..., 1::2]).error


compete(task(), errors, f"emulant {__version__}, Gamma method")
