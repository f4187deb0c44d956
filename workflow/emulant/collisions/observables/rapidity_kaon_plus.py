"""The rapidity spectrum of positive kaons."""

from emulant.collisions.declarations import rapidity_spectrum

observable = rapidity_spectrum("kaon_plus", r"dN/dy(K^+)_n")
