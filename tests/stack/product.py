"""The distributed product in the shape that the tests of the embedded one ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stack.entry import entry
from tests.stack.stack import Stack, free_port, whole_product
from vestibule.domain.errors import ConflictError
from vestibule.domain.ids import JobId
from vestibule.settings import Settings
from vestibule.wiring import Installation
from vestibule.wiring_distributed import open_service
from vestibule.workflows.load_demo import request_demo
from vestibule.workflows.run_job import has_ended
from vestibule.workflows.sign_in import make_sign_in_link


@dataclass(frozen=True)
class DistributedProduct:
    """``installation`` is this process' own way to the same Postgres, store and index."""

    stack: Stack
    installation: Installation
    url: str
    api_key: str

    @property
    def public_url(self) -> str:
        return self.url

    def sign_in_url(self) -> str:
        runtime = self.installation.runtime
        token = make_sign_in_link(
            runtime.database, runtime.clock, actor="owner", life=timedelta(minutes=15)
        )
        return f"{self.url}/sign-in/{token}"

    def load_demo(self) -> None:
        """As the embedded product's."""
        runtime = self.installation.runtime
        try:
            job = request_demo(runtime, actor="owner")
        except ConflictError:
            return
        while not has_ended(runtime, JobId(job.id)):
            pass


@contextmanager
def distributed_product(folder: Path, **settings: str) -> Iterator[DistributedProduct]:
    """Two copies of the API, two workers, a scheduler and the pages behind one address."""
    port = free_port()
    with whole_product(folder, apis=2, workers=2, **settings) as stack:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in stack["api-1"].environment.items():
                if name.startswith("VESTIBULE_") and name != "VESTIBULE_PORT":
                    patch.setenv(name, value)
            own = Settings(_env_file=None, data_dir=folder / "processes" / "tests")
        apis = [stack.url(name) for name in stack.processes if name.startswith("api")]
        with (
            open_service(own) as installation,
            entry(apis, [stack.url("web")], port=port) as url,
        ):
            yield DistributedProduct(stack, installation, url, stack.api_key())
