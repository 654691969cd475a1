"""How a face, or a signature's key, lies in a row or an object, sealed under its customer's key."""

from uuid import UUID

MARK = b"VK\xff\x7f"
"""No JPEG begins so; and as a little-endian float32 it is no number, so no embedding does."""
_OWNER_BYTES = 16


def join(owner: UUID, sealed: bytes) -> bytes:
    """``owner`` is the customer whose key opens it. They stay named when the face changes files."""
    return MARK + owner.bytes + sealed


def split(content: bytes) -> tuple[UUID, bytes] | None:
    """The owner and what their key opens; None for a face that was never sealed."""
    if not content.startswith(MARK):
        return None
    begins = len(MARK) + _OWNER_BYTES
    return UUID(bytes=content[len(MARK) : begins]), content[begins:]
