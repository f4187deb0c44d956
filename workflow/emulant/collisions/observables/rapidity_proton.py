"""The rapidity spectrum of protons."""

from emulant.collisions.declarations import spectrum

observable = spectrum("rapidity", "proton", r"dN/dy(p)_n")
