"""Timing of a contender against a yardstick in one process: one thread, in alternation, by CPU time.

Other load on the machine slows both; quote their ratio.
"""

import json
import sys
import time

import numpy as np


def task():
    """Return the task, the JSON of the first argument."""
    return json.loads(sys.argv[1])


def seconds(function):
    """Return the CPU time of one call, over all threads."""
    start = time.process_time()
    function()
    return time.process_time() - start


def race(contender, yardstick, rounds):
    """Return median CPU times of both and the median of their ratios over alternating rounds, after a warm-up call."""
    contender(), yardstick()
    times = np.array([(seconds(contender), seconds(yardstick)) for _ in range(rounds)])
    ours, theirs = np.median(times, axis=0)
    return {"seconds": ours, "yardstick": theirs, "ratio": float(np.median(times[:, 1] / times[:, 0]))}


def say(**result):
    """Print a result as JSON for benchmarks/peers.py."""
    print(json.dumps(result, default=float))
