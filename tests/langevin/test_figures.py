"""The figure of complex Langevin says whether the run is trusted."""

import numpy as np
import pytest

from emulant.langevin.figures import langevin_diagnostics


@pytest.mark.parametrize(("trusted", "title"), [(True, "trusted"), (False, "NOT TRUSTED")])
def test_diagnostics_of_complex_langevin_say_their_verdict(trusted, title):
    terms = [
        {"n": n, "cutoff": c, "real": 0.1 * n, "imag": 0.0, "error": 0.01} for n in (2, 4) for c in (0.5, 1)
    ]
    tail = [{"drift": 10.0**k, "share": 10.0**-k} for k in range(4)]
    figure = langevin_diagnostics({"trusted": trusted, "drift_tail": tail, "boundary_terms": terms})
    assert figure.axes[0].get_title() == title
    np.testing.assert_allclose(figure.axes[0].lines[0].get_xydata(), [[10.0**k, 10.0**-k] for k in range(4)])
