"""Readers of files of event generators, which convert them event by event into event tables.

A reader is a function of a path that yields `Final` states; `import_events` selects it by the file's first line.
"""

from emulant.collisions.readers.importing import FORMATS, import_events, read_foreign

__all__ = ["FORMATS", "import_events", "read_foreign"]
