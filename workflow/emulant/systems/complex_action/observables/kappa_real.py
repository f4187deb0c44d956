"""The real parts of the even cumulants of z = x + iy."""

from emulant.plane.declarations import even_orders
from emulant.plane.moments import even_cumulants

observable = even_orders(
    "kappa_real",
    r"\Re\,\kappa_n",
    "real part of the cumulants of z, symmetric under z -> -z",
    lambda means: even_cumulants(means).real,
)
