"""Observables of spectra, one file each: all are means over events of products of yields, [p_T] and flow vectors."""
