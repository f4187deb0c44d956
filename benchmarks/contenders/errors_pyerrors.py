"""Gamma method by pyerrors: one observable for each moment, arithmetic with them."""

import pyerrors
from race import task
from work_errors import compete, cumulants


def errors(data):
    kappa = cumulants([pyerrors.Obs([series], ["chain"]) for series in data.T])
    for value in kappa:
        value.gamma_method()
    return [value.dvalue for value in kappa]


compete(task(), errors, f"pyerrors {pyerrors.__version__}, Gamma method")
