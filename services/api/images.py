"""Stored images over the wire: never cached by anybody in between, never kept by the browser."""

from collections.abc import Callable

from fastapi import Response

from vestibule.domain.errors import BlobMissingError, NotFoundError
from vestibule.ports import BlobStore

NO_STORE = {"Cache-Control": "private, no-store"}
JPEG_RESPONSE: dict[int | str, dict[str, object]] = {
    200: {"content": {"image/jpeg": {}}, "description": "A JPEG."}
}


def jpeg(blobs: BlobStore, key: str | None) -> Response:
    """Raises NotFoundError when the image is not there, or not any more."""
    if key is None:
        raise NotFoundError()
    return jpeg_of(lambda: blobs.get(key))


def jpeg_of(read: Callable[[], bytes]) -> Response:
    """The same, of what ``read`` returns."""
    try:
        content = read()
    except BlobMissingError as error:
        raise NotFoundError() from error
    return Response(content, media_type="image/jpeg", headers=NO_STORE)
