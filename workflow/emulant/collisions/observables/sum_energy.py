"""The sum of the energy over an event's particles: its mean and its spread."""

from emulant.collisions.declarations import conserved_sum

observable = conserved_sum("sum_energy", r"(\sum E)_n", "E")
