"""A file for HDF5 to write to on a disk that may fill up."""

import io
from pathlib import Path

__all__ = ["Disk"]


class Disk(io.RawIOBase):
    """A binary file that stores the first failure to write instead of raising it.

    The HDF5 library crashes the process when it closes a file that could not be written. Here it is told that all writes
    succeeded; the owner calls `check`.

    Arguments:
        path: the file, overwritten.
    """

    def __init__(self, path: str | Path) -> None:
        self.file = Path(path).open("w+b", buffering=0)  # noqa: SIM115
        self.failure: OSError | None = None

    def check(self) -> None:
        """Raise the stored failure, if there is one."""
        if self.failure is not None:
            raise self.failure

    def write(self, data: bytes) -> int:
        """Write all of `data`, or store the failure."""
        view = memoryview(data).cast("B")
        done = 0
        while self.failure is None and done < len(view):
            try:
                done += self.file.write(view[done:])
            except OSError as failure:
                self.failure = failure
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Set the file's size, or store the failure."""
        try:
            return self.file.truncate(size)
        except OSError as failure:
            self.failure = self.failure or failure
            return size or 0

    def readinto(self, buffer: bytearray) -> int:
        """Read into `buffer`; zeros after a failed write."""
        count = self.file.readinto(buffer)
        if self.failure is not None:
            memoryview(buffer).cast("B")[count:] = bytes(len(buffer) - count)
            return len(buffer)
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position in the file."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position in the file."""
        return self.file.tell()

    def fileno(self) -> int:
        """Return the file descriptor, for fsync."""
        return self.file.fileno()

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        super().close()
