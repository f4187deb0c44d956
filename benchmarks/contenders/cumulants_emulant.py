"""Cumulants by emulant: one pass over the fields, with errors by the blocked jackknife (benchmarks/cumulants.py)."""

from cumulants import ours
from race import task
from work_cumulants import compete

from emulant import __version__

compete(task(), lambda fields: ours(fields)[0], f"emulant {__version__}, with errors")
