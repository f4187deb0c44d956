"""Errors by pyerrors: the Gamma method with one observable per moment and arithmetic on these."""

import pyerrors
from race import task
from work_errors import compete, cumulants


def errors(data):
    kappa = cumulants([pyerrors.Obs([series], ["chain"]) for series in data.T])
    for value in kappa:
        value.gamma_method()
    return [value.dvalue for value in kappa]


compete(task(), errors, f"pyerrors {pyerrors.__version__}, Gamma method")
