"""The mean of xy."""

from emulant.plane.declarations import mean_of

observable = mean_of("xy", "xy", r"\langle x y\rangle", "mean of xy")
