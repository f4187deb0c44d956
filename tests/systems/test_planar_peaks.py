"""Two peaks in the plane: the exact samples have the exact cumulants and the exact density."""

from emulant.judging.measure import measure
from emulant.plane.density import divergence
from emulant.storage.ensemble import open_ensemble
from emulant.systems import measured_observables
from emulant.systems.planar_peaks.system import PlanarPeaks
from tests.references import sample_reference

SAMPLES = 200_000


def test_samples_have_the_exact_cumulants_and_density(tmp_path):
    """Eleven pulls below 4.2, false alarm 3e-4; KL of a histogram of N points with add-1/2
    counts is about cells/2N."""
    system, file = PlanarPeaks(1.0, 0.25), tmp_path / "reference.h5"
    sample_reference(
        system,
        file,
        settings={"sampler": "exact", "samples": SAMPLES},
        seed=2,
        checkpoint=tmp_path / "unused",
    )
    with open_ensemble(file, site_shape=(2,)) as ensemble:
        rows = measure(ensemble, system, measured_observables(None, system.kind), lambda *_: None).rows
        points = ensemble.read()
    rows = rows.set_index(["observable", "index"])
    for row in system.exact_values():
        mine = rows.loc[(row["observable"], row["index"])]
        assert abs(mine["value"] - row["value"]) < 4.2 * mine["error"]
    grid = system.grid(points)
    shares, convergence = system.shares(grid)
    assert abs(shares.sum() - 1) < 1e-12 and convergence == {"kl": 0.0, "total_variation": 0.0}
    assert 0 < divergence(shares, grid.histogram(points)) < shares.size / SAMPLES
    assert divergence(shares, grid.histogram(points * [1, -1])) > 1
