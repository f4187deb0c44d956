"""The real parts of the even moments of z = x + iy."""

from emulant.plane.declarations import even_orders
from emulant.plane.moments import even_moments

observable = even_orders(
    "mu_real",
    r"\Re\,\mu_n",
    "real part of <z^n>",
    lambda means: even_moments(means).real,
)
