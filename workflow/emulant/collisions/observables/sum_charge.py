"""The net charge of whole events: its mean and its spread."""

from emulant.collisions.declarations import conserved_sum

observable = conserved_sum("sum_charge", r"Q_n", "Q")
