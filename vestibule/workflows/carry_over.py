"""A face that is on file is made findable in another embedding space, from its stored crop."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from vestibule.domain.errors import (
    BlobMissingError,
    CalibrationMissingError,
    WeightsError,
)
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage, overlap
from vestibule.domain.ids import new_uuid
from vestibule.ports import FaceEngine
from vestibule.records import customers, gallery, generations
from vestibule.records.database import Transaction
from vestibule.records.tables import Template
from vestibule.workflows.choose_templates import choose_templates_of_all
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import load_crop, seal_embedding

CROP_WIDENING = 1.6
"""Of a stored crop over the longer side of the face it was cut around (``make_template.py``)."""
LEAST_OVERLAP = 0.3
"""With where the face must be. A crop cut at the photo's edge shifts it, by less than this."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A face that the other pack cannot take over: the guest must be enrolled anew for it.

    ``code``: ``no_face`` (its detector finds none in the crop) or ``crop_missing``.
    """

    template_id: UUID
    customer_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """A template and its face's embedding in the other space, (d,)."""

    source: Template
    embedding: Embeddings


def carry_to_other_spaces(runtime: Runtime, template_ids: Iterable[UUID]) -> None:
    """For faces that were enrolled just now: into every other space that a live generation has.

    A pack that is not usable here any more does not hold the enrolment up; what its generation
    lacks is seen before anybody switches to it. Safe to run twice.
    """
    wanted = list(template_ids)
    with runtime.database.look() as reader:
        live = generations.live(reader)
    others = {g.space.id: g for g in live if g.space.id != runtime.engine.space.id}
    for generation in others.values():
        try:
            there = runtime.at(generation)
            embedded, unusable = embed_crops(there, needing(runtime, there, wanted))
        except (WeightsError, CalibrationMissingError) as error:
            log.warning("carry_over.space_unusable", space=generation.space.id, code=error.code)
            continue
        made = store_carried(there, embedded, keep_the_cap=True)
        index_templates(there, made)
        if unusable:
            log.warning(
                "carry_over.unusable",
                space=generation.space.id,
                templates=[str(item.template_id) for item in unusable],
            )


def needing(runtime: Runtime, there: Runtime, template_ids: Collection[UUID]) -> list[Template]:
    """Of these, the searchable ones of this space that have no counterpart there."""
    with runtime.database.look() as reader:
        ids = gallery.without_counterpart(
            reader, template_ids, space_id=runtime.engine.space.id, other=there.engine.space.id
        )
        return list(gallery.templates(reader, ids))


def embed_crops(
    there: Runtime, templates: Sequence[Template]
) -> tuple[list[Embedded], list[Unusable]]:
    """What each crop's face is in the space of ``there``: all of them embedded in one call."""
    found: list[tuple[Template, RgbImage, DetectedFace]] = []
    unusable: list[Unusable] = []
    for template in templates:
        crop = _crop(there, template)
        face = None if crop is None else face_of_crop(there.engine, crop)
        if crop is None or face is None:
            code = "crop_missing" if crop is None else "no_face"
            unusable.append(Unusable(template.id, template.customer_id, code))
        else:
            found.append((template, crop, face))
    rows = there.engine.embed_each([(crop, face) for _, crop, face in found])
    return [Embedded(item[0], row) for item, row in zip(found, rows, strict=True)], unusable


def _crop(there: Runtime, template: Template) -> RgbImage | None:
    try:
        return there.codec.decode_upright(load_crop(there, template.crop_key))
    except BlobMissingError:
        return None


def face_of_crop(engine: FaceEngine, crop: RgbImage) -> DetectedFace | None:
    """The face that the crop was cut around, as this space's detector sees it."""
    height, width = crop.shape[:2]
    half = max(height, width) / CROP_WIDENING / 2
    expected = (width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half)
    best = max(
        engine.detect(crop),
        key=lambda face: overlap(face.box_xyxy_px, expected),
        default=None,
    )
    if best is None or overlap(best.box_xyxy_px, expected) < LEAST_OVERLAP:
        return None
    return best


def store_carried(
    there: Runtime,
    embedded: Sequence[Embedded],
    *,
    keep_the_cap: bool,
    first: Callable[[Transaction], None] = lambda _transaction: None,
) -> list[UUID]:
    """Add the templates and commit; their ids. The index is the caller's to do.

    Left out is whoever was erased, withdrew, was moved or removed since the crop was read: the
    customers are locked first, so such a change comes before or after. ``first`` is done in the
    same transaction, before anything is locked, and may raise. Nothing is stored where the space
    is gone. Safe to run twice.
    """
    owners = {item.source.customer_id for item in embedded}
    if there.customer_keys.is_sealing():
        there.customer_keys.ensure(owners)
    with there.database.begin() as transaction:
        first(transaction)
        present = customers.lock_active(transaction, owners)
        made: list[Template] = []
        if generations.holds_space(transaction, there.engine.space.id):
            standing = gallery.lock_searchable(transaction, [i.source.id for i in embedded])
            made = [
                _counterpart(there, item, standing[item.source.id])
                for item in embedded
                if item.source.id in standing and item.source.customer_id in present
            ]
        added = gallery.add_unless_there(transaction, made)
        if keep_the_cap:
            is_new = set(added)
            changed = {row.customer_id for row in made if row.id in is_new}
            choose_templates_of_all(there, transaction, changed)
    return added


def _counterpart(there: Runtime, item: Embedded, source: Template) -> Template:
    """Of the same face: it shares photo, crop and quality, and what a person decided of it."""
    template_id = new_uuid()
    return Template(
        id=template_id,
        customer_id=source.customer_id,
        space_id=there.engine.space.id,
        embedding=seal_embedding(
            there, item.embedding, template_id=template_id, customer_id=source.customer_id
        ),
        crop_key=source.crop_key,
        source_sha256=source.source_sha256,
        quality=source.quality,
        status="ACTIVE",
        decided_by=source.decided_by,
        override=source.override,
        created_at=source.created_at,
    )
