"""The mean of x²."""

from emulant.plane.declarations import mean_of

observable = mean_of("x2", "x_squared", r"\langle x^2\rangle", "mean of x²")
