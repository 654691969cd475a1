"""Secrets of a distributed installation: made once, each where it is read."""

from pathlib import Path

from services.processes.secret_files import create_secrets


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    assert create_secrets(tmp_path)
    before = contents(tmp_path)
    assert create_secrets(tmp_path) == []
    assert contents(tmp_path) == before


def test_lost_file_is_made_again_with_the_same_secret(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "api" / "vestibule_broker_url").unlink()
    assert create_secrets(tmp_path) == ["api/vestibule_broker_url"]
    assert contents(tmp_path) == before


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    for name in ("one", "other"):
        create_secrets(tmp_path / name)
    one, other = contents(tmp_path / "one"), contents(tmp_path / "other")
    same = {place for place in one if one[place] == other[place]}
    # Names of users, which are no secrets.
    assert same == {
        "minio/root-user",
        "storage/vestibule_s3_admin_access_key",
        "storage/vestibule_s3_access_key",
        "backup/vestibule_s3_access_key",
        *(f"{name}/vestibule_s3_access_key" for name in ("api", "worker", "scheduler")),
    }


def test_pages_get_the_key_of_their_cookies_and_nothing_else(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    assert [path.name for path in (tmp_path / "web").iterdir()] == ["web.key"]


def test_services_get_no_right_over_the_schema_or_the_store(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    owner = (tmp_path / "postgres" / "password").read_text()
    root = (tmp_path / "minio" / "root-password").read_text()
    for name in ("api", "worker", "scheduler", "web"):
        found = b"".join(contents(tmp_path / name).values())
        assert owner.encode() not in found
        assert root.encode() not in found


def test_half_written_file_never_stands_in_its_place(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
    assert all(contents(tmp_path).values())
