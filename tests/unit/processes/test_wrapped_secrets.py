"""Secrets of the distributed mode whose lasting keys a key management service wraps."""

from pathlib import Path

import pytest

from services.processes import secret_files
from services.processes.secret_files import create_secrets, wrap_keys
from services.processes.secret_rotation import forget_former, rotate_secret
from tests.servers.transit import TOKEN, running_transit
from vestibule.adapters.key_files import KeyFiles
from vestibule.adapters.vault_transit import VaultTransit

PARTS = ("api", "worker", "scheduler", "backup")


@pytest.fixture
def keys():
    with running_transit() as transit:
        yield KeyFiles(VaultTransit(transit.url, key="vestibule", token=TOKEN))


def sealing(folder: Path, which: str = "sealing.key") -> set[bytes]:
    return {(folder / part / which).read_bytes() for part in PARTS}


def test_what_is_made_is_wrapped_once_and_the_rest_is_as_before(keys, tmp_path):
    create_secrets(tmp_path, keys=keys)
    [content] = sealing(tmp_path)
    assert content.startswith(b"vault:v1:")
    assert (tmp_path / "master/sealing.key").read_bytes() == content
    assert (tmp_path / "worker/receipts.key").read_bytes().startswith(b"vault:v1:")
    assert len((tmp_path / "web/web.key").read_bytes()) == 32
    assert create_secrets(tmp_path, keys=keys) == []


def test_rotated_key_is_wrapped_too_and_the_former_still_opens(keys, tmp_path):
    create_secrets(tmp_path, keys=keys)
    first = keys.load(tmp_path / "api/sealing.key")
    rotate_secret(tmp_path, "sealing", keys=keys)
    assert keys.load(tmp_path / "api/sealing-former.key") == first
    assert keys.load(tmp_path / "api/sealing.key") != first
    assert next(iter(sealing(tmp_path))).startswith(b"vault:v1:")
    forget_former(tmp_path, "sealing", is_resealed=True)
    assert not (tmp_path / "api/sealing-former.key").exists()


def test_plain_keys_are_wrapped_everywhere_and_stay_the_same(keys, tmp_path):
    create_secrets(tmp_path)
    rotate_secret(tmp_path, "sealing")
    [plain], [former] = sealing(tmp_path), sealing(tmp_path, "sealing-former.key")
    wrap_keys(tmp_path, keys)
    assert keys.load(tmp_path / "backup/sealing.key") == plain
    assert keys.load(tmp_path / "worker/sealing-former.key") == former
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert plain not in path.read_bytes() and former not in path.read_bytes(), path
    assert len(sealing(tmp_path)) == len(sealing(tmp_path, "sealing-former.key")) == 1
    forget_former(tmp_path, "sealing", is_resealed=True)
    rotate_secret(tmp_path, "sealing", keys=keys)


@pytest.mark.parametrize("after", range(7))
def test_killed_at_any_file_it_goes_on_where_it_was(keys, tmp_path, monkeypatch, after):
    create_secrets(tmp_path)
    [plain] = sealing(tmp_path)
    written = secret_files.write_whole
    left = [after]

    def until_killed(path: Path, content: bytes) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        written(path, content)

    monkeypatch.setattr(secret_files, "write_whole", until_killed)
    with pytest.raises(KeyboardInterrupt):
        wrap_keys(tmp_path, keys)
    assert {keys.load(tmp_path / part / "sealing.key") for part in PARTS} == {plain}
    monkeypatch.undo()
    wrap_keys(tmp_path, keys)
    [content] = sealing(tmp_path)
    assert content.startswith(b"vault:v1:") and keys.load(tmp_path / "api/sealing.key") == plain
    assert not list(tmp_path.rglob("*.coming"))
    assert rotate_secret(tmp_path, "sealing", keys=keys).left == []


def test_token_that_an_operator_gives_goes_to_who_opens_keys(tmp_path):
    create_secrets(tmp_path)
    (tmp_path / "master" / secret_files.KMS_ACCESS).write_text("s.given")
    create_secrets(tmp_path)
    told = {path.parent.name for path in tmp_path.glob(f"*/{secret_files.KMS_ACCESS}")}
    assert told == {"master", *PARTS}
