"""The net baryon number of whole events: its mean and its spread."""

from emulant.collisions.declarations import conserved_sum

observable = conserved_sum("sum_baryon", r"B_n", "B")
