"""Reading an upload as it streams in, so that a body without an end or a length costs nothing."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from vestibule.domain.errors import EmptyUploadError, InvalidInputError, PhotoTooLargeError

ENVELOPE_BYTES = 64_000
"""Room for the multipart frame and the text fields around a photo."""

DRAIN_FACTOR = 4
"""A refused body is read and dropped up to this many times the limit, so that the client hears the
answer instead of a broken connection; beyond it the connection is closed."""


@dataclass(frozen=True, slots=True)
class Upload:
    content: bytes
    fields: Mapping[str, str]


async def read_upload(request: Request, *, limit_bytes: int) -> Upload:
    """The photo, as the multipart field ``photo`` or as the raw body, and the other fields.

    Raises PhotoTooLargeError, EmptyUploadError and InvalidInputError.
    """
    body = _limited(request, limit_bytes + ENVELOPE_BYTES, limit_bytes)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        upload = await _from_multipart(request, body)
    else:
        upload = Upload(b"".join([chunk async for chunk in body]), {})
    if not upload.content:
        raise EmptyUploadError()
    if len(upload.content) > limit_bytes:
        raise PhotoTooLargeError(limit_bytes=limit_bytes)
    return upload


async def _limited(request: Request, most: int, limit_bytes: int) -> AsyncGenerator[bytes, None]:
    announced = request.headers.get("content-length", "0")
    too_large = announced.isdigit() and int(announced) > most
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if too_large or received > most:
            too_large = True
            if received > most * DRAIN_FACTOR:
                break
        else:
            yield chunk
    if too_large:
        raise PhotoTooLargeError(limit_bytes=limit_bytes)


async def drop_body(request: Request, *, limit_bytes: int) -> None:
    """Read and forget what a refused client still sends, so that it hears the answer."""
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit_bytes * DRAIN_FACTOR:
            return


class _InMemoryParser(MultiPartParser):
    """Never spools to disk: a photo that may be refused is not written anywhere."""

    spool_max_size = 1_000_000_000


async def _from_multipart(request: Request, body: AsyncGenerator[bytes, None]) -> Upload:
    parser = _InMemoryParser(request.headers, body, max_files=1, max_fields=10)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InvalidInputError(error.message, fields=["photo"]) from error
    except KeyError as error:
        raise InvalidInputError("The multipart body has no boundary.", fields=["photo"]) from error
    try:
        photo = form.get("photo")
        if not isinstance(photo, UploadFile):
            raise InvalidInputError("The field 'photo' holds no file.", fields=["photo"])
        content = await photo.read()
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
    finally:
        await form.close()
    return Upload(content, fields)
