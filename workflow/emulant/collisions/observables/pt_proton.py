"""The spectrum in transverse momentum of protons."""

from emulant.collisions.declarations import pt_spectrum

observable = pt_spectrum("proton", r"dN/dp_T(p)_n")
