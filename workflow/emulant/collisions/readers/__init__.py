"""What users have: files of event generators, read event by event into the same tables.

A reader is a function of a path that yields `Final` states; `import_events` finds it by the file's first line.
"""

from emulant.collisions.readers.importing import FORMATS, import_events, read_foreign

__all__ = ["FORMATS", "import_events", "read_foreign"]
