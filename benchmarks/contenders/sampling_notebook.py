"""Sampling by the yardstick, the 2024 notebook's Euler-Maruyama."""

from race import task
from work_sampling import compete, notebook, powers

power = powers(task())
compete(task(), lambda count: notebook(power, count), "variance exploding, Euler-Maruyama")
