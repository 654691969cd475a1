"""An installation whose engine sees what a test says, so that a gallery is made of vectors."""

import dataclasses
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import delete, select

from tests.integration.bare_installation import Installation, empty_installations
from tests.servers.postgres import PostgresServer
from tests.servers.seaweedfs import SeaweedServer
from vestibule.adapters.rejected_probes import InProcessRejectedProbes
from vestibule.domain.faces import Box, DetectedFace
from vestibule.domain.ids import CustomerId, JobId, TemplateId
from vestibule.domain.quality import FaceInspection, FaceQuality
from vestibule.records import gallery, photos
from vestibule.records.erasure_tables import ErasureRecord
from vestibule.records.tables import Customer, Face, Job, Photo, Template
from vestibule.workflows.erase_customer import erase_customer
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.record_consent import ConsentGiven, record_consent
from vestibule.workflows.register_customer import NewCustomer, register_customer
from vestibule.workflows.run_job import run_job
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import open_embeddings
from vestibule.workflows.submit_photo import submit_photo

PHOTO_SIZE_PX = (640, 480)
GOOD = FaceQuality(eye_distance_px=40.0, sharpness=0.6, turn=0.1, brightness=120.0)


class SilentQueue:
    def enqueue(self, job_id: JobId, *, queue: str) -> None:
        """Tests say themselves when work is done."""

    def enqueue_many(self, job_ids, *, queue: str) -> None:
        """As above."""


class SetClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class ScriptedEngine:
    """Sees in each photo the faces that a test put there; a crop shows the face it was cut from.

    The space is the real engine's. ``put`` says what the photo of that brightness shows.
    """

    def __init__(self, engine: object) -> None:
        self._engine = engine
        self.shown: dict[int, list[tuple[Box, np.ndarray]]] = {}
        self.quality = GOOD

    @property
    def space(self):
        return self._engine.space

    def detect(self, image):
        if image.shape[:2] == PHOTO_SIZE_PX[::-1]:
            return [_face(box) for box, _ in self._faces(image)]
        height, width = image.shape[:2]
        return [_face((width * 0.19, height * 0.19, width * 0.81, height * 0.81))]

    def assess(self, image, faces):
        return [self.quality for _ in faces]

    def inspect(self, image, face):
        return FaceInspection(
            self.quality,
            detection_score=face.detection_score,
            pitch=0.55,
            roll_degrees=0.0,
            visible_share=1.0,
            clipped_share=0.0,
            noise=0.03,
            blockiness=1.2,
            mouth_shown=2.0,
            eyes_shown=2.0,
        )

    def embed(self, image, faces):
        if not faces:
            return np.zeros((0, self.space.dimension), np.float32)
        if image.shape[:2] != PHOTO_SIZE_PX[::-1]:
            return np.stack([self._faces(image)[0][1] for _ in faces])
        by_box = dict(self._faces(image))
        return np.stack([by_box[face.box_xyxy_px] for face in faces])

    def embed_each(self, faces):
        return np.concatenate([self.embed(image, [face]) for image, face in faces])

    def region(self, image, face):
        return self._engine.region(image, face)

    def _faces(self, image) -> list[tuple[Box, np.ndarray]]:
        return self.shown[round(float(image.mean()))]


def _face(box: Box) -> DetectedFace:
    x1, y1, x2, y2 = box
    points = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
    landmarks = [(x1 + (x2 - x1) * x, y1 + (y2 - y1) * y) for x, y in points]
    return DetectedFace(box, np.array(landmarks, np.float32), 0.9)


def forget_erasures(runtime: Runtime) -> None:
    """The same guests come again in the next test."""
    with runtime.database.begin() as transaction:
        transaction.execute(delete(ErasureRecord))


class Stage:
    """A gallery of vectors and photos of them. ``runtime`` is the product around it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.guests: list[UUID] = []
        self._brightness = 40

    @property
    def dimension(self) -> int:
        return self.runtime.engine.space.dimension

    def axis(self, number: int) -> np.ndarray:
        vector = np.zeros(self.dimension, np.float32)
        vector[number] = 1
        return vector

    def near(self, vector: np.ndarray, score: float, *, towards: int) -> np.ndarray:
        """A unit vector at that cosine to ``vector``, leaning into a free direction."""
        return (score * vector + np.sqrt(1 - score**2) * self.axis(towards)).astype(np.float32)

    def guest(self, name: str, *vectors: np.ndarray, consent: bool = True) -> Customer:
        customer = register_customer(self.runtime, NewCustomer(name), actor="test")
        self.guests.append(customer.id)
        if consent:
            given = ConsentGiven(basis="explicit-consent", given_by="test")
            record_consent(self.runtime, customer.id, given, actor="test")
        for vector in vectors:
            self.template(customer.id, vector)
        return customer

    def template(self, customer_id: UUID, vector: np.ndarray, **fields: object) -> Template:
        self.runtime.clock.moment += timedelta(seconds=1)
        template_id = uuid4()
        key = f"customers/{customer_id}/{template_id}.jpg"
        self.runtime.blobs.put(key, f"crop of {template_id}".encode())
        template = Template(
            id=template_id,
            customer_id=customer_id,
            space_id=self.runtime.engine.space.id,
            embedding=gallery.to_bytes(vector),
            crop_key=key,
            source_sha256=template_id.hex * 2,
            quality=dataclasses.asdict(GOOD),
            created_at=self.runtime.clock.now(),
        )
        for name, value in fields.items():
            setattr(template, name, value)
        with self.runtime.database.begin() as transaction:
            transaction.add(template)
        index_templates(self.runtime, [template_id])
        return template

    def photo(self, *faces: np.ndarray) -> bytes:
        """A photo of these faces, next to each other; another one each time."""
        self._brightness += 2
        boxes = [(20.0 + 120 * n, 100.0, 100.0 + 120 * n, 200.0) for n in range(len(faces))]
        self.runtime.engine.shown[self._brightness] = list(zip(boxes, faces, strict=True))
        pixels = np.full((*PHOTO_SIZE_PX[::-1], 3), self._brightness, np.uint8)
        encoded = io.BytesIO()
        Image.fromarray(pixels).save(encoded, "PNG")
        return encoded.getvalue()

    def identify(self, content: bytes) -> list[Face]:
        return self.faces(self.identified(content))

    def identified(self, content: bytes) -> Photo:
        photo = submit_photo(self.runtime, content, actor="test")
        run_job(self.runtime, JobId(photo.job_id))
        return photo

    def work_off(self) -> None:
        """Run what answers have left to do."""
        with self.runtime.database.begin() as transaction:
            query = select(Job.id).where(Job.kind == "REMEMBER", Job.finished_at.is_(None))
            waiting = list(transaction.scalars(query))
        for job_id in waiting:
            run_job(self.runtime, JobId(job_id))

    def faces(self, photo: Photo) -> list[Face]:
        with self.runtime.database.begin() as transaction:
            return photos.faces_of(transaction, photo.id)

    def who(self, content: bytes) -> list[UUID | None]:
        return [face.customer_id for face in self.identify(content)]

    def restart(self) -> None:
        """What is in memory only is lost."""
        self.runtime = dataclasses.replace(self.runtime, rejected=InProcessRejectedProbes())

    def owner(self, template_id: UUID) -> UUID | None:
        with self.runtime.database.begin() as transaction:
            found = gallery.find_template(transaction, template_id)
            return found.customer_id if found else None

    def indexed_owner(self, template_id: UUID) -> UUID | None:
        with self.runtime.database.begin() as transaction:
            found = gallery.find_template(transaction, template_id)
        if found is None:
            return None
        probes = open_embeddings(self.runtime, [found])[template_id][None]
        rows = self.runtime.index.search(self.runtime.generation, probes, limit=64)
        owners = {n.template_id: n.customer_id for n in rows[0]}
        return owners.get(TemplateId(template_id))

    def strike(self) -> None:
        for customer_id in self.guests:
            with self.runtime.database.begin() as transaction:
                is_there = transaction.get(Customer, customer_id) is not None
            if is_there:
                erase_customer(self.runtime, CustomerId(customer_id), actor="test")
        forget_erasures(self.runtime)


@pytest.fixture(scope="package")
def open_stage(make_settings):
    from vestibule.wiring import open_embedded

    with open_embedded(make_settings()) as installation:
        yield installation


@pytest.fixture
def stage(open_stage) -> Callable[..., Stage]:
    runtime = dataclasses.replace(
        open_stage.runtime,
        queue=SilentQueue(),
        clock=SetClock(),
        engine=ScriptedEngine(open_stage.runtime.engine),
        rejected=InProcessRejectedProbes(),
    )
    made = Stage(runtime)
    yield made
    made.strike()


@pytest.fixture
def gallery_here(stage, monkeypatch):
    """Chunks of four, steps of two, which give way to what other tests left, but not for long."""
    from tests.integration import generations
    from tests.integration.gallery_of_two_spaces import Gallery
    from vestibule.workflows import work_on_chunk

    monkeypatch.setattr("vestibule.workflows.fill_generation.CHUNK_ITEMS", 4)
    monkeypatch.setattr(work_on_chunk, "DOOR_PATIENCE_S", 0.05)
    monkeypatch.setitem(work_on_chunk.STEP_ITEMS, "REEMBED", 2)
    monkeypatch.setitem(work_on_chunk.STEP_ITEMS, "REBUILD", 2)
    made = Gallery(stage)
    yield made
    generations.end_batches(stage.runtime)
    stage.strike()
    generations.drop_all_but_the_first(stage.runtime)


@pytest.fixture(scope="module")
def server(make_data_dir: Callable[[], Path]) -> Iterator[PostgresServer]:
    """Postgres alone, with no product in front of it."""
    with PostgresServer(make_data_dir() / "postgres") as running:
        yield running


@pytest.fixture
def installation(server: PostgresServer, tmp_path: Path) -> Iterator[Callable[[], Installation]]:
    """As many as a test asks for, each empty."""
    with empty_installations(server, tmp_path) as make:
        yield make


@pytest.fixture(scope="package")
def seaweed(tmp_path_factory):
    with SeaweedServer(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def place(request, stage, tmp_path, monkeypatch):
    """A place for imports. Chunks of two photos or a little more."""
    from tests.integration import generations, import_places

    monkeypatch.setattr("vestibule.workflows.list_import.CHUNK_ITEMS", 2)
    if request.param == "folder":
        made = import_places.a_folder(stage, tmp_path)
    else:
        made = import_places.a_bucket(stage, request.getfixturevalue("seaweed"))
    yield made
    made.strike()
    generations.end_batches(stage.runtime)


@pytest.fixture
def folder(stage, tmp_path, monkeypatch):
    """As above, of a folder alone: ``tmp_path / "imports"``."""
    from tests.integration import generations, import_places

    monkeypatch.setattr("vestibule.workflows.list_import.CHUNK_ITEMS", 2)
    made = import_places.a_folder(stage, tmp_path)
    yield made
    made.strike()
    generations.end_batches(stage.runtime)


# ── the API in this process, on an installation of its own ──────────────────────────────────
@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="package")
def here(make_settings):
    """No worker runs, so what is asked for is only written down; the clock is the tests' own."""
    from vestibule.wiring import open_embedded

    with open_embedded(make_settings()) as installation:
        clock = SetClock()
        clock.moment = datetime.now(UTC)
        yield dataclasses.replace(
            installation, runtime=dataclasses.replace(installation.runtime, clock=clock)
        )


@pytest.fixture(scope="package")
def app(here):
    from services.api.main import create_api

    return create_api(here)


@pytest.fixture
async def client(app):
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


@pytest.fixture
async def web(app):
    """A browser before the pages, which ask that API."""
    from services.web.main import create_web_app

    pages = create_web_app(
        api_base_url="http://api",
        secret_key=b"k" * 32,
        secure_cookies=False,
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
    )
    transport = httpx.ASGITransport(app=pages, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://vestibule.test") as browser:
        yield browser
