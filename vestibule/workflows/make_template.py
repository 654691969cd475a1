"""One face becomes a template, or a reason why not."""

from uuid import UUID

from vestibule.domain.faces import DetectedFace, RgbImage, crop_around
from vestibule.domain.ids import new_uuid
from vestibule.domain.prominence import Ambiguous, prominent_face
from vestibule.domain.quality import FaceQuality, judge_enrolment
from vestibule.records import gallery
from vestibule.records.tables import Template
from vestibule.workflows.runtime import Runtime

Reason = str
"""no_face, several_faces, or one of domain.quality.UnusableReason."""


def template_from_photo(
    runtime: Runtime, content: bytes, *, customer_id: UUID, source_sha256: str
) -> Template | Reason:
    """From the one face that the photo means. The crop is stored, the row is not added yet."""
    image = runtime.codec.decode_upright(content)
    faces = runtime.engine.detect(image)
    chosen = prominent_face(faces, image.shape[:2])
    if chosen is None:
        return "no_face"
    if isinstance(chosen, Ambiguous):
        return "several_faces"
    return template_from_face(
        runtime, image, faces[chosen], customer_id=customer_id, source_sha256=source_sha256
    )


def template_from_face(
    runtime: Runtime,
    image: RgbImage,
    face: DetectedFace,
    *,
    customer_id: UUID,
    source_sha256: str,
) -> Template | Reason:
    quality = runtime.engine.assess(image, [face])[0]
    reason = judge_enrolment(quality)
    if reason is not None:
        return reason.value
    embedding = runtime.engine.embed(image, [face])[0]
    template_id = new_uuid()
    return Template(
        id=template_id,
        customer_id=customer_id,
        space_id=runtime.engine.space.id,
        embedding=gallery.to_bytes(embedding),
        crop_key=_store_crop(runtime, image, face, f"customers/{customer_id}/{template_id}.jpg"),
        source_sha256=source_sha256,
        quality=_recorded(quality, face),
        created_at=runtime.clock.now(),
    )


def _store_crop(runtime: Runtime, image: RgbImage, face: DetectedFace, key: str) -> str:
    crop = crop_around(image, face.box_xyxy_px, widen=1.6)
    small = runtime.codec.resize_to_fit(crop, long_side_px=320)
    runtime.blobs.put(key, runtime.codec.encode_jpeg(small))
    return key


def _recorded(quality: FaceQuality, face: DetectedFace) -> dict[str, float]:
    return {
        "eye_distance_px": round(quality.eye_distance_px, 1),
        "sharpness": round(quality.sharpness, 3),
        "turn": round(quality.turn, 3),
        "brightness": round(quality.brightness, 1),
        "detection_score": round(face.detection_score, 3),
    }
