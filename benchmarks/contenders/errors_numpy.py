"""Errors by the yardstick, a jackknife in NumPy."""

import numpy as np
from race import task
from work_errors import compete, jackknife

compete(task(), jackknife, f"NumPy {np.__version__}, jackknife of 100 bins by np.delete")
