"""The sum of the momentum along the beam over an event's particles: its mean and its spread."""

from emulant.collisions.declarations import conserved_sum

observable = conserved_sum("sum_pz", r"(\sum p_z)_n", "pz")
