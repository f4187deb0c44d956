"""Conserved sums over all particles of an event: mean and standard deviation over events."""

from emulant.collisions.conserved import TOTALS
from emulant.collisions.declarations import conserved_sum

observables = tuple(conserved_sum(total) for total in TOTALS)
