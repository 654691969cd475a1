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
from vestibule.records.tables import FaceHold
from vestibule.workflows.runtime import Runtime


def seal_region(
    runtime: Runtime, face_id: FaceId, region: RgbImage, face: DetectedFace
) -> FaceHold:
    """Store the region sealed and return the row that can open it, not yet added."""
    key, region_key = secrets.token_bytes(32), f"holds/{face_id}"
    sealed = runtime.sealer.under(key).seal(
        runtime.codec.encode_lossless(region), context=region_key
    )
    runtime.blobs.put(region_key, sealed)
    return FaceHold(
        face_id=face_id,
        region_key=region_key,
        sealing_key=runtime.sealer.seal(key, context=region_key),
        frame={
            "box_xyxy_px": list(face.box_xyxy_px),
            "landmarks_xy_px": face.landmarks_xy_px.tolist(),
            "detection_score": face.detection_score,
        },
        expires_at=runtime.clock.now() + runtime.limits.hold,
    )


def open_region(runtime: Runtime, face_id: FaceId) -> tuple[RgbImage, DetectedFace]:
    """The held pixels and the face in their frame. Raises HoldExpiredError."""
    with runtime.database.begin() as transaction:
        hold = photos.hold_of(transaction, face_id, now=runtime.clock.now())
    if hold is None:
        raise HoldExpiredError()
    key = runtime.sealer.unseal(hold.sealing_key, context=hold.region_key)
    sealed = runtime.blobs.get(hold.region_key)
    region = runtime.codec.decode_upright(
        runtime.sealer.under(key).unseal(sealed, context=hold.region_key)
    )
    x1, y1, x2, y2 = hold.frame["box_xyxy_px"]
    face = DetectedFace(
        box_xyxy_px=(x1, y1, x2, y2),
        landmarks_xy_px=np.array(hold.frame["landmarks_xy_px"], np.float32),
        detection_score=hold.frame["detection_score"],
    )
    return region, face


def drop_hold(runtime: Runtime, face_id: FaceId) -> None:
    """Forget a held face at once. Safe to run twice."""
    with runtime.database.begin() as transaction:
        keys = photos.hold_keys_of_face(transaction, face_id)
    for key in keys:
        runtime.blobs.delete(key)
