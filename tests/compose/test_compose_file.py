"""What the compose file promises, read as Compose reads it; no engine is needed."""

import itertools
import re
from typing import Any

import pytest

from services.processes.secret_files import create_secrets
from tests.compose.compose_file import MAIN, OVERRIDES, ROOT, configuration, run_compose
from vestibule.settings import Settings

ONCE = {"secrets", "models", "migrate", "storage"}
SYSTEMS = {"postgres", "redis", "volatile", "minio", "qdrant"}
PROCESSES = {"api", "web", "worker", "scheduler"}
NOT_FOR_CONTAINERS = {
    # Set by the image or the compose file itself.
    *("mode", "data_dir", "host", "port", "models_dir", "log", "secrets_dir", "api_url"),
    # The embedded mode's alone, whose index lies in the process.
    *("index_at_rest", "memory_dir"),
    # The container's that makes backups; it runs on demand.
    *("backup_key_file", "backup_s3_endpoint", "backup_s3_bucket"),
    # The override that observes sets them.
    *("metrics_host", "metrics_port"),
    # The command line's, beside an API that is told by its own file.
    "api_key",
}
SERVICES = sorted(configuration()["services"])


def combinations() -> list[tuple[str, ...]]:
    """Each override alone, and all pairs; an example that needs files is complete by itself."""
    names = sorted(f"infra/compose/{path.name}" for path in OVERRIDES.glob("*.yml"))
    return [(), *((name,) for name in names), *itertools.combinations(names, 2)]


@pytest.fixture
def services() -> dict[str, Any]:
    return configuration()["services"]


@pytest.mark.parametrize("files", combinations(), ids="+".join)
def test_compose_accepts(files: tuple[str, ...]) -> None:
    done = run_compose("--profile=backup", "config", "--quiet", files=(MAIN, *files))
    assert done.returncode == 0, done.stderr


EXTERNAL = {
    "postgres": "infra/compose/external-postgres.yml",
    "redis": "infra/compose/external-redis.yml",
    "minio": "infra/compose/external-s3.yml",
    "qdrant": "infra/compose/external-qdrant.yml",
}


@pytest.mark.parametrize("chosen", [(name,) for name in EXTERNAL] + [tuple(EXTERNAL)], ids="+".join)
def test_a_system_of_the_operators_own_takes_the_place_of_ours(chosen: tuple[str, ...]) -> None:
    files = [EXTERNAL[name] for name in chosen]
    there = configuration(*files)["services"]
    assert sorted([*there, *chosen]) == SERVICES
    for process in ("api", "worker", "scheduler"):
        assert "outside" in there[process]["networks"]
        waits = set(there[process]["depends_on"])
        assert waits == set(configuration()["services"][process]["depends_on"]) - set(chosen)


def test_who_asks_other_machines_can_be_given_a_way_there_and_nobody_else() -> None:
    before, after = (
        configuration()["services"],
        configuration("infra/compose/outside.yml")["services"],
    )
    given = {
        name: set(after[name]["networks"]) - set(before[name]["networks"])
        for name in after
        if after[name].get("networks") != before[name].get("networks")
    }
    assert given == {"api": {"outside"}, "worker": {"outside"}}


def test_every_override_for_a_system_of_ones_own_is_known_and_documented() -> None:
    names = {f"infra/compose/{path.name}" for path in OVERRIDES.glob("external-*.yml")}
    assert names == set(EXTERNAL.values())
    words = (ROOT / "docs/operations/install.md").read_text()
    assert {name for name in names if name not in words} == set()


def test_compose_refuses_a_broken_file(tmp_path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("services: {api: {depends_on: [nobody]}}\n")
    assert run_compose("config", "--quiet", files=("docker-compose.yml", str(broken))).returncode


def hardening_faults(service: dict[str, Any]) -> list[str]:
    """What a container of this service would be given that it should not have."""
    checks = {
        "writes to its root file system": not service.get("read_only"),
        "keeps capabilities": service.get("cap_drop") != ["ALL"],
        "may gain privileges": "no-new-privileges:true" not in service.get("security_opt", []),
        "runs as root": re.match(r"0(:|$)|$", str(service.get("user", ""))) is not None,
        "is privileged": bool(service.get("privileged")),
        "has no memory limit": "memory" not in _limits(service),
        "has no limit of processes": "pids" not in _limits(service),
        "logs without end": "max-size" not in service.get("logging", {}).get("options", {}),
        "uses the host's network": service.get("network_mode") == "host",
    }
    return [words for words, is_so in checks.items() if is_so]


def _limits(service: dict[str, Any]) -> dict[str, Any]:
    return service.get("deploy", {}).get("resources", {}).get("limits", {})


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_hardened(name: str, services: dict[str, Any]) -> None:
    assert hardening_faults(services[name]) == []


def test_hardening_check_finds_what_a_plain_service_has() -> None:
    assert len(hardening_faults({"image": "redis"})) == 7


def test_no_container_leaves_its_memory_behind_in_a_crash(services: dict[str, Any]) -> None:
    assert {name: one.get("ulimits", {}).get("core") for name, one in services.items()} == (
        dict.fromkeys(services, 1)
    )


def test_only_the_entry_has_a_capability_and_publishes_ports(services: dict[str, Any]) -> None:
    assert {name for name in services if services[name].get("cap_add")} == {"entry"}
    assert {name for name in services if services[name].get("ports")} == {"entry"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONCE))
def test_service_has_a_health_check_and_comes_back(name: str, services: dict[str, Any]) -> None:
    assert services[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert services[name]["restart"] == "unless-stopped"


def test_dependencies_wait_for_health_or_completion(services: dict[str, Any]) -> None:
    waits = {
        (name, other, how["condition"])
        for name, service in services.items()
        for other, how in service.get("depends_on", {}).items()
    }
    assert waits
    for name, other, condition in waits:
        wanted = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert condition == wanted, f"{name} → {other}"


def test_pages_and_entry_reach_no_system(services: dict[str, Any]) -> None:
    for name in ("web", "entry"):
        for system in SYSTEMS:
            assert not set(services[name]["networks"]) & set(services[system]["networks"])


def test_only_entry_and_models_reach_other_machines(services: dict[str, Any]) -> None:
    networks = configuration()["networks"]
    open_ones = {name for name, network in networks.items() if not network.get("internal")}
    reaching = {
        name
        for name, service in services.items()
        if set(service.get("networks") or {}) & open_ones
        or ("networks" not in service and service.get("network_mode") != "none")
    }
    assert reaching == {"entry", "models"}


def test_each_container_sees_its_own_secrets_alone(services: dict[str, Any]) -> None:
    for name in set(SERVICES) - {"secrets"}:
        seen = [
            volume
            for volume in services[name].get("volumes", [])
            if volume.get("source", "").startswith("secrets-")
        ]
        assert [volume["source"] for volume in seen] in ([], [f"secrets-{name}"])
        assert all(volume["read_only"] for volume in seen)


def test_a_volume_waits_for_every_folder_of_secrets(services: dict[str, Any], tmp_path) -> None:
    create_secrets(tmp_path)
    mounted = {volume["target"] for volume in services["secrets"]["volumes"]}
    assert {f"/secrets/{folder.name}" for folder in tmp_path.iterdir()} <= mounted


def test_no_setting_that_is_secret_stands_in_an_environment(services: dict[str, Any]) -> None:
    secret = {
        f"VESTIBULE_{name.upper()}"
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    for name, service in services.items():
        variables = service.get("environment", {})
        assert not set(variables) & secret, name
        passwords = {key for key in variables if "PASSWORD" in key or "SECRET_KEY" in key}
        assert all(key.endswith("_FILE") for key in passwords), name


def test_every_setting_reaches_a_container_or_is_not_for_one() -> None:
    """A new setting stands in docker-compose.yml, or in a list above with the reason."""
    services = configuration("infra/compose/import.yml")["services"]
    passed = {
        variable.removeprefix("VESTIBULE_").lower()
        for name in PROCESSES
        for variable in services[name].get("environment", {})
    }
    secret = {name for name, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation)}
    assert set(Settings.model_fields) - passed == (NOT_FOR_CONTAINERS | secret) - passed


def test_images_are_pinned_to_a_version_and_its_bytes(services: dict[str, Any]) -> None:
    foreign = {
        name: service["image"] for name, service in services.items() if "build" not in service
    }
    assert set(foreign) == {*SYSTEMS, "entry"}
    for image in foreign.values():
        assert re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*@sha256:[0-9a-f]{64}", image), image


def test_settings_of_an_operator_arrive() -> None:
    given = configuration(
        VESTIBULE_SITE="door.example.com", VESTIBULE_VENUE_NAME="Le Club", VESTIBULE_API_COPIES="3"
    )["services"]
    assert given["api"]["environment"]["VESTIBULE_PUBLIC_URL"] == "https://door.example.com"
    assert given["web"]["environment"]["VESTIBULE_VENUE_NAME"] == "Le Club"
    assert given["api"]["deploy"]["replicas"] == 3
