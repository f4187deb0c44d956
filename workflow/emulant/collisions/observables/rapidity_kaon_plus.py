"""The rapidity spectrum of positive kaons."""

from emulant.collisions.declarations import spectrum

observable = spectrum("rapidity", "kaon_plus", r"dN/dy(K^+)_n")
