"""Links to other systems over TLS: real servers behind certificates of an authority of our own.

The servers from packages speak no TLS here, so a front ends it for them; what is tested is our
side, which decides whom to believe.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy.engine import make_url

from tests.servers.postgres import PostgresServer
from tests.servers.qdrant_stand_in.process import QdrantStandIn
from tests.servers.redis import RedisServer
from tests.servers.seaweedfs import SeaweedServer
from tests.servers.tls_front import Authority, TlsFront
from vestibule.adapters.celery_queue.application import build_celery
from vestibule.adapters.qdrant_server import open_client
from vestibule.adapters.redis_rejected_probes import RedisRejectedProbes
from vestibule.adapters.s3_client import Patience, S3Access
from vestibule.adapters.s3_client import open_client as open_store
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.records.database import Database

IMPATIENT = Patience(connect_s=2, read_s=5, retries=0)
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"


@dataclass
class Link:
    """``ask(port, authorities)`` gets an answer of the server behind the port, or raises."""

    port: int
    ask: Callable[[int, Path], object]
    is_postgres: bool = False


@pytest.fixture(
    scope="module",
    params=["postgres", "broker", "broker-said-nothing", "volatile", "objects", "index"],
)
def link(request, tmp_path_factory) -> Iterator[Link]:
    folder = tmp_path_factory.mktemp(request.param)
    with _SERVERS[request.param](folder) as server:
        yield _LINKS[request.param](server)


@pytest.mark.duty("GDPR 32")
def test_art_32_only_the_server_that_our_authority_vouches_for_is_spoken_to(
    link, tmp_path, monkeypatch
):
    ours, others = Authority(tmp_path / "ours"), Authority(tmp_path / "others")
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.certificates))

    def ask(context):
        with TlsFront(link.port, context, is_postgres=link.is_postgres) as front:
            return link.ask(front.port, ours.certificates)

    assert ask(ours.serve(HERE))
    for impostor in (others.serve(HERE), ours.serve(ELSEWHERE)):
        with pytest.raises(Exception, match=r"(?i)certificate|answer"):
            ask(impostor)


# ── how each is asked ───────────────────────────────────────────────────────────────────────
def _postgres(server: PostgresServer) -> Link:
    def ask(port: int, authorities: Path) -> object:
        url = make_url(server.url).set(host=HERE, port=port)
        checked = {"sslmode": "verify-full", "sslrootcert": str(authorities)}
        sealed = url.update_query_dict(checked).render_as_string(hide_password=False)
        database = Database(sealed, pool_size=1)
        try:
            with database.look() as reader:
                return reader.connection().exec_driver_sql("SELECT 1").scalar_one()
        finally:
            database.close()

    return Link(int(make_url(server.url).port or 5432), ask, is_postgres=True)


def _broker(server: RedisServer, said_of_certificates: str = "") -> Link:
    def ask(port: int, _: Path) -> object:
        celery = build_celery(f"rediss://:{server.password}@{HERE}:{port}/0{said_of_certificates}")
        with celery.connection_for_write() as connection:
            return connection.default_channel.client.ping()

    return Link(server.port, ask)


def _volatile(server: RedisServer) -> Link:
    def ask(port: int, _: Path) -> object:
        url = f"rediss://:{server.password}@{HERE}:{port}/0"
        rejected = RedisRejectedProbes(url, AesGcmSealer(bytes(32)))
        try:
            return rejected.expire(now=datetime.now(UTC)) == 0
        finally:
            rejected.close()

    return Link(server.port, ask)


def _objects(server: SeaweedServer) -> Link:
    def ask(port: int, _: Path) -> object:
        access = S3Access(f"https://{HERE}:{port}", server.access_key, server.secret_key)
        return open_store(access, IMPATIENT).list_buckets() is not None

    return Link(server.port, ask)


def _index(server: QdrantStandIn) -> Link:
    def ask(port: int, _: Path) -> object:
        client = open_client(f"https://{HERE}:{port}", server.api_key)
        return client.get_collections() is not None

    return Link(urlsplit(server.url).port or 0, ask)


_SERVERS = {
    "postgres": PostgresServer,
    "broker": RedisServer,
    "broker-said-nothing": RedisServer,
    "volatile": lambda folder: RedisServer(folder, persistent=False),
    "objects": SeaweedServer,
    "index": QdrantStandIn,
}
_LINKS = {
    "postgres": _postgres,
    "broker": _broker,
    "broker-said-nothing": partial(_broker, said_of_certificates="?ssl_cert_reqs="),
    "volatile": _volatile,
    "objects": _objects,
    "index": _index,
}
