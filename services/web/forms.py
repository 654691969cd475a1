"""Forms as they arrive. Reading one checks its CSRF token: there is no other way to read it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID, uuid4

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from services.web import csrf
from services.web.api_client import ApiCaller
from services.web.rendering import require_session, web
from services.web.sessions import WebSession

_FORM_LIMIT_BYTES = 256 * 1024
_FIELD_LIMIT_BYTES = 64 * 1024
# So much of a refused upload is read and dropped, so that the browser gets to see the answer.
_DRAIN_LIMIT_BYTES = 64 * 1024 * 1024


class FormTooLargeError(Exception):
    """The text fields of a form are longer than any form of ours."""


async def read_form(request: Request) -> dict[str, str]:
    """The text fields of a form, the CSRF token checked."""
    session = require_session(request)
    fields = await _fields(request)
    web(request).csrf.require(request, session, fields.pop(csrf.FIELD, None))
    return fields


async def read_form_of(request: Request, session: WebSession) -> dict[str, str]:
    """The same of somebody who is no staff: their own session's token is checked."""
    fields = await _fields(request)
    web(request).csrf.require(request, session, fields.pop(csrf.FIELD, None))
    return fields


async def _fields(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_LIMIT_BYTES:
            raise FormTooLargeError
    # Starlette parses what it believes to have read itself.
    request._body = bytes(body)  # the only way to hand it a body read under a limit
    form = await request.form(max_files=1, max_fields=50)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def read_open_form(request: Request) -> dict[str, str]:
    """A form of somebody who has no session yet, sent by a page of this site.

    Raises ``ForgedRequestError`` where the browser does not say so, as every present one does.
    """
    origin = request.headers.get("origin", "")
    if origin.partition("://")[2] != request.headers.get("host", "-"):
        raise csrf.ForgedRequestError
    fields = await _fields(request)
    fields.pop(csrf.FIELD, None)
    return fields


@dataclass(slots=True)
class _Part:
    headers: dict[str, str] = field(default_factory=dict)
    header_name: bytearray = field(default_factory=bytearray)
    header_value: bytearray = field(default_factory=bytearray)
    body: bytearray = field(default_factory=bytearray)

    @property
    def disposition(self) -> dict[bytes, bytes]:
        return parse_options_header(self.headers.get("content-disposition", ""))[1]

    @property
    def name(self) -> str:
        return self.disposition.get(b"name", b"").decode(errors="replace")

    @property
    def is_file(self) -> bool:
        return b"filename" in self.disposition


class StreamedForm:
    """A multipart form whose one file, last in the form, is passed on while it arrives.

    ``fields`` holds the text fields before the file. ``file()`` gives the file's bytes, piece by
    piece; nothing here holds more than one piece.
    """

    def __init__(self, request: Request) -> None:
        self.fields: dict[str, str] = {}
        self.content_type = "application/octet-stream"
        self.file_name = ""
        self._chunks = request.stream().__aiter__()
        self._part = _Part()
        self._file_bytes = bytearray()
        self._in_file = False
        self._ended = False
        boundary = parse_options_header(request.headers.get("content-type", ""))[1]
        self._parser = MultipartParser(
            boundary.get(b"boundary", b"-"),
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    @classmethod
    async def read(cls, request: Request) -> Self:
        """Read up to the file's first bytes and check the CSRF token that stands before it."""
        session = require_session(request)
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise csrf.ForgedRequestError
        form = cls(request)
        while not form._in_file and await form._feed():
            pass
        web(request).csrf.require(request, session, form.fields.pop(csrf.FIELD, None))
        return form

    async def file(self) -> AsyncIterator[bytes]:
        while True:
            if self._file_bytes:
                piece = bytes(self._file_bytes)
                self._file_bytes.clear()
                yield piece
            elif not await self._feed():
                return

    async def pass_on(
        self, api: ApiCaller, path: str, fields: dict[str, str], *, content_type: str | None = None
    ) -> Any:
        """The file to the API while it arrives, with these fields; what the API answers.

        ``content_type`` takes the place of what the browser said. Raises ApiProblemError.
        """
        boundary = uuid4().hex  # nobody can guess it, so no file holds it
        head = _multipart_head(fields, boundary, content_type or self.content_type)
        return await api.send(
            path,
            self._as_multipart(head, boundary),
            content_type=f"multipart/form-data; boundary={boundary}",
            size_bytes=None,
        )

    async def _as_multipart(self, head: bytes, boundary: str) -> AsyncIterator[bytes]:
        """The file again as the last part of a new multipart body."""
        yield head
        async for piece in self.file():
            yield piece
        yield f"\r\n--{boundary}--\r\n".encode()

    async def _feed(self) -> bool:
        """Parse the next piece of the body; False when there is none."""
        if self._ended:
            return False
        chunk = await anext(self._chunks, b"")
        if not chunk:
            self._ended = True
            return False
        self._parser.write(chunk)
        return True

    def _begin_part(self) -> None:
        self._part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.header_name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.header_value += data[start:end]

    def _end_header(self) -> None:
        part = self._part
        name = part.header_name.decode("latin-1").lower()
        part.headers[name] = part.header_value.decode("utf-8", errors="replace")
        part.header_name.clear()
        part.header_value.clear()

    def _end_headers(self) -> None:
        if self._part.is_file:
            self._in_file = True
            self.content_type = self._part.headers.get("content-type", self.content_type)
            named = self._part.disposition[b"filename"].decode(errors="replace")
            self.file_name = "".join(sign for sign in named if sign.isprintable())

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self._file_bytes += data[start:end]
            return
        self._part.body += data[start:end]
        if len(self._part.body) > _FIELD_LIMIT_BYTES or len(self.fields) > 50:
            raise FormTooLargeError

    def _end_part(self) -> None:
        if not self._part.is_file:
            self.fields[self._part.name] = self._part.body.decode("utf-8", errors="replace")

    def _end(self) -> None:
        pass


def _multipart_head(fields: dict[str, str], boundary: str, content_type: str) -> bytes:
    """Everything of a multipart body before the file's bytes; the file's field is ``photo``."""
    lines = []
    for name, value in fields.items():
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{name}"', "", value]
    lines += [
        f"--{boundary}",
        'Content-Disposition: form-data; name="photo"; filename="photo"',
        f"Content-Type: {content_type}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def uuid_field(form: dict[str, str], name: str) -> str:
    """The field if it is an id, else nothing: it becomes part of an address."""
    try:
        return str(UUID(form.get(name, "")))
    except ValueError:
        return ""


async def drain(request: Request) -> None:
    """Read the rest of a refused upload, so that the refusal reaches the browser."""
    dropped = 0
    try:
        async for chunk in request.stream():
            dropped += len(chunk)
            if dropped > _DRAIN_LIMIT_BYTES:
                return
    except RuntimeError:  # Starlette: the body was already read to its end
        return
