"""Loaded by every Python below a run of these tests: what it does to jobs stands in the modules beside it."""

import os

if os.environ.get("AUDIT"):
    import opened_files  # noqa: F401
if os.environ.get("HALF_WRITTEN"):
    import half_written  # noqa: F401
