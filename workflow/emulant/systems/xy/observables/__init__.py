"""Observables of the XY model, one file each; the view is `emulant.spins.angle_views.Angles`."""
