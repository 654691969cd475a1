"""A process that erases somebody and dies before any one of its effects; another one goes on.

Run by ``test_erasure_kills``: it opens what an erasure needs and forks for each death, so that a
death costs a fraction of a second. Prints one line of JSON a death.
"""

import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from PIL import Image
from sqlalchemy import select, text

from vestibule.adapters.customer_keys import DatabaseCustomerKeys
from vestibule.adapters.file_scan import scan
from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.pillow_codec import PillowCodec
from vestibule.adapters.qdrant_edge import QdrantEdgeIndex
from vestibule.adapters.receipt_keys import Ed25519ReceiptKeys
from vestibule.adapters.rejected_probes import InProcessRejectedProbes
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.ids import CustomerId, TemplateId, new_uuid
from vestibule.domain.index_generation import IndexGeneration
from vestibule.domain.names import folded
from vestibule.ports import IndexEntry
from vestibule.records import accounts, generations, venues
from vestibule.records.database import Database
from vestibule.records.erasure_tables import ErasureRecord
from vestibule.records.incident_tables import Incident, IncidentAttachment, IncidentPerson
from vestibule.records.tables import Customer, Enrolment, Face, Job, Photo, Template
from vestibule.workflows.check_erasure import verify_erasure
from vestibule.workflows.erase_customer import erase_customer, resume_erasures
from vestibule.workflows.import_customers import preview_import
from vestibule.workflows.keep_keyring import KeyringsBesideBackups
from vestibule.workflows.runtime import Runtime

MARKER = "Zz-Marker-Quixote"
SPACE = EmbeddingSpace("e" * 16, "test", Metric.COSINE, 128)
CLOCK = SystemClock()


class Doom:
    """Ends the process before its ``at``-th effect; None counts and spares."""

    def __init__(self, at: int | None) -> None:
        self.at, self.count = at, 0

    def effect(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedDatabase:
    def __init__(self, database: Database, doom: Doom) -> None:
        self._database, self._doom = database, doom

    @contextmanager
    def begin(self, **options: Any) -> Iterator[Any]:
        with self._database.begin(**options) as transaction:
            yield transaction
            transaction.flush()
            self._doom.effect()  # all is written and nothing is committed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class Doomed:
    """A port whose named methods are effects."""

    def __init__(self, port: object, doom: Doom, *effects: str) -> None:
        self._port, self._doom, self._effects = port, doom, effects

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in self._effects:
            return found

        def doomed(*args: Any, **named: Any) -> Any:
            self._doom.effect()
            return found(*args, **named)

        return doomed


def opened(url: str, folder: Path, doom: Doom) -> Runtime:
    database: Any = DoomedDatabase(Database(url, pool_size=2), doom)
    sealer = AesGcmSealer(b"s" * 32)
    blobs: Any = FolderBlobStore(folder / "blobs", sealer=sealer, reserve_bytes=0)
    unused: Any = None
    return Runtime(
        database=database,
        blobs=Doomed(blobs, doom, "put", "delete"),  # type: ignore[arg-type]  # hands all through
        index=Doomed(QdrantEdgeIndex(folder / "index"), doom, "delete"),  # type: ignore[arg-type]
        generation=IndexGeneration(1, SPACE),
        rejected=InProcessRejectedProbes(),
        engine=unused,
        calibration=unused,
        in_force=unused,
        codec=PillowCodec(limit_px=10**7),
        queue=unused,
        sealer=sealer,
        customer_keys=DatabaseCustomerKeys(database, sealer, CLOCK),
        receipts=Ed25519ReceiptKeys(b"r" * 32),
        keyrings=KeyringsBesideBackups(database, sealer, CLOCK, unused),
        clock=CLOCK,
        samples=unused,
        limits=unused,
    )


# ── somebody who is everywhere ──────────────────────────────────────────────────────────────
def begin(runtime: Runtime) -> None:
    with runtime.database.begin() as transaction:
        now = CLOCK.now()
        venues.ensure_home(
            transaction, name="Night", timezone="Europe/Paris", closes_at_hour=8, now=now
        )
        accounts.owner(transaction, now=now)
        generations.add(transaction, SPACE, low_light="off", state="SERVING", actor="test", now=now)


def somebody(runtime: Runtime) -> UUID:
    """Two files that were merged, with faces, pictures, an incident, an upload and a list."""
    with runtime.database.begin() as transaction:
        venue_id = venues.home(transaction).id
        kept = _file(transaction, venue_id, MARKER, None)
        merged = _file(transaction, venue_id, f"{MARKER} Junior", kept)
    entries = [entry for owner in (kept, merged) for entry in _faces(runtime, owner)]
    runtime.index.upsert(runtime.generation, entries)
    _photo(runtime, venue_id, kept)
    _incident(runtime, venue_id, merged)
    for owner in (kept, merged):
        runtime.customer_keys.sealer(owner)
    preview_import(runtime, f"name\n{MARKER}\n".encode(), venue_id=venue_id, actor="test")
    return kept


def _file(transaction: Any, venue_id: UUID, name: str, into: UUID | None) -> UUID:
    made = Customer(
        id=new_uuid(),
        venue_id=venue_id,
        name=name,
        folded_name=folded(name),
        notes=f"says {MARKER}",
        status="MERGED" if into else "ACTIVE",
        merged_into_id=into,
        created_at=CLOCK.now(),
        updated_at=CLOCK.now(),
    )
    transaction.add(made)
    transaction.flush()
    return made.id


def _faces(runtime: Runtime, owner: UUID) -> list[IndexEntry]:
    template_id = TemplateId(uuid4())
    vector = np.random.default_rng(template_id.int % 2**32).standard_normal(128)
    embedding = (vector / np.linalg.norm(vector)).astype("<f4")
    crop, upload = f"customers/{owner}/{template_id}.jpg", f"enrolments/{uuid4()}/photo"
    for key in (crop, upload):
        runtime.blobs.put(key, MARKER.encode())
    with runtime.database.begin() as transaction:
        job = Job(
            kind="ENROL",
            subject_id=owner,
            queue="enrol",
            created_at=CLOCK.now(),
            sent_at=CLOCK.now(),
            error_detail=MARKER,
        )
        transaction.add(job)
        transaction.add(
            Template(
                id=template_id,
                customer_id=owner,
                space_id=SPACE.id,
                embedding=embedding.tobytes(),
                crop_key=crop,
                source_sha256=template_id.hex * 2,
                quality={},
                created_at=CLOCK.now(),
            )
        )
        transaction.flush()
        transaction.add(
            Enrolment(
                customer_id=owner,
                job_id=job.id,
                upload_key=upload,
                source_sha256="0" * 64,
                requested_by="test",
                created_at=CLOCK.now(),
            )
        )
    return [IndexEntry(template_id, CustomerId(owner), embedding.astype(np.float32))]


def _photo(runtime: Runtime, venue_id: UUID, owner: UUID) -> None:
    photo_id, job_id = uuid4(), uuid4()
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(picture, "JPEG")
    image, crop = f"photos/{photo_id}/image.jpg", f"photos/{photo_id}/faces/1.jpg"
    runtime.blobs.put(image, picture.getvalue())
    runtime.blobs.put(crop, MARKER.encode())
    now = CLOCK.now()
    with runtime.database.begin() as transaction:
        transaction.add(
            Job(id=job_id, kind="IDENTIFY", subject_id=photo_id, queue="identify",
                state="DONE", created_at=now, sent_at=now, finished_at=now)
        )  # fmt: skip
        transaction.flush()
        transaction.add(
            Photo(id=photo_id, venue_id=venue_id, job_id=job_id, sha256="0" * 64, image_key=image,
                  width_px=64, height_px=64, uploaded_by="test", created_at=now,
                  expires_at=now + timedelta(hours=1))
        )  # fmt: skip
        transaction.flush()
        transaction.add(
            Face(photo_id=photo_id, number=1, box_x1_px=8, box_y1_px=8, box_x2_px=40, box_y2_px=40,
                 detection_score=0.9, decision="MATCH", space_id=SPACE.id, customer_id=owner,
                 crop_key=crop)
        )  # fmt: skip


def _incident(runtime: Runtime, venue_id: UUID, person: UUID) -> None:
    incident_id, key = uuid4(), f"incidents/{uuid4()}/document"
    runtime.blobs.put(key, MARKER.encode())
    now = CLOCK.now()
    with runtime.database.begin() as transaction:
        owner = accounts.owner(transaction, now=now)
        transaction.add(
            Incident(id=incident_id, venue_id=venue_id, kind="other", severity=1, occurred_at=now,
                     night=now.date(), account=f"{MARKER} fell", reporter_id=owner.id,
                     created_at=now, updated_at=now)
        )  # fmt: skip
        transaction.flush()
        transaction.add(IncidentPerson(incident_id=incident_id, customer_id=person, part="actor"))
        transaction.add(
            IncidentAttachment(incident_id=incident_id, name=f"{MARKER}.pdf",
                               media_type="application/pdf", size_bytes=1, sha256="0" * 64,
                               object_key=key, sealing_key=b"k", added_by_id=owner.id,
                               created_at=now)
        )  # fmt: skip


# ── what is left of them ────────────────────────────────────────────────────────────────────
def leftovers(runtime: Runtime, url: str, folder: Path, record: ErasureRecord) -> list[str]:
    """Looked for past the product's own check: the marker in any row, file, name or the index."""
    found = []
    database = Database(url, pool_size=1)
    with database.begin() as transaction:
        tables = transaction.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        for table in list(tables):
            query = text(f'SELECT count(*) FROM "{table}" t WHERE lower(t::text) LIKE :marker')
            if transaction.scalar(query, {"marker": f"%{MARKER.lower()}%"}):
                found.append(table)
    database.close()
    if scan(folder / "blobs", [MARKER.encode()]).hits:
        found.append("blobs")
    ids = [UUID(one) for name in ("customers", "templates") for one in record.subjects[name]]
    prints = [*(one.bytes for one in ids), *(str(one).encode() for one in ids)]
    if scan(folder / "index", prints).hits:
        found.append("index files")
    if runtime.index.template_ids(runtime.generation):
        found.append("index")
    objects = [key for key in runtime.blobs.keys("") if "/image.jpg" not in key]
    return found + objects


def end_of(url: str, folder: Path) -> dict[str, Any]:
    """Restart: whoever opens the installation finishes what was begun."""
    runtime = opened(url, folder, Doom(None))
    resume_erasures(runtime, is_alone=True)
    record = _last(runtime)
    if record is None:  # it died before the erasure was a fact: whoever asked asks again
        with runtime.database.begin() as transaction:
            query = select(Customer.id).where(Customer.status == "ACTIVE")
            customer_id = CustomerId(transaction.scalars(query).one())
        erase_customer(runtime, customer_id, actor="test")
        record = _last(runtime)
    assert record is not None
    verified = verify_erasure(runtime, record.id, actor="test")
    receipt = json.loads(record.receipt or "{}")
    left = leftovers(runtime, url, folder, record)
    with runtime.database.begin() as transaction:
        transaction.delete(transaction.get_one(ErasureRecord, record.id))
    return {"true": verified.is_true, "found": receipt.get("found"), "left": left}


def _last(runtime: Runtime) -> ErasureRecord | None:
    query = select(ErasureRecord).order_by(ErasureRecord.requested_at.desc())
    with runtime.database.begin() as transaction:
        return transaction.scalars(query).first()


def in_a_fork(work: Callable[[], None]) -> int:
    """The signal that ended it, 0 if it came through."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - a fork must end here, whatever happens in it
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    if os.WEXITSTATUS(status):
        raise SystemExit("a fork failed")
    return 0


def main(url: str, folder: Path) -> None:
    in_a_fork(lambda: begin(opened(url, folder, Doom(None))))
    at, step = 1, int(os.environ.get("EVERY", "1"))
    while True:

        def erase(at: int = at) -> None:
            runtime = opened(url, folder, Doom(None))
            customer_id = somebody(runtime)
            doom = Doom(at)
            doomed = _with(runtime, doom)
            erase_customer(doomed, CustomerId(customer_id), actor="test")

        ended_by = in_a_fork(erase)

        def tell(at: int = at, ended_by: int = ended_by) -> None:
            sys.stdout.write(json.dumps({"at": at, "by": ended_by, **end_of(url, folder)}) + "\n")
            sys.stdout.flush()

        in_a_fork(tell)
        if not ended_by:
            return
        at += step


def _with(runtime: Runtime, doom: Doom) -> Runtime:
    for port in (runtime.database, runtime.blobs, runtime.index):
        port._doom = doom  # type: ignore[attr-defined]  # the wrappers above
    return runtime


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
