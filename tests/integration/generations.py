"""A gallery in several generations: what tests of them begin with."""

import dataclasses
import hashlib
from uuid import UUID

import numpy as np
from sqlalchemy import delete, select

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.index_generation import IndexGeneration
from vestibule.records import generations
from vestibule.records.batch_tables import Batch, BatchChunk, BatchFailure
from vestibule.records.tables import Job
from vestibule.workflows.run_job import run_job
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.spaces_in_use import SpaceInUse, SpacesInUse


class OtherEngine:
    """Another pack: it finds every crop's face, and sees the same vector turned round."""

    def __init__(self, scripted: object, crops: dict[int, np.ndarray]) -> None:
        self._scripted = scripted
        self._crops = crops
        own = scripted.space
        self.space = EmbeddingSpace("0the" * 4, own.pack, own.metric, own.dimension)
        self.blind = False

    def detect(self, image):
        return [] if self.blind else self._scripted.detect(image)

    def assess(self, image, faces):
        return self._scripted.assess(image, faces)

    def inspect(self, image, face):
        return self._scripted.inspect(image, face)

    def region(self, image, face):
        return self._scripted.region(image, face)

    def embed(self, image, faces):
        return seen_otherwise(self._scripted.embed(image, faces))

    def embed_each(self, faces):
        rows = [self._crops[round(float(image.mean()))] for image, _ in faces]
        return seen_otherwise(np.stack(rows)) if rows else np.zeros((0, self.space.dimension))


def seen_otherwise(rows: np.ndarray) -> np.ndarray:
    """A rotation: who is alike stays alike, and no vector means the same."""
    return np.roll(rows, 7, axis=1).astype(np.float32)


def begin(runtime: Runtime, space: EmbeddingSpace, state: str = "READY") -> IndexGeneration:
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        row = generations.add(
            transaction,
            space,
            low_light="on",
            state=state,
            actor="test",
            now=runtime.clock.now(),
        )
        return generations.as_generation(row)


def knowing(runtime: Runtime, engine: OtherEngine) -> Runtime:
    """The runtime, which can open that engine's space too."""

    def open_space(space: EmbeddingSpace) -> SpaceInUse:
        by_space = {engine.space.id: engine, runtime.engine.space.id: runtime.engine}
        return SpaceInUse(by_space[space.id], runtime.calibration, runtime.in_force)

    return dataclasses.replace(runtime, spaces=SpacesInUse(open_space, fresh_for_s=0))


def drop_all_but_the_first(runtime: Runtime) -> None:
    with runtime.database.begin() as transaction:
        generations.one_at_a_time(transaction)
        rows = generations.all_rows(transaction)
        first = rows[-1]
        for row in rows[:-1]:
            row.state = "DROPPED"
        transaction.flush()
        first.state = "SERVING"
        runtime.index.keep_only([generations.as_generation(first)])


def source_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def ids(*templates) -> set[UUID]:
    return {template.id for template in templates}


def open_jobs(runtime: Runtime) -> list[UUID]:
    with runtime.database.begin() as transaction:
        query = select(Job.id).where(Job.kind == "CHUNK", Job.finished_at.is_(None))
        return list(transaction.scalars(query.order_by(Job.created_at)))


def work_off(runtime: Runtime) -> None:
    """Be the worker until nothing of a batch is owed any more."""
    while ids := open_jobs(runtime):
        for job_id in ids:
            run_job(runtime, job_id)


def end_batches(runtime: Runtime) -> None:
    with runtime.database.begin() as transaction:
        transaction.execute(delete(BatchFailure))
        transaction.execute(delete(BatchChunk))
        transaction.execute(delete(Batch))
        transaction.execute(delete(Job).where(Job.kind == "CHUNK"))
