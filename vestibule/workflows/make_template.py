"""One face becomes a template, or a verdict on why not."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage, crop_around
from vestibule.domain.ids import new_uuid
from vestibule.domain.quality import (
    FaceInspection,
    Fault,
    Verdict,
    judge_inspection,
    not_overridable,
)
from vestibule.records.tables import Json, Template
from vestibule.workflows.check_identity import check_identity
from vestibule.workflows.enrolment_source import Source, source_from_photo
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import seal_embedding, store_crop

_ROUNDED = 3


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a photo became no template. ``resembles`` is whom it looks like, where that is a reason.

    ``reason`` is the worst of the findings, which ``verdict`` holds all of.
    """

    verdict: Verdict
    resembles: UUID | None = None

    @property
    def reason(self) -> Fault:
        return self.verdict.findings[0].fault


@dataclass(frozen=True, slots=True)
class Override:
    """A person's word that a photo is to be accepted in spite of these findings."""

    codes: frozenset[Fault]
    record: Json
    """As it is kept: codes, reason, by whom and when."""


def template_from_photo(
    runtime: Runtime, content: bytes, *, customer_id: UUID, source_sha256: str
) -> Template | Rejection:
    """From the one face that a photo means, without asking whose it is.

    The crop is stored, the row is not added yet.
    """
    source = source_from_photo(runtime, content)
    judged = _judge(runtime, source)
    if isinstance(judged, Rejection):
        return judged
    face, inspection, verdict = judged
    if verdict.findings:
        return Rejection(verdict)
    embedding = runtime.engine.embed(source.image, [face])[0]
    made = _template(runtime, embedding, inspection, verdict, customer_id, source_sha256)
    return _with_crop(runtime, made, source.image, face)


def template_from_source(
    runtime: Runtime,
    source: Source,
    *,
    customer_id: UUID,
    source_sha256: str,
    override: Override | None = None,
) -> Template | Rejection:
    """Everything is looked at: the photo, and whose face it is. Stores the crop, not the row."""
    judged = _judge(runtime, source)
    if isinstance(judged, Rejection):
        return judged
    face, inspection, verdict = judged
    embedding = runtime.engine.embed(source.image, [face])[0]
    identity = check_identity(
        runtime,
        embedding,
        customer_id=customer_id,
        brightness=inspection.quality.brightness,
    )
    verdict = verdict.joined(identity.checks)
    outweighed = override.codes - not_overridable(verdict.faults) if override else frozenset()
    if verdict.faults - outweighed:
        return Rejection(verdict, identity.resembles)
    made = _template(runtime, embedding, inspection, verdict, customer_id, source_sha256)
    made.override = override.record if override and verdict.findings else None
    return _with_crop(runtime, made, source.image, face)


def _judge(
    runtime: Runtime, source: Source
) -> tuple[DetectedFace, FaceInspection, Verdict] | Rejection:
    face = source.face
    if face is None:
        fault = Fault.SEVERAL_FACES if source.faces else Fault.NO_FACE
        return Rejection(Verdict.failing(fault))
    inspection = runtime.engine.inspect(source.image, face)
    return face, inspection, judge_inspection(inspection)


def _template(
    runtime: Runtime,
    embedding: Embeddings,
    inspection: FaceInspection,
    verdict: Verdict,
    customer_id: UUID,
    source_sha256: str,
) -> Template:
    template_id = new_uuid()
    return Template(
        id=template_id,
        customer_id=customer_id,
        space_id=runtime.engine.space.id,
        embedding=seal_embedding(
            runtime, embedding, template_id=template_id, customer_id=customer_id
        ),
        crop_key=f"customers/{customer_id}/{template_id}.jpg",
        source_sha256=source_sha256,
        quality={**_measured(inspection), **as_json(verdict)},
        created_at=runtime.clock.now(),
    )


def _with_crop(
    runtime: Runtime, template: Template, image: RgbImage, face: DetectedFace
) -> Template:
    crop = crop_around(image, face.box_xyxy_px, widen=1.6)
    small = runtime.codec.resize_to_fit(crop, long_side_px=320)
    jpeg = runtime.codec.encode_jpeg(small)
    store_crop(runtime, template.crop_key, jpeg, customer_id=template.customer_id)
    return template


def as_json(verdict: Verdict) -> Json:
    """What was found with its measure and limit, and the names of what passed."""
    return {
        "findings": [
            _rounded({"code": check.fault.value, "measured": check.measured, "limit": check.limit})
            for check in verdict.findings
        ],
        "passed": [check.fault.value for check in verdict.passes],
    }


def _measured(inspection: FaceInspection) -> Json:
    values = asdict(inspection)
    return _rounded({**values.pop("quality"), **values})


def _rounded(values: Mapping[str, Any]) -> Json:
    return {
        name: round(value, _ROUNDED) if isinstance(value, float) else value
        for name, value in values.items()
    }
