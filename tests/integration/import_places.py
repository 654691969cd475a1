"""Places for imports with guests in them: a folder, and a bucket of a real S3 server."""

import dataclasses
import io
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from tests.integration.generations import work_off
from tests.servers.seaweedfs import SeaweedServer
from vestibule.adapters.folder_import import FolderImport
from vestibule.adapters.s3_client import S3Access
from vestibule.adapters.s3_import import S3Import
from vestibule.domain.ids import CustomerId
from vestibule.records import batches, customers, gallery
from vestibule.records.batch_tables import Batch, BatchChunk
from vestibule.records.tables import Customer
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.record_consent import ConsentGiven
from vestibule.workflows.request_import import request_import

ON_PAPER = ConsentGiven(basis="explicit-consent", given_by="each guest, on paper")


class Place:
    """A place for imports with the stage's guests in it. ``put`` files a photo."""

    def __init__(self, stage, source: str, put) -> None:
        self.stage = stage
        self.source = source
        self.put = put

    @property
    def runtime(self):
        return self.stage.runtime

    def guest(self, folder: str, axis: int, *, photos: int = 1) -> None:
        for number in range(photos):
            vector = self.stage.near(self.stage.axis(axis), 0.9, towards=150 + number)
            self.put(f"{folder}/{number}.png", self.stage.photo(vector))

    def request(self, **options) -> Batch:
        return request_import(self.runtime, self.source, ON_PAPER, actor="test", **options)

    def run(self, **options) -> Batch:
        batch = self.request(**options)
        work_off(self.runtime)
        return self.now(batch)

    def now(self, batch: Batch) -> Batch:
        with self.runtime.database.begin() as transaction:
            return batches.find(transaction, batch.id)

    def progress(self, batch: Batch) -> batches.Progress:
        with self.runtime.database.begin() as transaction:
            return batches.progress(transaction, batch.id)

    def failures(self, batch: Batch) -> dict[str | None, str]:
        with self.runtime.database.begin() as transaction:
            found = batches.failures(transaction, batch.id, offset=0, limit=100)
            return {row.item: row.code for row in found}

    def chunks(self, batch: Batch) -> list[BatchChunk]:
        with self.runtime.database.begin() as transaction:
            query = select(BatchChunk).where(BatchChunk.batch_id == batch.id)
            return list(transaction.scalars(query.order_by(BatchChunk.number)))

    def named(self, folder: str) -> Customer | None:
        with self.runtime.database.begin() as transaction:
            return customers.find_by_reference(transaction, f"folder:{folder}")

    def faces(self) -> dict[str, int]:
        """How many templates each imported guest has, by name."""
        with self.runtime.database.begin() as transaction:
            found = transaction.scalars(
                select(Customer).where(Customer.reference.startswith("folder:"))
            )
            return {c.name: len(gallery.templates_of(transaction, c.id)) for c in found}

    def searchable(self, folder: str) -> set[UUID]:
        guest = self.named(folder)
        with self.runtime.database.begin() as transaction:
            ids = [row.id for row in gallery.templates_of(transaction, guest.id)]
        return set(self.runtime.index.template_ids(self.runtime.generation)) & set(ids)

    def strike(self) -> None:
        with self.runtime.database.begin() as transaction:
            query = select(Customer.id).where(Customer.reference.startswith("folder:"))
            found = list(transaction.scalars(query))
        for customer_id in found:
            erase_customer(self.runtime, CustomerId(customer_id), actor="test")


def a_folder(stage, tmp_path: Path) -> Place:
    imports = tmp_path / "imports"
    imports.mkdir()

    def put(path: str, content: bytes) -> None:
        (imports / path).parent.mkdir(parents=True, exist_ok=True)
        (imports / path).write_bytes(content)

    opened = {"folder": lambda: FolderImport(imports)}
    stage.runtime = dataclasses.replace(stage.runtime, imports=opened)
    return Place(stage, "folder", put)


def a_bucket(stage, seaweed: SeaweedServer) -> Place:
    bucket, client = seaweed.new_bucket(), seaweed.client()

    def put(path: str, content: bytes) -> None:
        client.put_object(bucket, path, io.BytesIO(content), len(content))

    access = S3Access(seaweed.url, seaweed.access_key, seaweed.secret_key)
    source = S3Import(access, bucket=bucket)
    stage.runtime = dataclasses.replace(stage.runtime, imports={"bucket": lambda: source})
    return Place(stage, "bucket", put)
