"""The sum of the transverse momentum along y over an event's particles: its mean and its spread."""

from emulant.collisions.declarations import conserved_sum

observable = conserved_sum("sum_py", r"(\sum p_y)_n", "py")
