"""The pixels that an enrolment is made from: an upload, a face of a result, or what is held of it.

A rejected upload is held as an unknown face is: sealed, for minutes, so that the page can show what
is wrong and a person may still accept it. Only the region around the face is kept; where two faces
could be meant, the part that shows both, everybody else blurred.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import HoldExpiredError
from vestibule.domain.faces import Box, DetectedFace, RgbImage
from vestibule.domain.ids import FaceId
from vestibule.domain.prominence import Ambiguous, prominent_face
from vestibule.records import enrolments
from vestibule.records.tables import Enrolment, EnrolmentHold
from vestibule.workflows.hold_faces import (
    as_frame,
    from_frame,
    open_region,
    seal_pixels,
    unseal_pixels,
)
from vestibule.workflows.runtime import Runtime

MARGIN = 0.5
"""Of the side of the larger box, kept around two faces: all that the engine needs of either."""


@dataclass(frozen=True, slots=True)
class Source:
    """``faces`` are those that could be meant, left to right, ``meant`` is the position of the one.

    ``meant`` is None where there is no face, or where it is not sure which of two it is.
    """

    image: RgbImage
    faces: tuple[DetectedFace, ...]
    meant: int | None

    @property
    def face(self) -> DetectedFace | None:
        return None if self.meant is None else self.faces[self.meant]


def source_from_photo(runtime: Runtime, content: bytes) -> Source:
    """The face that a photo means, or the two it could mean."""
    image = runtime.codec.decode_upright(content)
    faces = runtime.engine.detect(image)
    chosen = prominent_face(faces, image.shape[:2])
    if chosen is None:
        return Source(image, (), None)
    if isinstance(chosen, Ambiguous):
        first, second = sorted((chosen.first, chosen.second))
        others = [face for i, face in enumerate(faces) if i not in (first, second)]
        hidden = runtime.codec.blur_faces(image, [face.box_xyxy_px for face in others])
        return _cut_out(Source(hidden, (faces[first], faces[second]), None))
    return Source(image, (faces[chosen],), 0)


def source_of(runtime: Runtime, enrolment: Enrolment) -> Source:
    """Raises HoldExpiredError, BlobMissingError."""
    if enrolment.face_id is not None:
        image, face = open_region(runtime, FaceId(enrolment.face_id))
        return Source(image, (face,), 0)
    if enrolment.override is not None or enrolment.picked_face is not None:
        held = open_hold(runtime, enrolment.id)
        return Source(held.image, held.faces, _meant(held.faces, enrolment.picked_face))
    return source_from_photo(runtime, runtime.blobs.get(enrolment.upload_key or ""))


def _meant(faces: Sequence[DetectedFace], picked: int | None) -> int | None:
    return 0 if len(faces) == 1 else picked


def seal_source(runtime: Runtime, enrolment_id: UUID, source: Source) -> EnrolmentHold | None:
    """Store what is needed to look at it again; None where there is no face to keep."""
    if not source.faces:
        return None
    image, faces = source.image, source.faces
    if len(faces) == 1:
        image, face = runtime.engine.region(image, faces[0])
        faces = (face,)
    key = f"holds/{enrolment_id}"
    return EnrolmentHold(
        enrolment_id=enrolment_id,
        region_key=key,
        sealing_key=seal_pixels(runtime, key, image),
        frame={
            "width_px": image.shape[1],
            "height_px": image.shape[0],
            "faces": [as_frame(face) for face in faces],
        },
        expires_at=runtime.clock.now() + runtime.limits.hold,
    )


def open_hold(runtime: Runtime, enrolment_id: UUID) -> Source:
    """Raises HoldExpiredError."""
    with runtime.database.begin() as transaction:
        hold = enrolments.hold_of(transaction, enrolment_id, now=runtime.clock.now())
    if hold is None:
        raise HoldExpiredError()
    image = unseal_pixels(runtime, hold.region_key, hold.sealing_key)
    return Source(image, tuple(from_frame(face) for face in hold.frame["faces"]), None)


def held_pixels(runtime: Runtime, enrolment: Enrolment) -> RgbImage:
    """What is held of a rejected enrolment. Raises HoldExpiredError."""
    if enrolment.face_id is not None:
        return open_region(runtime, FaceId(enrolment.face_id))[0]
    return open_hold(runtime, enrolment.id).image


def drop_source(runtime: Runtime, enrolment_id: UUID) -> None:
    """Forget the held pixels at once. Safe to run twice."""
    with runtime.database.begin() as transaction:
        keys = enrolments.take_holds(transaction, [enrolment_id])
    for key in keys:
        runtime.blobs.delete(key)


def _cut_out(source: Source) -> Source:
    """The part of the image that shows the faces."""
    x1, y1, x2, y2 = _around([face.box_xyxy_px for face in source.faces])
    height, width = source.image.shape[:2]
    left, top = max(0, int(x1)), max(0, int(y1))
    right, bottom = min(width, int(x2) + 1), min(height, int(y2) + 1)
    part = source.image[top:bottom, left:right].copy()
    return Source(part, tuple(face.shifted(-left, -top) for face in source.faces), source.meant)


def _around(boxes: Sequence[Box]) -> Box:
    """The box around all of them, widened by the margin that one face has."""
    margin = MARGIN * max(max(x2 - x1, y2 - y1) for x1, y1, x2, y2 in boxes)
    return (
        min(box[0] for box in boxes) - margin,
        min(box[1] for box in boxes) - margin,
        max(box[2] for box in boxes) + margin,
        max(box[3] for box in boxes) + margin,
    )
