"""Cumulants by the yardstick: NumPy, without errors."""

import numpy as np
from race import task
from work_cumulants import compete, from_moments, naive

compete(
    task(),
    lambda fields: from_moments(naive(fields)),
    f"NumPy {np.__version__}, x**n in float64, no errors",
    share=0.1,
)
