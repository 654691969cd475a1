"""Stopped or running, no byte of the index lies plain in the data folder; however a run ended, the
next one finds who is enrolled."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from tests.index_files import memory_of, places_of
from vestibule.adapters.file_scan import scan
from vestibule.domain.errors import StartUpError
from vestibule.domain.ids import new_uuid
from vestibule.domain.index_at_rest import IndexAtRest
from vestibule.records.tables import Template
from vestibule.settings import Settings
from vestibule.wiring import EmbeddedInstallation, open_embedded
from vestibule.workflows.index_templates import index_templates
from vestibule.workflows.record_consent import ConsentGiven, record_consent
from vestibule.workflows.register_customer import NewCustomer, register_customer
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import seal_embedding


def vector_of(runtime: Runtime) -> np.ndarray:
    drawn = np.random.default_rng(5).standard_normal(runtime.engine.space.dimension)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def enrol(runtime: Runtime) -> None:
    guest = register_customer(runtime, NewCustomer("Ada"), actor="test")
    given = ConsentGiven(basis="explicit-consent", given_by="test")
    record_consent(runtime, guest.id, given, actor="test")
    template_id = new_uuid()
    sealed = seal_embedding(
        runtime, vector_of(runtime), template_id=template_id, customer_id=guest.id
    )
    with runtime.database.begin() as transaction:
        transaction.add(
            Template(
                id=template_id,
                customer_id=guest.id,
                space_id=runtime.engine.space.id,
                embedding=sealed,
                crop_key=f"customers/{guest.id}/none.jpg",
                source_sha256=template_id.hex * 2,
                quality={},
                created_at=runtime.clock.now(),
            )
        )
    index_templates(runtime, [template_id])


def finds(runtime: Runtime) -> bool:
    [found] = runtime.index.search(runtime.generation, vector_of(runtime)[None], limit=1)
    return bool(found) and found[0].score > 0.99


def traces_of(runtime: Runtime) -> list[bytes]:
    template_ids = runtime.index.template_ids(runtime.generation)
    _, _, *stretches = runtime.index.prints(runtime.generation, template_ids)
    return [*stretches, *(vector_of(runtime)[at : at + 8].tobytes() for at in (0, 40, 80))]


@contextmanager
def opened(settings: Settings, **values: object) -> Iterator[tuple[EmbeddedInstallation, str]]:
    """And how the index began: sealed, empty, unreadable, left_by_a_kill or plain; or that a
    warning said that it lies on the disk."""
    with (
        capture_logs() as logs,
        open_embedded(settings.model_copy(update=values)) as installation,
    ):
        [told] = [one for one in logs if one["event"] in ("index_home.opened", "index_home.plain")]
        yield installation, told.get("began", told["log_level"])


@pytest.fixture(scope="module")
def stopped(make_settings) -> tuple[Settings, list[bytes]]:
    """An installation with a guest, and the traces of their face; looked through while it ran."""
    settings = make_settings()
    with open_embedded(settings) as installation:
        runtime = installation.runtime
        enrol(runtime)
        assert finds(runtime)
        traces = traces_of(runtime)
        memory = memory_of(settings)
        assert memory is not None and scan(memory, traces).hits, "or the rest proves nothing"
        assert memory.stat().st_mode & 0o077 == 0
        assert not scan(settings.data_dir, traces).hits
    return settings, traces


@pytest.mark.duty("GDPR 32")
def test_art_32_nothing_of_a_face_lies_plain_while_it_runs_nor_when_it_stopped(stopped) -> None:
    settings, traces = stopped
    assert memory_of(settings) is None
    assert not scan(settings.data_dir, traces).hits
    assert (settings.data_dir / "index.sealed").stat().st_mode & 0o077 == 0
    with opened(settings) as (installation, began):
        assert began == "sealed" and finds(installation.runtime)
        assert not (settings.data_dir / "index.sealed").exists()
    assert not scan(settings.data_dir, traces).hits


def test_file_that_was_cut_short_is_filled_again_from_the_record(stopped) -> None:
    settings, _ = stopped
    sealed = settings.data_dir / "index.sealed"
    sealed.write_bytes(sealed.read_bytes()[: sealed.stat().st_size // 2])
    with opened(settings) as (installation, began):
        assert began == "unreadable" and finds(installation.runtime)


KILLED = """
import os, signal, sys
from pathlib import Path
from vestibule.settings import Settings
from vestibule.wiring import open_embedded
with open_embedded(Settings(_env_file=None, data_dir=Path(sys.argv[1]), min_free_bytes=0)):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_run_leaves_nothing_on_the_disk_and_the_next_one_finds(stopped) -> None:
    settings, traces = stopped
    subprocess.run([sys.executable, "-c", KILLED, str(settings.data_dir)], check=False)
    assert not scan(settings.data_dir, traces).hits
    assert not (settings.data_dir / "index.sealed").exists()
    with opened(settings) as (installation, began):
        assert began == "left_by_a_kill" and finds(installation.runtime)


def test_disk_without_memory_is_told_and_taken_back_into_memory(stopped, tmp_path: Path) -> None:
    settings, traces = stopped
    with pytest.raises(StartUpError), opened(settings, memory_dir=tmp_path, index_at_rest="sealed"):
        pass
    with opened(settings, memory_dir=tmp_path) as (installation, told):
        assert installation.index_at_rest is IndexAtRest.PLAIN and told == "warning"
        assert finds(installation.runtime)
    assert scan(settings.data_dir / "index", traces).hits
    with opened(settings) as (installation, began):
        assert began == "plain" and finds(installation.runtime)
        assert not scan(settings.data_dir, traces).hits


def test_two_installations_at_once_do_not_see_each_other(stopped, here) -> None:
    settings, _ = stopped
    with opened(settings) as (installation, _):
        mine, other = places_of(settings)[1], places_of(here.settings)[1]
        assert mine != other
        assert finds(installation.runtime) and not finds(here.runtime)
