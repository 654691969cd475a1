"""Rows and objects as an installation has them, with no process of the product around."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.servers.postgres import PostgresServer
from vestibule.adapters.customer_keys import DatabaseCustomerKeys
from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.postgres_dump import PostgresDump
from vestibule.adapters.sealed_stream import AesGcmStreams
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.adapters.system_clock import SystemClock
from vestibule.domain import sealed_face
from vestibule.records import audit, gallery, keyring, snapshots
from vestibule.records.database import Database
from vestibule.records.migrating import migrate
from vestibule.records.tables import Customer, Job, Photo, Template, Venue
from vestibule.workflows.back_up import BackupSource
from vestibule.workflows.restore_backup import RestoreTarget

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
CIPHER = AesGcmStreams(bytes(32))
INSTALLATION = AesGcmSealer(bytes([2]) * 32)


class Installation:
    """A schema with a venue, and objects in a folder; no process of the product runs."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database = Database(url, pool_size=3)
        self.blobs = FolderBlobStore(folder, sealer=INSTALLATION, reserve_bytes=0)
        self.dump = PostgresDump(url)
        self.venue = uuid4()
        self.key = INSTALLATION

    def prepared(self) -> "Installation":
        migrate(self.database)
        with self.database.begin() as transaction:
            transaction.add(
                Venue(
                    id=self.venue,
                    name="Club",
                    timezone="Europe/Paris",
                    closes_at_hour=8,
                    created_at=NOW,
                )
            )
            audit.append(transaction, at=NOW, actor="test", action="begin", subject="test:1")
        return self

    def person(self) -> Template:
        """A customer with a template, its crop stored first, as the product does."""
        customer, template = uuid4(), uuid4()
        key = f"customers/{customer}/{template}.jpg"
        self.blobs.put(key, template.bytes * 1_000)
        made = Template(
            id=template,
            customer_id=customer,
            space_id="a-space",
            embedding=bytes(16),
            crop_key=key,
            source_sha256=template.hex * 2,
            quality={},
            created_at=NOW,
        )
        with self.database.begin() as transaction:
            transaction.add(
                Customer(
                    id=customer,
                    venue_id=self.venue,
                    name="Ünï",
                    folded_name="uni",
                    created_at=NOW,
                    updated_at=NOW,
                )
            )
            transaction.flush()
            transaction.add(made)
            audit.append(
                transaction, at=NOW, actor="test", action="enrol", subject=f"customer:{customer}"
            )
        return made

    def photo(self) -> None:
        photo, job = uuid4(), uuid4()
        self.blobs.put(f"photos/{photo}/image.jpg", b"of strangers")
        with self.database.begin() as transaction:
            transaction.add(
                Job(
                    id=job,
                    kind="IDENTIFY",
                    queue="identify",
                    subject_id=photo,
                    created_at=NOW,
                    sent_at=NOW,
                )
            )
            transaction.flush()
            transaction.add(
                Photo(
                    id=photo,
                    venue_id=self.venue,
                    job_id=job,
                    sha256="0" * 64,
                    image_key=f"photos/{photo}/image.jpg",
                    width_px=1,
                    height_px=1,
                    uploaded_by="test",
                    created_at=NOW,
                    expires_at=NOW,
                )
            )

    def as_source(self) -> BackupSource:
        return BackupSource(self.database, self.blobs, self.dump, "0.0.0-test")

    def as_target(self) -> RestoreTarget:
        return RestoreTarget(self.database, self.blobs, self.dump, migrate, self.key)

    def crop_keys(self) -> set[str]:
        with self.database.begin() as transaction:
            return snapshots.object_keys(transaction)

    # ── as the product seals ──
    @property
    def keys(self) -> DatabaseCustomerKeys:
        """As a process sees them that has just begun."""
        return DatabaseCustomerKeys(self.database, self.key, SystemClock())

    def sealed_person(self) -> Template:
        """As ``person``, row and crop sealed."""
        made = self.person()
        sealer = self.keys.sealer(made.customer_id)
        plain = gallery.to_bytes(np.arange(4, dtype=np.float32))
        row = sealer.seal(plain, context=f"template:{made.id}")
        crop = sealer.seal(made.id.bytes * 1_000, context=made.crop_key)
        self.blobs.put(made.crop_key, sealed_face.join(made.customer_id, crop))
        with self.database.begin() as transaction:
            found = transaction.get_one(Template, made.id)
            found.embedding = sealed_face.join(made.customer_id, row)
            keyring.begin_sealing(transaction, now=NOW)
        return made

    def erase(self, person: Template) -> None:
        with self.database.begin() as transaction:
            transaction.delete(transaction.get_one(Customer, person.customer_id))
        self.blobs.delete(person.crop_key)
        self.keys.destroy(person.customer_id)

    def reads(self, person: Template) -> tuple[bool, bool]:
        """Whether the embedding and the crop open here."""
        with self.database.begin() as transaction:
            row = transaction.get_one(Template, person.id).embedding
        found = (
            (row, f"template:{person.id}"),
            (self.blobs.get(person.crop_key), person.crop_key),
        )
        return tuple(self._opens(*one) for one in found)

    def _opens(self, content: bytes, context: str) -> bool:
        owner, sealed = sealed_face.split(content)
        sealer = self.keys.sealers([owner]).get(owner)
        return sealer is not None and bool(sealer.unseal(sealed, context=context))


@contextmanager
def empty_installations(
    postgres: PostgresServer, folder: Path
) -> Iterator[Callable[[], Installation]]:
    """Makes empty ones: a database and a folder of their own each."""
    made: list[Installation] = []

    def make() -> Installation:
        name = f"test_{uuid4().hex}"
        address = make_url(postgres.url)
        plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as link:
            link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = address.set(database=name).render_as_string(hide_password=False)
        made.append(Installation(url, folder / name))
        return made[-1]

    try:
        yield make
    finally:
        for one in made:
            one.database.close()
