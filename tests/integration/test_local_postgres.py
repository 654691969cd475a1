"""The embedded Postgres, for real: started, killed, starved of its parent, and started again."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from vestibule.adapters.local_postgres import LocalPostgres, process
from vestibule.domain.errors import DataDirInUseError, StartUpError

AS_ROOT = os.geteuid() == 0


def until(condition: Callable[[], bool], *, within_s: float = 15.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5, autocommit=True)


def cluster_of(data_dir: Path) -> Path:
    return (data_dir / "postgres").resolve()


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody waited for has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    # A server whose owner was killed needs a moment.
    assert until(lambda: process.processes_of(cluster_of(folder)) == [])
    LocalPostgres(folder).erase()


@pytest.fixture(scope="module")
def shared_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "data"


@pytest.fixture(scope="module")
def shared_postgres(shared_data_dir: Path) -> Iterator[LocalPostgres]:
    """One server for the tests that only look at it: making one takes seconds."""
    server = LocalPostgres(shared_data_dir)
    server.start()
    yield server
    server.stop()
    server.erase()


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[LocalPostgres]:
    server = LocalPostgres(data_dir)
    server.start()
    yield server
    server.stop()


def test_first_start_gives_an_empty_utf8_database_with_checksums(
    shared_postgres: LocalPostgres,
) -> None:
    with connect(shared_postgres.url) as connection:
        row = connection.execute(
            "SELECT current_database(), pg_encoding_to_char(encoding), datlocale,"
            " current_setting('data_checksums'), current_setting('fsync')"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == ("vestibule", "UTF8", "C.UTF-8", "on", "on")


def test_application_is_no_superuser(shared_postgres: LocalPostgres) -> None:
    with connect(shared_postgres.url) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert row.fetchone() == (False,)


def test_wrong_password_is_refused(shared_postgres: LocalPostgres) -> None:
    password = shared_postgres.url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(shared_postgres.url.replace(password, "guess"))


@pytest.mark.usefixtures("shared_postgres")
def test_only_scram_on_the_loopback_is_let_in_and_passwords_are_private(
    shared_data_dir: Path,
) -> None:
    hba = (cluster_of(shared_data_dir) / "pg_hba.conf").read_text()
    rules = [line.split() for line in hba.splitlines() if not line.startswith("#")]
    assert rules == [["host", "all", "all", "127.0.0.1/32", "scram-sha-256"]]
    assert stat.S_IMODE((shared_data_dir / "postgres.passwords").stat().st_mode) == 0o600


def test_stop_leaves_no_process(data_dir: Path) -> None:
    server = LocalPostgres(data_dir)
    server.start()
    assert process.processes_of(cluster_of(data_dir))
    server.stop()
    assert process.processes_of(cluster_of(data_dir)) == []
    assert not server.is_running


def test_stop_with_an_open_connection_does_not_wait_for_it(data_dir: Path) -> None:
    server = LocalPostgres(data_dir)
    server.start()
    with connect(server.url) as connection:
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_second_start_keeps_the_data(data_dir: Path) -> None:
    for _ in range(2):
        server = LocalPostgres(data_dir)
        server.start()
        with connect(server.url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS visit (id int)")
            connection.execute("INSERT INTO visit VALUES (1)")
            rows = connection.execute("SELECT count(*) FROM visit").fetchone()
        server.stop()
    assert rows == (2,)


def test_killed_postmaster_comes_back_on_the_same_url_with_what_was_committed(
    postgres: LocalPostgres, data_dir: Path
) -> None:
    url = postgres.url
    # An idle connection keeps a backend, and with it the dead server's shared memory, alive.
    idle = connect(url)
    with connect(url) as connection:
        connection.execute("CREATE TABLE visit (id int)")
        connection.execute("INSERT INTO visit VALUES (1)")
    pid = process.recorded_postmaster(cluster_of(data_dir))
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: process.recorded_postmaster(cluster_of(data_dir)) not in (pid, None))
    assert until(lambda: postgres.is_running)
    assert postgres.url == url
    with connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM visit").fetchone() == (1,)
    idle.close()


def test_postmaster_killed_while_a_query_runs_comes_back(
    postgres: LocalPostgres, data_dir: Path
) -> None:
    busy = connect(postgres.url)
    busy.execute("SET statement_timeout = 0")
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000000)")
    pid = process.recorded_postmaster(cluster_of(data_dir))
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: process.recorded_postmaster(cluster_of(data_dir)) not in (pid, None))
    assert until(lambda: postgres.is_running)
    with connect(postgres.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    busy.close()


def test_stop_while_the_server_is_being_brought_back_leaves_no_process(data_dir: Path) -> None:
    server = LocalPostgres(data_dir)
    server.start()
    pid = process.recorded_postmaster(cluster_of(data_dir))
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    server.stop()
    assert process.processes_of(cluster_of(data_dir)) == []


OWNER_PROGRAM = """
import sys, time
from pathlib import Path
from vestibule.adapters.local_postgres import LocalPostgres
server = LocalPostgres(Path(sys.argv[1]))
server.start()
sys.stdout.write("started\\n")
sys.stdout.flush()
time.sleep(600)
"""


@pytest.fixture
def owner(data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that runs the server on ``data_dir``."""
    program = subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM, str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    while program.stdout.readline().strip() != "started":
        assert program.poll() is None
    yield program
    program.kill()
    program.wait()


def test_running_server_is_not_erased(owner: "subprocess.Popen[str]", data_dir: Path) -> None:
    with pytest.raises(DataDirInUseError):
        LocalPostgres(data_dir).erase()
    assert owner.poll() is None
    assert process.processes_of(cluster_of(data_dir))


def test_erased_database_begins_empty(data_dir: Path) -> None:
    server = LocalPostgres(data_dir)
    server.start()
    with connect(server.url) as connection:
        connection.execute("CREATE TABLE visit (id int)")
    server.stop()
    folder = cluster_of(data_dir)
    for _ in range(2):
        server.erase()
    assert not folder.exists()
    server.start()
    with connect(server.url) as connection:
        found = connection.execute("SELECT to_regclass('visit')").fetchone()
    server.stop()
    assert found == (None,)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_server_dies_when_its_owner_is_killed(
    owner: "subprocess.Popen[str]", data_dir: Path
) -> None:
    servers = process.processes_of(cluster_of(data_dir))
    assert servers
    owner.kill()
    assert until(lambda: not any(is_alive(pid) for pid in servers))


def test_start_after_the_owner_was_killed_recovers(
    owner: "subprocess.Popen[str]", data_dir: Path
) -> None:
    owner.kill()
    owner.wait()
    server = LocalPostgres(data_dir)
    server.start()  # at once: the old server may still be going down
    with connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()


def test_second_owner_of_a_data_folder_is_refused(
    owner: "subprocess.Popen[str]", data_dir: Path
) -> None:
    with pytest.raises(DataDirInUseError):
        LocalPostgres(data_dir).start()
    assert owner.poll() is None


def test_pid_file_that_names_a_stranger_is_ignored_and_the_stranger_lives(data_dir: Path) -> None:
    server = LocalPostgres(data_dir)
    server.start()
    server.stop()
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    pid_file = cluster_of(data_dir) / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{cluster_of(data_dir)}\n0\n1\n\n127.0.0.1\n\nready\n")
    server.start()
    server.stop()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_folder_of_another_major_version_is_refused_in_words(data_dir: Path) -> None:
    server = LocalPostgres(data_dir)
    server.start()
    server.stop()
    (cluster_of(data_dir) / "PG_VERSION").write_text("9\n")
    with pytest.raises(StartUpError, match="written by Postgres 9") as caught:
        server.start()
    assert caught.value.facts["reason"] == "other_database_version"


def test_lost_passwords_are_named_in_the_error(data_dir: Path) -> None:
    server = LocalPostgres(data_dir)
    server.start()
    server.stop()
    (data_dir / "postgres.passwords").unlink()
    with pytest.raises(StartUpError) as caught:
        server.start()
    assert caught.value.facts["reason"] == "database_password_missing"


def test_works_under_a_folder_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    server = LocalPostgres(private / "data")
    server.start()
    folder = cluster_of(private / "data")
    with connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    if AS_ROOT:
        assert folder.stat().st_uid != 0
        assert (private / "data" / "postgres").is_symlink()
    server.erase()
    assert not folder.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root can give up being root")
@pytest.mark.usefixtures("shared_postgres")
def test_started_by_root_it_does_not_run_as_root(shared_data_dir: Path) -> None:
    servers = process.processes_of(cluster_of(shared_data_dir))
    assert servers
    for pid in servers:
        assert Path(f"/proc/{pid}").stat().st_uid != 0


@pytest.mark.skipif(not AS_ROOT, reason="mounting a small disk needs root")
def test_full_disk_is_named_in_the_error_and_leaves_no_half_database(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=0755", "vestibule-test", str(disk)],
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        (disk / "data").mkdir(mode=0o755)
        tmp_path.chmod(0o755)
        for folder in (tmp_path.parent, tmp_path.parent.parent):
            if folder != Path("/tmp"):
                folder.chmod(0o755)
        with pytest.raises(StartUpError) as caught:
            LocalPostgres(disk / "data").start()
        assert caught.value.facts["reason"] == "disk_full"
        assert sorted(path.name for path in (disk / "data").glob("postgres*")) == [
            "postgres.lock",
            "postgres.passwords",
        ]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
