"""What the running containers were given, as the engine and the kernel tell it."""

import json
from secrets import token_hex

import pytest

from tests.compose.stack import Stack
from tests.compose.test_compose_file import ONCE, PROCESSES, SYSTEMS

pytestmark = pytest.mark.timeout(900)

PORTS = {"postgres": 5432, "redis": 6379, "volatile": 6379, "minio": 9000, "qdrant": 6333}
RUNNING = sorted(SYSTEMS | PROCESSES | {"entry"})


def secrets_of(stack: Stack, project: str | None = None) -> dict[str, str]:
    """Every secret of an installation by its name, read as only root of the machine can."""
    script = (
        "import json, pathlib; print(json.dumps({p.name: p.read_bytes().hex() if p.suffix == '.key'"
        " else p.read_text() for p in pathlib.Path('/m').iterdir()}))"
    )
    volume = f"{project or stack.name}_secrets-master"
    image = stack.inspect("secrets")["Config"]["Image"]
    options = ["--rm", "--network=none", f"--volume={volume}:/m:ro", "--entrypoint=python"]
    found: dict[str, str] = json.loads(
        stack.engine.docker("run", *options, image, "-c", script).stdout
    )
    return found


def test_every_container_is_locked_down(inspected: dict[str, dict]) -> None:
    assert set(inspected) >= {*RUNNING, *ONCE}
    for name, container in inspected.items():
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        added = ["NET_BIND_SERVICE"] if name == "entry" else None
        assert (host["CapAdd"] or None) in (added, [f"CAP_{added[0]}"] if added else None), name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert not host["Privileged"], name
        assert container["Config"]["User"].split(":")[0] not in ("", "0", "root"), name
        assert host["Memory"] > 0, name
        assert host["PidsLimit"] > 0, name
        assert host["LogConfig"]["Config"]["max-size"], name


def test_only_the_entry_is_published_and_only_where_it_was_told(
    inspected: dict[str, dict],
) -> None:
    for name, container in inspected.items():
        published = [
            binding
            for bindings in (container["NetworkSettings"]["Ports"] or {}).values()
            for binding in bindings or []
        ]
        assert {each["HostIp"] for each in published} == (
            {"127.0.0.1"} if name == "entry" else set()
        )


def test_secret_that_an_operator_gives_stays(stack: Stack) -> None:
    """As docs/operations/install.md has it, for systems of their own."""
    other = Stack(stack.engine, f"vestibule-test-{token_hex(4)}")
    run = ("run", "--rm", "--no-TTY", "--no-deps")
    place = "/secrets/api/vestibule_database_url"
    try:
        other.compose(*run, "--entrypoint", "sh", "secrets", "-c", f"echo theirs > {place}")
        other.compose(*run, "secrets")
        kept = other.compose(*run, "--entrypoint", "cat", "secrets", place).stdout
    finally:
        other.remove()
    assert kept.strip() == "theirs"


@pytest.mark.parametrize("service", RUNNING)
def test_process_is_not_root_and_holds_no_capability(stack: Stack, service: str) -> None:
    status = dict(
        line.split(":\t", 1) for line in stack.run_in(service, "cat", "/proc/1/status").splitlines()
    )
    assert "0" not in status["Uid"].split()
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("service", RUNNING)
def test_process_cannot_write_where_its_program_is(stack: Stack, service: str) -> None:
    asked = stack.engine.docker(
        "exec", "--user=0", stack.container(service), "touch", "/usr/written", check=False
    )
    assert asked.returncode != 0
    assert "Read-only file system" in asked.stderr


def test_no_secret_is_shown_by_inspect(stack: Stack, inspected: dict[str, dict]) -> None:
    shown = json.dumps(inspected)
    kept = secrets_of(stack)
    assert len(kept) >= 8
    assert [name for name, secret in kept.items() if secret in shown] == []


def test_two_installations_share_no_secret(stack: Stack) -> None:
    other = Stack(stack.engine, f"vestibule-test-{token_hex(4)}")
    try:
        other.compose("run", "--rm", "--no-deps", "--quiet-pull", "secrets", timeout_s=120)
        ours, theirs = secrets_of(stack), secrets_of(stack, other.name)
    finally:
        other.remove()
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] == theirs[name]] == []


def test_secrets_stay_when_they_are_made_again(stack: Stack) -> None:
    before = secrets_of(stack)
    stack.compose("run", "--rm", "--no-deps", "secrets")
    assert secrets_of(stack) == before


def test_pages_cannot_reach_a_system(stack: Stack) -> None:
    """By address, so that it is the network that keeps them apart and not a missing name."""
    addresses = {
        system: stack.engine.docker(
            "inspect",
            "--format={{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}",
            stack.container(system),
        ).stdout.split()[0]
        for system in PORTS
    }
    code = "import socket\n" + "".join(
        f"try: socket.create_connection(('{addresses[system]}', {port}), 1); print('{system}')\n"
        "except OSError: pass\n"
        for system, port in PORTS.items()
    )
    assert stack.run_in("web", "python", "-S", "-c", code) == ""
    assert stack.run_in("worker", "python", "-S", "-c", code).split() == list(PORTS)
