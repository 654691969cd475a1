"""Templates and crops are sealed under their customer's key; nothing stops while that is done."""

import dataclasses

import numpy as np
import pytest
from sqlalchemy import select

from vestibule.domain import sealed_face
from vestibule.domain.errors import BlobMissingError
from vestibule.domain.ids import CustomerId, JobId
from vestibule.records import gallery, jobs, unsealed_faces
from vestibule.records.database import BEFORE_SEALED_FACES
from vestibule.records.tables import Template
from vestibule.workflows.erase_customer import erase_customer, resume_erasures
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.make_template import template_from_photo
from vestibule.workflows.merge_customers import merge_customers, undo_merge
from vestibule.workflows.move_template import move_template
from vestibule.workflows.remove_template import remove_template
from vestibule.workflows.seal_faces import QUIET, FaceSealing, seal_some
from vestibule.workflows.sealed_faces import load_crop, open_embeddings


def row_of(stage, template) -> Template:
    with stage.runtime.database.begin() as transaction:
        return transaction.scalar(select(Template).where(Template.id == template.id))


def owner_of(stage, template):
    """Whose key the row is sealed under; None where it is not."""
    parts = sealed_face.split(row_of(stage, template).embedding)
    return parts[0] if parts else None


def seal_all(stage) -> int:
    count = 0
    while some := seal_some(stage.runtime):
        count += some
    return count


def templates_of(stage, customer) -> list[Template]:
    with stage.runtime.database.begin() as transaction:
        return gallery.templates_of(transaction, customer.id)


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


class KilledStore:
    """Dies after so many writes."""

    def __init__(self, blobs, *, after: int) -> None:
        self._blobs, self._left = blobs, after

    def put(self, key: str, content: bytes) -> None:
        if not self._left:
            raise Killed
        self._left -= 1
        self._blobs.put(key, content)

    def __getattr__(self, name: str):
        return getattr(self._blobs, name)


# ── what lies there ─────────────────────────────────────────────────────────────────────────
def test_faces_enrolled_before_are_sealed_and_still_found(stage):
    vector = stage.axis(3)
    ada = stage.guest("Ada", vector)
    (template,) = templates_of(stage, ada)
    crop = stage.runtime.blobs.get(template.crop_key)
    assert seal_all(stage) >= 1
    row = row_of(stage, template)
    assert sealed_face.split(row.embedding)[0] == ada.id
    assert gallery.to_bytes(vector) not in row.embedding
    assert crop not in stage.runtime.blobs.get(template.crop_key)
    assert load_crop(stage.runtime, template.crop_key) == crop
    assert np.array_equal(open_embeddings(stage.runtime, [row])[row.id], vector)
    stage.runtime.index.delete(stage.runtime.generation, [template.id])
    index_templates(stage.runtime, [template.id])
    assert stage.who(stage.photo(vector)) == [ada.id]


def test_new_face_is_sealed_from_the_start(stage):
    ada, vector = stage.guest("Ada"), stage.axis(4)
    made = template_from_photo(
        stage.runtime, stage.photo(vector), customer_id=ada.id, source_sha256="0" * 64
    )
    assert isinstance(made, Template)
    assert sealed_face.split(made.embedding)[0] == ada.id
    assert sealed_face.split(stage.runtime.blobs.get(made.crop_key))[0] == ada.id
    assert np.array_equal(open_embeddings(stage.runtime, [made])[made.id], vector)
    assert load_crop(stage.runtime, made.crop_key).startswith(b"\xff\xd8")


def test_sealed_face_opens_in_its_own_row_alone(stage):
    ada = stage.guest("Ada", stage.axis(1), stage.axis(2))
    seal_all(stage)
    one, other = templates_of(stage, ada)
    one.embedding = other.embedding
    with pytest.raises(ValueError, match="sealed"):
        open_embeddings(stage.runtime, [one])


@pytest.mark.parametrize("dimension", [128, 512])
def test_length_tells_sealed_from_plain_whatever_the_space(stage, dimension):
    sealer = stage.runtime.customer_keys.sealer(stage.guest("Ada").id)
    sealed = sealer.seal(bytes(4 * dimension), context="a")
    whole = sealed_face.join(stage.guests[-1], sealed)
    assert len(whole) % 4
    assert np.isnan(np.frombuffer(sealed_face.MARK, "<f4")[0])


# ── at any moment ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("after", range(4))
def test_sealing_that_is_killed_loses_nothing_and_goes_on(stage, after):
    seal_all(stage)
    people = [stage.guest(f"Guest {n}", stage.axis(n)) for n in range(4)]
    crops = {
        t.id: stage.runtime.blobs.get(t.crop_key) for p in people for t in templates_of(stage, p)
    }
    dying = dataclasses.replace(stage.runtime, blobs=KilledStore(stage.runtime.blobs, after=after))
    with pytest.raises(Killed):
        seal_some(dying)
    for _ in range(2):
        rows = [row for person in people for row in templates_of(stage, person)]
        assert open_embeddings(stage.runtime, rows).keys() == crops.keys()
        assert {row.id: load_crop(stage.runtime, row.crop_key) for row in rows} == crops
        seal_all(stage)
    assert {owner_of(stage, row) for row in rows} == {person.id for person in people}


def test_crop_that_was_removed_meanwhile_is_not_put_back(stage):
    ada = stage.guest("Ada", stage.axis(0))
    (template,) = templates_of(stage, ada)
    with stage.runtime.database.begin() as reader:
        waiting = unsealed_faces.next_ones(reader, limit=1_000)
    assert (template.id, ada.id) in waiting
    remove_template(stage.runtime, template.id, actor="test")
    with stage.runtime.database.begin() as transaction:
        assert template.id not in {row.id for row in unsealed_faces.lock(transaction, waiting)}
    seal_all(stage)
    with pytest.raises(BlobMissingError):
        stage.runtime.blobs.get(template.crop_key)


def test_who_is_being_erased_is_left_alone(stage):
    ada = stage.guest("Ada", stage.axis(0))
    with stage.runtime.database.begin() as transaction:
        transaction.merge(ada).status = "ERASING"
    with stage.runtime.database.begin() as reader:
        assert ada.id not in {owner for _, owner in unsealed_faces.next_ones(reader, limit=1_000)}
    resume_erasures(stage.runtime)


def test_sealing_gives_way_to_whoever_waits_and_still_gets_on(stage, monkeypatch):
    seal_all(stage)
    monkeypatch.setattr("vestibule.workflows.seal_faces.AT_ONCE", 2)
    ada, database = stage.guest("Ada", *map(stage.axis, range(7))), stage.runtime.database
    sealing, now = FaceSealing(), stage.runtime.clock.now()
    with database.begin() as transaction:
        photo = jobs.add(transaction, kind="IDENTIFY", subject_id=ada.id, queue="identify", now=now)
        taken = jobs.claim(transaction, JobId(photo.id), now=now)
    try:
        assert [sealing.round(stage.runtime) for _ in range(2)] == [2, 2]
    finally:
        with database.begin() as transaction:
            jobs.finish(transaction, taken, now=now)
    # Whoever other tests left waiting.
    monkeypatch.setattr("vestibule.workflows.seal_faces.jobs.somebody_waits", lambda _: False)
    assert sealing.round(stage.runtime) == 3


# ── whose key ───────────────────────────────────────────────────────────────────────────────
def test_moved_face_needs_nothing_of_the_former_owners_key(stage):
    ada, ben = stage.guest("Ada", stage.axis(0)), stage.guest("Ben", stage.axis(1))
    seal_all(stage)
    (template,) = templates_of(stage, ada)
    crop = load_crop(stage.runtime, template.crop_key)
    move_template(
        stage.runtime,
        template.id,
        from_customer=ada.id,
        to_customer=ben.id,
        reason="his face",
        actor="test",
    )
    assert owner_of(stage, template) == ben.id
    erase_customer(stage.runtime, CustomerId(ada.id), actor="test")
    moved = row_of(stage, template)
    assert load_crop(stage.runtime, moved.crop_key) == crop
    assert stage.who(stage.photo(stage.axis(0))) == [ben.id]


def test_merged_files_keep_their_keys_and_part_with_them(stage):
    kept, merged = stage.guest("Ada", stage.axis(0)), stage.guest("Ada B", stage.axis(1))
    seal_all(stage)
    (template,) = templates_of(stage, merged)
    merge = merge_customers(stage.runtime, kept_id=kept.id, merged_id=merged.id, actor="test")
    assert stage.who(stage.photo(stage.axis(1))) == [kept.id]
    assert owner_of(stage, template) == merged.id
    undo_merge(stage.runtime, merge.id, actor="test")
    erase_customer(stage.runtime, CustomerId(kept.id), actor="test")
    assert stage.who(stage.photo(stage.axis(1))) == [merged.id]


@pytest.mark.duty("GDPR 17")
def test_art_17_erasing_merged_files_destroys_every_key_of_the_person(stage):
    kept, merged = stage.guest("Ada", stage.axis(0)), stage.guest("Ada B", stage.axis(1))
    seal_all(stage)
    merge_customers(stage.runtime, kept_id=kept.id, merged_id=merged.id, actor="test")
    erase_customer(stage.runtime, CustomerId(merged.id), actor="test")
    assert stage.runtime.customer_keys.sealers([kept.id, merged.id]) == {}


@pytest.mark.duty("GDPR 17")
def test_art_17_copies_of_row_and_crop_are_unreadable_once_the_key_is_destroyed(stage):
    """Whatever copy there is: an old backup, a disk that was sold, the write-ahead log."""
    ada, ben = stage.guest("Ada", stage.axis(0)), stage.guest("Ben", stage.axis(1))
    seal_all(stage)
    (template,), (bens,) = templates_of(stage, ada), templates_of(stage, ben)
    crop = stage.runtime.blobs.get(template.crop_key)
    erase_customer(stage.runtime, CustomerId(ada.id), actor="test")
    assert open_embeddings(stage.runtime, [template, bens]).keys() == {bens.id}
    stage.runtime.blobs.put(template.crop_key, crop)
    with pytest.raises(BlobMissingError):
        load_crop(stage.runtime, template.crop_key)
    stage.runtime.blobs.delete(template.crop_key)


# ── beside the release before ───────────────────────────────────────────────────────────────
class _NotYet:
    """The keys as they were before sealing began."""

    def __init__(self, keys) -> None:
        self._keys = keys

    def is_sealing(self) -> bool:
        return False

    def __getattr__(self, name: str):
        return getattr(self._keys, name)


def test_nothing_is_sealed_while_the_release_before_is_connected(stage, monkeypatch):
    runtime = dataclasses.replace(stage.runtime, customer_keys=_NotYet(stage.runtime.customer_keys))
    database, sealing, began = runtime.database, FaceSealing(), []
    monkeypatch.setattr(
        "vestibule.workflows.seal_faces.begin_sealing", lambda _: began.append(runtime.clock.now())
    )
    with database.connect() as former:
        former.exec_driver_sql(f"SET application_name = '{BEFORE_SEALED_FACES}'")
        for _ in range(3):
            sealing.round(runtime)
            runtime.clock.moment += QUIET
        former.exec_driver_sql("SET application_name = 'another'")
        assert began == []
        sealing.round(runtime)
        runtime.clock.moment += QUIET / 2
        sealing.round(runtime)
        assert began == []
        runtime.clock.moment += QUIET / 2
        sealing.round(runtime)
        assert began == [runtime.clock.now()]
        former.invalidate()
