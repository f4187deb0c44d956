"""The rapidity spectrum of protons."""

from emulant.collisions.declarations import rapidity_spectrum

observable = rapidity_spectrum("proton", r"dN/dy(p)_n")
