"""Blurring faces in photos that are stored already."""

from collections.abc import Iterable
from itertools import groupby

from vestibule.domain.faces import Box
from vestibule.records import photos
from vestibule.records.tables import Face, Photo
from vestibule.workflows.runtime import Runtime


def hide_faces(runtime: Runtime, faces: Iterable[Face]) -> int:
    """Blur these faces in their stored photos and delete their crops. Safe to run twice.

    Returns how many images were changed or removed.
    """
    by_photo = groupby(sorted(faces, key=lambda face: face.photo_id), key=lambda f: f.photo_id)
    return sum(_hide_in_photo(runtime, list(group)) for _, group in by_photo)


def image_to_show(runtime: Runtime, photo: Photo) -> bytes:
    """The stored photo, in which faces that wait to be hidden are so already.

    Raises BlobMissingError.
    """
    with runtime.database.look() as transaction:
        waiting = photos.faces_to_hide_of(transaction, photo.id)
    stored = runtime.blobs.get(photo.image_key or "")
    return _blurred(runtime, photo, waiting, stored) if waiting else stored


def hide_left_over_faces(runtime: Runtime) -> int:
    """Faces that were said to be somebody else's, and whose job ended without hiding them."""
    with runtime.database.begin() as transaction:
        left = photos.faces_left_to_hide(transaction)
    return hide_faces(runtime, left)


def _hide_in_photo(runtime: Runtime, faces: list[Face]) -> int:
    with runtime.database.begin() as transaction:
        photo = transaction.get(Photo, faces[0].photo_id, with_for_update=True)
        changed = _blur_stored(runtime, photo, faces) if photo and photo.image_key else 0
        crop_keys = [face.crop_key for face in faces if face.crop_key]
        for face in faces:
            transaction.get_one(Face, face.id).crop_key = None
    for key in crop_keys:
        runtime.blobs.delete(key)
    return changed + len(crop_keys)


def _blur_stored(runtime: Runtime, photo: Photo, faces: list[Face]) -> int:
    """The row stays locked meanwhile, so that two changes of one photo never lose a blur."""
    key = photo.image_key or ""
    runtime.blobs.put(key, _blurred(runtime, photo, faces, runtime.blobs.get(key)))
    return 1


def _blurred(runtime: Runtime, photo: Photo, faces: list[Face], stored: bytes) -> bytes:
    image = runtime.codec.decode_upright(stored)
    scale = image.shape[1] / photo.width_px
    boxes = [_scaled(face, scale) for face in faces]
    return runtime.codec.encode_jpeg(runtime.codec.blur_faces(image, boxes))


def _scaled(face: Face, scale: float) -> Box:
    return (
        face.box_x1_px * scale,
        face.box_y1_px * scale,
        face.box_x2_px * scale,
        face.box_y2_px * scale,
    )
