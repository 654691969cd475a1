"""A picture or a document that somebody hands in, checked by what it holds."""

from dataclasses import dataclass

from vestibule.domain.errors import (
    AttachmentRefusedError,
    EmptyUploadError,
    NotAnImageError,
    PhotoTooLargeError,
)
from vestibule.workflows.runtime import Runtime

_PDF_START, _PDF_END = b"%PDF-", b"%%EOF"
_PDF_END_WITHIN = 1024  # ISO 32000-1, appendix H.3.4: readers look for it in the last 1024 bytes


@dataclass(frozen=True, slots=True)
class Document:
    media_type: str
    content: bytes


def accept_document(runtime: Runtime, content: bytes) -> Document:
    """Pictures are drawn anew, so that they lose their metadata; a PDF stays as it is.

    Raises EmptyUploadError, PhotoTooLargeError, TooManyPixelsError, DamagedImageError and
    AttachmentRefusedError.
    """
    if not content:
        raise EmptyUploadError()
    if len(content) > runtime.limits.max_upload_bytes:
        raise PhotoTooLargeError(limit_bytes=runtime.limits.max_upload_bytes)
    if content.startswith(_PDF_START):
        if _PDF_END not in content[-_PDF_END_WITHIN:]:
            raise AttachmentRefusedError("The document is cut short.")
        return Document("application/pdf", content)
    try:
        runtime.codec.read_header(content)
        pixels = runtime.codec.decode_upright(content)
    except NotAnImageError as error:
        raise AttachmentRefusedError() from error
    shown = runtime.codec.resize_to_fit(pixels, long_side_px=runtime.limits.stored_long_side_px)
    return Document("image/jpeg", runtime.codec.encode_jpeg(shown))
