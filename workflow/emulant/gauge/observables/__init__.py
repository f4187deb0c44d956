"""Observables of angles on links; the view is `emulant.gauge.views.Links`."""
