"""A recognised face again, from its stored crop: nothing more of it was kept."""

from vestibule.domain.errors import BlobMissingError
from vestibule.domain.faces import Box, Embeddings, crop_window, overlap
from vestibule.domain.rejection import SAME_FACE_OVERLAP
from vestibule.records.tables import Face, Photo
from vestibule.workflows.runtime import Runtime

CROP_WIDENING = 1.6
"""Of a recognised face's stored crop, which is what the embedder needs of it."""


def embedding_of_crop(runtime: Runtime, face: Face, photo: Photo) -> Embeddings | None:
    """float32 (d,); None where the crop is gone or no face is found in it."""
    if face.crop_key is None:
        return None
    try:
        crop = runtime.codec.decode_upright(runtime.blobs.get(face.crop_key))
    except BlobMissingError:
        return None
    expected = _box_in_crop(face, photo, crop_width_px=crop.shape[1])
    found = max(
        runtime.engine.detect(crop),
        key=lambda seen: overlap(seen.box_xyxy_px, expected),
        default=None,
    )
    if found is None or overlap(found.box_xyxy_px, expected) < SAME_FACE_OVERLAP:
        return None
    embedding: Embeddings = runtime.engine.embed(crop, [found])[0]
    return embedding


def _box_in_crop(face: Face, photo: Photo, *, crop_width_px: int) -> Box:
    box = (face.box_x1_px, face.box_y1_px, face.box_x2_px, face.box_y2_px)
    left, top, right, _ = crop_window(
        box, width_px=photo.width_px, height_px=photo.height_px, widen=CROP_WIDENING
    )
    scale = crop_width_px / (right - left)
    x1, y1, x2, y2 = box
    return (x1 - left) * scale, (y1 - top) * scale, (x2 - left) * scale, (y2 - top) * scale
