"""Reading photos from disk, and saying why one cannot be read."""

from pathlib import Path

IN_FLIGHT = 4
"""Uploads at the same time: enough to keep two workers busy while others are read and answered."""


class UnreadableError(Exception):
    """A file that was not sent; ``code`` is stable, ``detail`` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read_photo(file: Path, *, limit_bytes: int) -> bytes:
    """Raises UnreadableError; a file over the limit is not read at all."""
    try:
        if file.stat().st_size > limit_bytes:
            raise UnreadableError(
                "photo_too_large", f"The file is larger than uploads may be ({limit_bytes} bytes)."
            )
        return file.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableError("file_not_found", "There is no such file.") from error
    except IsADirectoryError as error:
        raise UnreadableError("is_a_folder", "This is a folder, not a photo.") from error
    except OSError as error:
        raise UnreadableError("file_unreadable", f"It cannot be read: {error.strerror}.") from error
