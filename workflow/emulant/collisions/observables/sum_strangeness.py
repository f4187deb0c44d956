"""The net strangeness of whole events: its mean and its spread."""

from emulant.collisions.declarations import conserved_sum

observable = conserved_sum("sum_strangeness", r"S_n", "S")
