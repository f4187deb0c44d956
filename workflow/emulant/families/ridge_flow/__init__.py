"""A continuous flow whose velocity is linear in its weights: filtered sines of filtered fields, fitted by least squares."""
