"""Sums over all particles of whole events, which the laws of conservation fix: their means and their spreads."""

from emulant.collisions.conserved import TOTALS
from emulant.collisions.declarations import conserved_sum

observables = tuple(conserved_sum(total) for total in TOTALS)
