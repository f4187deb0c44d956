"""The sum of the transverse momentum along x over an event's particles: its mean and its spread."""

from emulant.collisions.declarations import conserved_sum

observable = conserved_sum("sum_px", r"(\sum p_x)_n", "px")
