"""What an object may be called: the same in a folder and in any S3."""

import re

_SEGMENT = re.compile(r"[a-z0-9_-][a-z0-9._-]*")  # no leading dot: neither ".." nor hidden files
LONGEST_SEGMENT = 200
LONGEST_KEY = 800
"""In characters. File systems take names of 255 bytes and S3 takes keys of 1,024."""


def segments_of(key: str) -> list[str]:
    """The parts between the slashes. Raises ValueError for what is not a key."""
    segments = key.split("/")
    fits = len(key) <= LONGEST_KEY and all(
        len(segment) <= LONGEST_SEGMENT and _SEGMENT.fullmatch(segment) for segment in segments
    )
    if not fits:
        raise ValueError(f"not a key of an object: {key[:100]!r}")
    return segments
