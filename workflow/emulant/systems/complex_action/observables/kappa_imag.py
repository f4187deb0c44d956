"""The imaginary parts of the even cumulants of z = x + iy."""

from emulant.plane.declarations import even_orders
from emulant.plane.moments import even_cumulants

observable = even_orders(
    "kappa_imag",
    r"\Im\,\kappa_n",
    "imaginary part of the cumulants of z, symmetric under z -> -z",
    lambda means: even_cumulants(means).imag,
)
