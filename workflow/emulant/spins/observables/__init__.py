"""Observables of spins and of angles, one file each; the view has `energy`, `action`, `order`, `volume`."""
