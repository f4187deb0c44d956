"""Events in the formats of other generators, as these write them."""

from emulant.collisions.urqmd_types import TYPES

ITYP = {pdg: pair for pair, pdg in TYPES.items()}


def write_urqmd(path, events, more="", beta=0.0, times=1):
    """f14, or f13 with `more` columns; the output times before the last hold a pion at rest."""
    with path.open("w") as file:
        for k in range(len(events)):
            part = events[k : k + 1]
            file.write("UQMD   version:       30400   1000  30400  output_file  14\n")
            file.write("projectile:  (mass, char)  197  79   target:  (mass, char)  197  79 \n")
            file.write(f"transformation betas (NN,lab,pro) {beta:13.7f}  0.9176237 -0.9176237\n")
            file.write(
                f"impact_parameter_real/min/max(fm): {part.facts['impact_parameter'][0]:.4f}  0.00 13.50  total\n"
            )
            file.write("event#         0 random seed:           0 (auto)\nop  1    0    0\npa 0.1000E+01\n")
            file.write("pvec: r0              rx              ry   ityp 2i3 chg lcl#  ncl or \n")
            for _ in range(times - 1):
                file.write("           1          20\n      14       3       5       6\n")
                file.write(
                    "  0.2E+02"
                    + " 0.0E+00" * 3
                    + " 0.138E+00"
                    + " 0.0E+00" * 3
                    + " 0.138E+00  101 0 0 0 0 0\n"
                )
            file.write(f"{len(part.pdg):12d}         200\n      14       3       5       6       5       5\n")
            for pdg, (px, py, pz, energy) in zip(part.pdg, part.momenta, strict=True):
                kind, isospin = ITYP[int(pdg)]
                numbers = [200, 1, -2, 3, energy, px, py, pz, 0]
                file.write("".join(f"{number:16.8E}" for number in numbers))
                file.write(f"{kind:11d}{isospin:3d}{0:3d}{0:9d}{0:5d}{0:4d}{more}\n")


def write_oscar1997(path, events):
    with path.open("w") as file:
        file.write(
            "OSC1997A    \nfinal_id_p_x\n   UrQMD  3.4       (197,    79)+(197,    79)  eqsp  0.1000E+02         1\n"
        )
        for k in range(len(events)):
            part = events[k : k + 1]
            file.write(f"{k:10d}  {len(part.pdg):10d}  {part.facts['impact_parameter'][0]:8.4f}  {0:8.3f}\n")
            for number, (pdg, p) in enumerate(zip(part.pdg, part.momenta, strict=True), 1):
                file.write(
                    f"{number:10d}  {pdg:10d}  "
                    + "  ".join(f"{x:.9E}" for x in (*p, 0.138, 0, 0, 0, 0))
                    + "\n"
                )


def write_oscar2013(path, events, ensemble="", more=""):
    with path.open("w") as file:
        file.write(f"#!OSCAR2013{more} particle_lists t x y z mass p0 px py pz pdg ID charge\n")
        file.write("# Units: fm fm fm fm GeV GeV GeV GeV GeV none none e\n# SMASH-3.3\n")
        for k in range(len(events)):
            part = events[k : k + 1]
            file.write(f"# event {k}{ensemble} in 1\n0 0 0 0 0.138 0.138 0 0 0 111 0 0\n")
            file.write(f"# event {k}{ensemble} out {len(part.pdg)}\n")
            for number, (pdg, p) in enumerate(zip(part.pdg, part.momenta, strict=True)):
                file.write(f"200 1 2 3 0.138 {p[3]:.9g} {p[0]:.9g} {p[1]:.9g} {p[2]:.9g} {pdg} {number} 0\n")
            impact = part.facts["impact_parameter"][0]
            file.write(f"# event {k}{ensemble} end 0 impact {impact:7.4f} scattering_projectile_target yes\n")


def write_hepmc(path, events, scale=1.0, weights=(), version=3):
    import pyhepmc

    writers = {2: pyhepmc.io.WriterAsciiHepMC2, 3: pyhepmc.io.WriterAscii}
    unit = pyhepmc.Units.GEV if scale == 1.0 else pyhepmc.Units.MEV
    with writers[version](str(path)) as file:
        for k in range(len(events)):
            part = events[k : k + 1]
            event = pyhepmc.GenEvent(unit, pyhepmc.Units.MM)
            event.event_number = k
            event.weights = weights[k] if len(weights) else []
            ions = pyhepmc.GenHeavyIon()
            ions.impact_parameter = part.facts["impact_parameter"][0]
            event.heavy_ion = ions
            vertex = pyhepmc.GenVertex()
            beam = pyhepmc.GenParticle((0, 0, scale, scale), 2212, 4)
            vertex.add_particle_in(beam)
            for pdg, p in zip(part.pdg, part.momenta, strict=True):
                vertex.add_particle_out(pyhepmc.GenParticle(tuple(p * scale), int(pdg), 1))
            vertex.add_particle_out(pyhepmc.GenParticle((0, 0, scale, scale * 2), 113, 2))
            event.add_vertex(vertex)
            file.write(event)
