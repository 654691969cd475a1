"""From stored bytes to decided faces. Reads downhill: load, find, embed, search, decide, store."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vestibule import tracing
from vestibule.domain.assignment import assign
from vestibule.domain.decision import Candidate, Decision, FaceDecision, Thresholds
from vestibule.domain.errors import LeaseLostError, TransientError
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage, crop_around
from vestibule.domain.ids import CustomerId, FaceId, TemplateId, new_uuid
from vestibule.domain.light_band import LightBand, light_band
from vestibule.domain.quality import UnusableReason, judge_probe
from vestibule.domain.venue_calibration import VenueCalibration
from vestibule.ports import Neighbour
from vestibule.records import audit, customers, gallery, generations, jobs, photos
from vestibule.records.database import Transaction
from vestibule.records.tables import Face, FaceHold, Job, Photo
from vestibule.stage_times import stage, timings_ms
from vestibule.workflows.count_decisions import count_decisions
from vestibule.workflows.count_metrics import count_faces
from vestibule.workflows.hold_faces import seal_region
from vestibule.workflows.raise_alerts import raise_alerts, send_owed
from vestibule.workflows.remember_not_them import leave_out_rejected
from vestibule.workflows.runtime import Runtime

NEIGHBOURS_PER_FACE = 64
"""Enough for a customer with dozens of templates to leave room for the runner-up."""


class CandidateGoneError(TransientError):
    """A matched customer withdrew, was erased or lost the template meanwhile: it is done again."""

    code = "candidate_gone"


class GenerationGoneError(TransientError):
    """The generation that was searched was dropped meanwhile: it is done again in the next."""

    code = "generation_gone"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A detected face with its decision. ``id`` is the Face row's."""

    id: FaceId
    number: int
    face: DetectedFace
    decision: FaceDecision
    band: LightBand
    thresholds: Thresholds
    """Of its own light band."""

    @property
    def is_recognised(self) -> bool:
        return self.decision.candidate is not None


@dataclass(frozen=True, slots=True)
class PhotoResult:
    image: RgbImage
    sightings: Sequence[Sighting]
    gallery: gallery.GallerySize


def identify_photo(runtime: Runtime, job: Job) -> None:
    """Run the whole job. Safe to run twice: keys are the photo's own, rows are replaced."""
    photo, content = _load(runtime, job)
    with stage("decode"):
        image = runtime.codec.decode_upright(content)
    with stage("detect"):
        faces = runtime.engine.detect(image)
    tracing.note(faces=len(faces))
    _mark(runtime, job, stage="recognising", boxes=[list(face.box_xyxy_px) for face in faces])
    result = _recognise(runtime, photo, image, faces)
    with stage("store"):
        image_key = _store_images(runtime, photo, result)
        _store_result(runtime, job, photo, image_key, result)
    _remove_original(runtime, photo)
    count_faces((s.decision, s.band, s.thresholds) for s in result.sightings)


def _load(runtime: Runtime, job: Job) -> tuple[Photo, bytes]:
    with runtime.database.begin(durable=False) as transaction:
        photo = transaction.get_one(Photo, job.subject_id)
        jobs.mark_stage(transaction, job, now=runtime.clock.now(), stage="detecting")
    key = f"photos/{photo.id}/original"
    for stale in runtime.blobs.keys(f"photos/{photo.id}/"):
        if stale != key:
            runtime.blobs.delete(stale)
    return photo, runtime.blobs.get(key)


def _mark(runtime: Runtime, job: Job, **progress: object) -> None:
    with runtime.database.begin(durable=False) as transaction:
        jobs.mark_stage(transaction, job, now=runtime.clock.now(), **progress)


def _recognise(
    runtime: Runtime, photo: Photo, image: RgbImage, faces: Sequence[DetectedFace]
) -> PhotoResult:
    with stage("assess"):
        qualities = runtime.engine.assess(image, faces)
    reasons = [judge_probe(quality) for quality in qualities]
    usable = [face for face, reason in zip(faces, reasons, strict=True) if reason is None]
    with stage("embed"):
        embeddings = runtime.engine.embed(image, usable)
    with stage("search"):
        candidates, size = _search(runtime, photo, embeddings)
    with stage("decide"):
        candidates = leave_out_rejected(runtime, photo, usable, embeddings, candidates)
        bands = [light_band(quality.brightness) for quality in qualities]
        sightings = _decide(
            runtime.calibration_in_force(photo.venue_id),
            faces,
            list(zip(reasons, bands, strict=True)),
            candidates,
            size,
        )
    return PhotoResult(image, sightings, size)


def _decide(
    calibration: VenueCalibration,
    faces: Sequence[DetectedFace],
    judged: Sequence[tuple[UnusableReason | None, LightBand]],
    candidates: Sequence[Sequence[Candidate]],
    size: gallery.GallerySize,
) -> list[Sighting]:
    """All usable faces together, each at the thresholds of its light."""
    people, templates = size.customers, size.templates
    own = [
        calibration.thresholds(band, customers=people, templates=templates) for _, band in judged
    ]
    asked = [at for at, (reason, _) in zip(own, judged, strict=True) if reason is None]
    decided = iter(assign(candidates, asked))
    decisions = [
        next(decided) if reason is None else FaceDecision(Decision.UNUSABLE, reason=reason)
        for reason, _ in judged
    ]
    return [
        Sighting(FaceId(new_uuid()), number, face, decision, band, at)
        for number, (face, decision, (_, band), at) in enumerate(
            zip(faces, decisions, judged, own, strict=True), start=1
        )
    ]


def _search(
    runtime: Runtime, photo: Photo, embeddings: Embeddings
) -> tuple[list[list[Candidate]], gallery.GallerySize]:
    """All faces in one query; what has no lawful basis any more is dropped here, by Postgres."""
    space = runtime.engine.space
    found = (
        runtime.index.search(
            runtime.generation, embeddings, limit=NEIGHBOURS_PER_FACE, venue_id=photo.venue_id
        )
        if len(embeddings)
        else []
    )
    with runtime.database.look() as transaction:
        seen = {neighbour.template_id for row in found for neighbour in row}
        searchable = gallery.still_searchable(transaction, seen, venue_id=photo.venue_id)
        size = runtime.sizes.of(transaction, space.id)
    return [_candidates(row, searchable) for row in found], size


def _candidates(row: Sequence[Neighbour], searchable: dict[UUID, UUID]) -> list[Candidate]:
    """One candidate a customer: the best score of their templates."""
    best: dict[UUID, Candidate] = {}
    for neighbour in row:
        customer_id = searchable.get(neighbour.template_id)
        if customer_id is None:
            continue
        known = best.get(customer_id)
        if known is None or neighbour.score > known.score:
            best[customer_id] = Candidate(
                CustomerId(customer_id), TemplateId(neighbour.template_id), neighbour.score
            )
    return list(best.values())


def _store_images(runtime: Runtime, photo: Photo, result: PhotoResult) -> str:
    """The photo with everybody blurred who is nobody's candidate, and crops of the others."""
    hidden = [s.face.box_xyxy_px for s in result.sightings if not s.is_recognised]
    codec = runtime.codec
    kept = codec.resize_to_fit(
        codec.blur_faces(result.image, hidden), long_side_px=runtime.limits.stored_long_side_px
    )
    image_key = f"photos/{photo.id}/image.jpg"
    runtime.blobs.put(image_key, codec.encode_jpeg(kept))
    for sighting in result.sightings:
        if sighting.is_recognised:
            crop = crop_around(result.image, sighting.face.box_xyxy_px, widen=1.6)
            small = codec.resize_to_fit(crop, long_side_px=320)
            runtime.blobs.put(_crop_key(photo, sighting), codec.encode_jpeg(small))
    return image_key


def _crop_key(photo: Photo, sighting: Sighting) -> str:
    return f"photos/{photo.id}/faces/{sighting.number}.jpg"


def _store_result(
    runtime: Runtime, job: Job, photo: Photo, image_key: str, result: PhotoResult
) -> None:
    holds = _hold_unknown_faces(runtime, result)
    with runtime.database.begin() as transaction:
        if not jobs.holds(transaction, job):
            raise LeaseLostError()
        if not generations.is_live(transaction, runtime.generation):
            raise GenerationGoneError()
        _require_present(transaction, result.sightings, venue_id=photo.venue_id)
        stored = transaction.get_one(Photo, photo.id)
        stored.height_px, stored.width_px = result.image.shape[:2]
        stored.image_key = image_key
        stored.gallery_size = result.gallery.customers
        rows = [_row(photo, sighting) for sighting in result.sightings]
        photos.replace_faces(transaction, stored, rows)
        count_decisions(transaction, stored, rows, result.gallery)
        transaction.add_all(holds)
        jobs.finish(transaction, job, now=runtime.clock.now(), timings_ms=timings_ms())
        owed = raise_alerts(runtime, transaction, stored, rows)
        _audit(runtime, transaction, photo, result)
    send_owed(runtime, owed)


def _remove_original(runtime: Runtime, photo: Photo) -> None:
    """It shows everybody. The row names it until it is gone: after a kill the next round of expiry
    finds it, as after a store that does not answer now."""
    runtime.blobs.delete(f"photos/{photo.id}/original")
    with runtime.database.begin(durable=False) as transaction:
        photos.forget_photo_upload(transaction, photo.id)


def _audit(runtime: Runtime, transaction: Transaction, photo: Photo, result: PhotoResult) -> None:
    decisions = [sighting.decision for sighting in result.sightings]
    audit.append(
        transaction,
        at=runtime.clock.now(),
        actor=photo.uploaded_by,
        action="photo.identify",
        subject=f"photo:{photo.id}",
        space=runtime.engine.space.id,
        gallery_size=result.gallery.customers,
        decisions=[decision.decision.value for decision in decisions],
        customers=[str(d.candidate.customer_id) for d in decisions if d.candidate],
    )


def _require_present(
    transaction: Transaction, sightings: Sequence[Sighting], *, venue_id: UUID
) -> None:
    """Lock the matched customers and look again: none may have left since the search."""
    matched = {s.decision.candidate for s in sightings if s.decision.candidate}
    for candidate in sorted(matched, key=lambda c: c.customer_id):
        if customers.find_for_change(transaction, candidate.customer_id) is None:
            raise CandidateGoneError()
    template_ids = {c.template_id for c in matched}
    owners = gallery.still_searchable(transaction, template_ids, venue_id=venue_id)
    if any(owners.get(c.template_id) != c.customer_id for c in matched):
        raise CandidateGoneError()


def _hold_unknown_faces(runtime: Runtime, result: PhotoResult) -> list[FaceHold]:
    return [
        seal_region(runtime, sighting.id, *runtime.engine.region(result.image, sighting.face))
        for sighting in result.sightings
        if sighting.decision.decision is Decision.UNKNOWN
    ]


def _row(photo: Photo, sighting: Sighting) -> Face:
    decision, thresholds = sighting.decision, sighting.thresholds
    x1, y1, x2, y2 = sighting.face.box_xyxy_px
    usable = decision.decision is not Decision.UNUSABLE
    return Face(
        id=sighting.id,
        photo_id=photo.id,
        number=sighting.number,
        box_x1_px=x1,
        box_y1_px=y1,
        box_x2_px=x2,
        box_y2_px=y2,
        detection_score=sighting.face.detection_score,
        decision=decision.decision.value,
        reason=decision.reason.value if decision.reason else None,
        score=decision.candidate.score if decision.candidate else decision.best_score,
        threshold=thresholds.match if usable else None,
        review_threshold=thresholds.review if usable else None,
        space_id=thresholds.space_id,
        light_band=sighting.band.value,
        customer_id=decision.candidate.customer_id if decision.candidate else None,
        template_id=decision.candidate.template_id if decision.candidate else None,
        crop_key=_crop_key(photo, sighting) if sighting.is_recognised else None,
    )
