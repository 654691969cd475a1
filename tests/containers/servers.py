"""Servers in containers, with what ``tests/servers`` offers of the same ones as processes.

So the suites that were written for those run against these without a change. ``kill()`` is -9;
``start()`` goes on from the data, on the same port.
"""

import contextlib
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any, Self

import httpx
import psycopg
import redis

from tests.containers.engine import Engine
from tests.containers.images import server_image
from tests.servers.seaweedfs import SeaweedServer

PATIENCE_S = 60.0


class Container:
    """One server in one container, its port published on 127.0.0.1."""

    def __init__(
        self, engine: Engine, server: str, *, inside_port: int, command: list[str], **run: Any
    ) -> None:
        # Reads the environment when it is imported, which is right only once there is an engine.
        from testcontainers.core.container import DockerContainer

        self.port = free_port()
        self._container = DockerContainer(server_image(engine, server), **run)
        # Not with_bind_ports, which publishes on every address of the machine.
        self._container.ports[inside_port] = ("127.0.0.1", self.port)
        self._container.with_command(command)
        self._runs = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, patience_s: float = PATIENCE_S) -> None:
        """Returns when the server answers."""
        if self._runs:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._runs = True
        give_up_at = time.monotonic() + patience_s
        while not self.answers():
            if time.monotonic() > give_up_at:
                logs = self._container.get_wrapped_container().logs(tail=20)
                raise RuntimeError(f"The server does not answer:\n{logs.decode(errors='replace')}")
            time.sleep(0.1)

    def answers(self) -> bool:
        raise NotImplementedError

    def kill(self) -> None:
        self._container.get_wrapped_container().kill("SIGKILL")
        self._container.get_wrapped_container().wait()

    def pause(self) -> None:
        """Stop answering while connections stay open."""
        self._container.get_wrapped_container().pause()

    def resume(self) -> None:
        self._container.get_wrapped_container().unpause()

    def stop(self) -> None:
        self._container.stop()


class RedisInContainer(Container):
    def __init__(self, engine: Engine) -> None:
        self.password = secrets.token_urlsafe(16)
        keeping = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        super().__init__(
            engine,
            "redis",
            inside_port=6379,
            command=["redis-server", "--requirepass", self.password, *keeping],
            user="999:1000",
        )

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class PostgresInContainer(Container):
    """``url`` is the superuser's, as ``PostgresServer`` has it."""

    def __init__(self, engine: Engine) -> None:
        self._password = secrets.token_hex(16)
        super().__init__(
            engine,
            "postgres",
            inside_port=5432,
            command=["postgres", "-c", "max_connections=200"],
            user="999:999",
            env={
                "POSTGRES_USER": "owner",
                "POSTGRES_PASSWORD": self._password,
                "POSTGRES_DB": "vestibule",
            },
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://owner:{self._password}@127.0.0.1:{self.port}/vestibule"

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            address = self.url.replace("+psycopg", "")
            psycopg.connect(address, connect_timeout=3).close()
            return True
        return False


class S3InContainer(SeaweedServer):
    """MinIO where it can be pulled; what it is asked through is the same."""

    def __init__(self, engine: Engine) -> None:
        self.access_key = "vestibule-tests"
        self.secret_key = secrets.token_hex(16)
        self._server = _S3Container(engine, self.access_key, self.secret_key)

    @property
    def port(self) -> int:
        return self._server.port

    def start(self, *, patience_s: float = PATIENCE_S) -> None:
        self._server.start(patience_s=patience_s)

    def kill(self) -> None:
        self._server.kill()

    def stop(self) -> None:
        self._server.stop()


class _S3Container(Container):
    def __init__(self, engine: Engine, user: str, password: str) -> None:
        super().__init__(
            engine,
            "minio",
            inside_port=9000,
            command=["server", "/data", "--address", ":9000"],
            env={"MINIO_ROOT_USER": user, "MINIO_ROOT_PASSWORD": password},
        )
        self._engine = engine

    def answers(self) -> bool:
        """As its health check in the compose file asks."""
        name = self._container.get_wrapped_container().id
        asked = self._engine.docker("exec", name, "silo", "healthcheck", "ready", check=False)
        return asked.returncode == 0


class QdrantInContainer(Container):
    def __init__(self, engine: Engine) -> None:
        self.api_key = secrets.token_hex(16)
        super().__init__(
            engine,
            "qdrant",
            inside_port=6333,
            command=["./qdrant"],
            env={"QDRANT__SERVICE__API_KEY": self.api_key, "QDRANT__TELEMETRY_DISABLED": "true"},
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).is_success
        return False


def suite(module: Any) -> dict[str, Callable[..., object]]:
    """The tests and fixtures of another module, to be taken into one with its own servers."""
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
