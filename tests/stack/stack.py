"""The whole distributed product on 127.0.0.1: real servers, and each process of ours by itself."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from minio import Minio
from sqlalchemy.engine import make_url

from services.heartbeat import is_alive
from services.processes.secret_files import Addresses, create_secrets
from tests.servers.postgres import PostgresServer
from tests.servers.qdrant_stand_in import QdrantStandIn
from tests.servers.redis import RedisServer
from tests.servers.seaweedfs import SeaweedServer
from tests.servers.slow_link import SlowLink
from tests.stack.processes import ProductProcess, answers
from vestibule.settings import Settings

BUCKET = "vestibule"
SERVERS = ("postgres", "redis", "volatile", "objects", "index")


@dataclass
class Stack:
    """What runs, by name. ``redis`` is the broker; ``volatile`` keeps nothing on a disk.

    With ``links``, our processes reach each server through the link of its name.
    """

    folder: Path
    postgres: PostgresServer
    redis: RedisServer
    volatile: RedisServer
    objects: SeaweedServer
    index: QdrantStandIn
    environment: dict[str, str] = field(default_factory=dict)
    processes: dict[str, ProductProcess] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    links: dict[str, SlowLink] = field(default_factory=dict)

    def __getitem__(self, name: str) -> ProductProcess:
        return self.processes[name]

    def server_port(self, name: str) -> int:
        """Where our processes reach the server of that name."""
        return self.links[name].port if name in self.links else int(getattr(self, name).port)

    def url(self, name: str) -> str:
        """Where the API or the pages of that name listen."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def client(self, name: str = "api-1", *, timeout_s: float = 60) -> httpx.Client:
        """Of that API, with a key that all of them take."""
        return httpx.Client(
            base_url=self.url(name),
            headers={"Authorization": f"Bearer {self.api_key()}"},
            timeout=timeout_s,
            trust_env=False,
        )

    def api_key(self) -> str:
        """Made by the command that runs beside the API, as an operator would."""
        if "api_key" not in self.environment:
            self.environment["api_key"] = self.run(
                "api-key", "create", "--name", "tests", beside="api-1"
            ).strip()
        return self.environment["api_key"]

    def run(self, *command: str, beside: str) -> str:
        """Output of a ``vestibule`` command that sees what the process ``beside`` sees."""
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", *command],
            env={**os.environ, **self[beside].environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add(self, command: str, number: int | None = None, **settings: str) -> ProductProcess:
        """Another copy of ``api``, ``worker``, ``scheduler`` or ``web``; not started yet."""
        name = command if number is None else f"{command}-{number}"
        environment = {**self._environment_of(command), **settings}
        if command in ("api", "web"):
            port = self.ports.setdefault(name, free_port())
            environment["VESTIBULE_PORT"] = str(port)
            path = "/readyz" if command == "api" else "/healthz"
            ready = lambda: answers(f"http://127.0.0.1:{port}{path}")  # noqa: E731
        else:
            own = Settings(_env_file=None, data_dir=self.folder / "processes" / name)
            ready = lambda: is_alive(own, command, within_s=30)  # noqa: E731
        made = ProductProcess(
            name,
            command,
            folder=self.folder / "processes",
            environment=environment,
            is_ready=ready,
        )
        self.processes[name] = made
        return made

    def _environment_of(self, command: str) -> dict[str, str]:
        environment = {
            "VESTIBULE_MODE": "distributed",
            "VESTIBULE_SECRETS_DIR": str(self.folder / "secrets" / command),
            "VESTIBULE_LOG": "stderr",
            "VESTIBULE_S3_ENDPOINT": f"http://127.0.0.1:{self.server_port('objects')}",
            "VESTIBULE_S3_BUCKET": BUCKET,
            "VESTIBULE_QDRANT_URL": f"http://127.0.0.1:{self.server_port('index')}",
        }
        if command == "web":
            environment["VESTIBULE_API_URL"] = self.url("api-1")
        return environment

    def stop(self) -> None:
        for process in self.processes.values():
            process.stop()


@contextmanager
def servers(folder: Path, *, linked: bool = False) -> Iterator[Stack]:
    """The servers with their secrets, the schema and the bucket; no process of ours yet.

    ``linked`` puts a link in front of each, which a test can slow down or cut.
    """
    (folder / "processes").mkdir(parents=True)
    with ExitStack() as closing:
        stack = Stack(
            folder,
            postgres=closing.enter_context(PostgresServer(folder / "postgres")),
            redis=RedisServer(folder / "redis"),
            volatile=RedisServer(folder / "volatile", persistent=False),
            objects=closing.enter_context(SeaweedServer(folder / "objects")),
            index=closing.enter_context(QdrantStandIn(folder / "index")),
        )
        closing.enter_context(stack.redis)
        closing.enter_context(stack.volatile)
        if linked:
            for name in SERVERS:
                link = SlowLink(getattr(stack, name).port)
                stack.links[name] = closing.enter_context(link)
        _write_secrets(stack)
        migrate(stack)
        _make_bucket(stack)
        closing.callback(stack.stop)
        yield stack


@contextmanager
def whole_product(
    folder: Path, *, apis: int = 1, workers: int = 1, linked: bool = False, **settings: str
) -> Iterator[Stack]:
    """Everything, started and ready: ``api-1``, …, ``worker-1``, …, ``scheduler``, ``web``."""
    with servers(folder, linked=linked) as stack:
        for number in range(1, apis + 1):
            stack.add("api", number, **settings)
        for number in range(1, workers + 1):
            stack.add("worker", number, **settings)
        stack.add("scheduler", **settings)
        stack.add("web", **settings)
        for process in stack.processes.values():
            process.launch()
        for process in stack.processes.values():
            process.wait_until_ready()
        yield stack


def migrate(stack: Stack) -> None:
    environment = {
        "VESTIBULE_MODE": "distributed",
        "VESTIBULE_SECRETS_DIR": str(stack.folder / "secrets" / "migrate"),
        "VESTIBULE_DATA_DIR": str(stack.folder / "processes" / "migrate"),
        "VESTIBULE_LOG": "stderr",
    }
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "migrate"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def _write_secrets(stack: Stack) -> None:
    """As an operator would, with the passwords that the servers here were started with."""
    folder = stack.folder / "secrets"
    postgres = f"127.0.0.1:{stack.server_port('postgres')}"
    create_secrets(folder, addresses=Addresses(postgres=postgres))
    owner = make_url(stack.postgres.url).render_as_string(hide_password=False)
    _replace(folder / "migrate" / "vestibule_database_url", owner)
    for process in ("api", "worker", "scheduler"):
        _replace(folder / process / "vestibule_broker_url", _redis_url(stack, "redis"))
        _replace(folder / process / "vestibule_volatile_url", _redis_url(stack, "volatile"))
        _replace(folder / process / "vestibule_s3_access_key", stack.objects.access_key)
        _replace(folder / process / "vestibule_s3_secret_key", stack.objects.secret_key)
        _replace(folder / process / "vestibule_qdrant_api_key", stack.index.api_key)


def _redis_url(stack: Stack, name: str) -> str:
    server: RedisServer = getattr(stack, name)
    return f"redis://:{server.password}@127.0.0.1:{stack.server_port(name)}/0"


def _replace(path: Path, content: str) -> None:
    path.unlink()
    path.write_text(content)


def _make_bucket(stack: Stack) -> None:
    client = Minio(
        stack.objects.endpoint,
        access_key=stack.objects.access_key,
        secret_key=stack.objects.secret_key,
        secure=False,
    )
    client.make_bucket(BUCKET)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
