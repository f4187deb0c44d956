"""The mean of y²."""

from emulant.plane.declarations import mean_of

observable = mean_of("y2", "y_squared", r"\langle y^2\rangle", "mean of y²")
