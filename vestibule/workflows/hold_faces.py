"""Keeping an unknown face for minutes, sealed, so that a willing guest can be enrolled from it.

What is kept are the pixels around the face, never its embedding (invariant 7). Each hold has its
own key in its row: deleting the row makes the object unreadable, whatever becomes of the object.
"""

import secrets

import numpy as np

from vestibule.domain.errors import HoldExpiredError
from vestibule.domain.faces import DetectedFace, RgbImage
from vestibule.domain.ids import FaceId
from vestibule.records import photos
from vestibule.records.tables import FaceHold, Json
from vestibule.workflows.runtime import Runtime


def seal_region(
    runtime: Runtime, face_id: FaceId, region: RgbImage, face: DetectedFace
) -> FaceHold:
    """Store the region sealed and return the row that can open it, not yet added."""
    region_key = f"holds/{face_id}"
    return FaceHold(
        face_id=face_id,
        region_key=region_key,
        sealing_key=seal_pixels(runtime, region_key, region),
        frame={
            **as_frame(face),
            "width_px": region.shape[1],
            "height_px": region.shape[0],
        },
        expires_at=runtime.clock.now() + runtime.limits.hold,
    )


def open_region(runtime: Runtime, face_id: FaceId) -> tuple[RgbImage, DetectedFace]:
    """The held pixels and the face in their frame. Raises HoldExpiredError."""
    with runtime.database.begin() as transaction:
        hold = photos.hold_of(transaction, face_id, now=runtime.clock.now())
    if hold is None:
        raise HoldExpiredError()
    region = unseal_pixels(runtime, hold.region_key, hold.sealing_key)
    return region, from_frame(hold.frame)


def seal_pixels(runtime: Runtime, object_key: str, pixels: RgbImage) -> bytes:
    """Store the pixels under a key of their own; returns that key, itself sealed, for the row."""
    key = secrets.token_bytes(32)
    encoded = runtime.codec.encode_lossless(pixels)
    runtime.blobs.put(object_key, runtime.sealer.under(key).seal(encoded, context=object_key))
    return runtime.sealer.seal(key, context=object_key)


def unseal_pixels(runtime: Runtime, object_key: str, sealing_key: bytes) -> RgbImage:
    key = runtime.sealer.unseal(sealing_key, context=object_key)
    sealed = runtime.blobs.get(object_key)
    return runtime.codec.decode_upright(
        runtime.sealer.under(key).unseal(sealed, context=object_key)
    )


def as_frame(face: DetectedFace) -> Json:
    """A face in the frame of held pixels, as the hold's row keeps it."""
    return {
        "box_xyxy_px": list(face.box_xyxy_px),
        "landmarks_xy_px": face.landmarks_xy_px.tolist(),
        "detection_score": face.detection_score,
    }


def from_frame(frame: Json) -> DetectedFace:
    x1, y1, x2, y2 = frame["box_xyxy_px"]
    return DetectedFace(
        box_xyxy_px=(x1, y1, x2, y2),
        landmarks_xy_px=np.array(frame["landmarks_xy_px"], np.float32),
        detection_score=frame["detection_score"],
    )


def drop_hold(runtime: Runtime, face_id: FaceId) -> None:
    """Forget a held face at once. Safe to run twice."""
    with runtime.database.begin() as transaction:
        keys = photos.hold_keys_of_face(transaction, face_id)
    for key in keys:
        runtime.blobs.delete(key)
