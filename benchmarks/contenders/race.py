"""A contender against a yardstick in one process: both on one thread, in turns, by CPU time.

Whoever else works on the machine slows both; their ratio is what is to be quoted.
"""

import json
import sys
import time

import numpy as np


def task():
    """What to do: the JSON of the first argument."""
    return json.loads(sys.argv[1])


def seconds(function):
    """CPU time of one call, of all threads."""
    start = time.process_time()
    function()
    return time.process_time() - start


def race(contender, yardstick, rounds):
    """Median CPU times of both, and the median of their ratios, over alternating rounds; compiled before."""
    contender(), yardstick()
    times = np.array([(seconds(contender), seconds(yardstick)) for _ in range(rounds)])
    ours, theirs = np.median(times, axis=0)
    return {"seconds": ours, "yardstick": theirs, "ratio": float(np.median(times[:, 1] / times[:, 0]))}


def say(**result):
    """Tell benchmarks/peers.py."""
    print(json.dumps(result, default=float))
