"""A gallery that can be embedded anew by another, scripted pack."""

import io

import numpy as np
from PIL import Image
from sqlalchemy import func, select

from tests.integration.generations import (
    OtherEngine,
    knowing,
)
from vestibule.records import batches, generations
from vestibule.records.batch_tables import Batch
from vestibule.records.tables import Template
from vestibule.workflows.fill_generation import request_reembedding


class Gallery:
    """A stage whose templates have crops that the other engine can be asked about."""

    def __init__(self, stage) -> None:
        self.stage = stage
        self.crops: dict[int, np.ndarray] = {}
        self.engine = OtherEngine(stage.runtime.engine, self.crops)
        stage.runtime = knowing(stage.runtime, self.engine)

    @property
    def runtime(self):
        return self.stage.runtime

    def guest(self, axis: int, *, faces: int = 1):
        customer = self.stage.guest(f"Guest {axis}")
        for number in range(faces):
            vector = self.stage.near(self.stage.axis(axis), 0.9, towards=150 + number)
            template = self.stage.template(customer.id, vector)
            brightness = 20 + len(self.crops)
            self.crops[brightness] = vector
            encoded = io.BytesIO()
            Image.new("RGB", (200, 200), (brightness,) * 3).save(encoded, "PNG")
            self.runtime.blobs.put(template.crop_key, encoded.getvalue())
        return customer

    def reembed(self, **options) -> Batch:
        return request_reembedding(
            self.runtime, self.engine.space, low_light="on", actor="test", **options
        )

    def batch(self, batch: Batch) -> Batch:
        with self.runtime.database.begin() as transaction:
            return batches.find(transaction, batch.id)

    def progress(self, batch: Batch) -> batches.Progress:
        with self.runtime.database.begin() as transaction:
            return batches.progress(transaction, batch.id)

    def state_of(self, number: int) -> str:
        with self.runtime.database.begin() as transaction:
            return generations.find(transaction, number).state

    def generation(self, number: int):
        with self.runtime.database.begin() as transaction:
            return generations.get(transaction, number)

    def in_other_space(self) -> int:
        with self.runtime.database.begin() as transaction:
            query = select(func.count()).where(Template.space_id == self.engine.space.id)
            return transaction.scalar(query)

    def indexed(self, batch: Batch) -> set:
        return self.runtime.index.template_ids(self.generation(batch.generation))

    def comparison(self, batch: Batch) -> dict:
        with self.runtime.database.begin() as transaction:
            return generations.find(transaction, batch.generation).comparison
