"""A secret is changed everywhere at once, the former is kept, and a kill half-way is made good."""

from pathlib import Path

import pytest

from services.processes import secret_rotation
from services.processes.secret_files import create_secrets
from services.processes.secret_rotation import KEYS, NAMES, forget_former, rotate_secret
from vestibule.domain.errors import StartUpError


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def master_value(folder: Path, name: str) -> bytes:
    return (folder / "master" / (f"{name}.key" if name in KEYS else name)).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_new_value_stands_wherever_the_old_one_stood(tmp_path: Path, name: str) -> None:
    create_secrets(tmp_path)
    before, old = contents(tmp_path), master_value(tmp_path, name)
    rotation = rotate_secret(tmp_path, name)
    after, new = contents(tmp_path), master_value(tmp_path, name)
    assert old != new
    assert len(old) == len(new)
    assert rotation.left == []
    held = {place for place, content in before.items() if old in content}
    assert {place for place in held if old in after[place]} == set()
    assert {place for place in held if new not in after[place]} == set()
    others = set(before) - held
    assert {place: after[place] for place in others} == {p: before[p] for p in others}
    assert {place for place in after if old in after[place]} == {
        place for place in after if "-former" in place
    }


def test_every_secret_that_is_made_can_be_rotated(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    made = {path.name.removesuffix(".key") for path in (tmp_path / "master").iterdir()}
    assert made == set(NAMES)


def test_it_is_not_rotated_again_while_the_former_is_kept(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    rotate_secret(tmp_path, "sealing")
    after = contents(tmp_path)
    with pytest.raises(StartUpError, match="secrets forget"):
        rotate_secret(tmp_path, "sealing")
    assert contents(tmp_path) == after
    with pytest.raises(StartUpError, match="second factors"):
        forget_former(tmp_path, "sealing")
    forget_former(tmp_path, "sealing", even_what_it_opens=True)
    rotate_secret(tmp_path, "sealing")
    assert master_value(tmp_path, "sealing") != after["master/sealing.key"]


def test_what_is_forgotten_stands_nowhere(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    old = master_value(tmp_path, "volatile")
    rotate_secret(tmp_path, "volatile")
    assert sorted(forget_former(tmp_path, "volatile")) == [
        "master/volatile-former",
        "volatile/password-former",
    ]
    assert forget_former(tmp_path, "volatile") == []
    assert not [place for place, content in contents(tmp_path).items() if old in content]


def test_a_later_start_changes_nothing_that_was_rotated(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    for name in NAMES:
        rotate_secret(tmp_path, name)
    after = contents(tmp_path)
    assert create_secrets(tmp_path) == []
    assert contents(tmp_path) == after


@pytest.mark.parametrize("name", ["redis", "sealing", "s3-service"])
def test_a_kill_after_any_step_is_made_good_by_another_run(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = secret_rotation.write_whole
    for steps in range(1, 12):
        folder = tmp_path / str(steps)
        create_secrets(folder)
        old, left = master_value(folder, name), steps

        def killed_after(path: Path, content: bytes) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            write(path, content)

        monkeypatch.setattr(secret_rotation, "write_whole", killed_after)
        try:
            rotate_secret(folder, name)
        except KeyboardInterrupt:
            monkeypatch.setattr(secret_rotation, "write_whole", write)
            rotate_secret(folder, name)
        monkeypatch.setattr(secret_rotation, "write_whole", write)
        new = master_value(folder, name)
        assert new != old
        found = contents(folder)
        assert {p for p in found if old in found[p]} == {p for p in found if "-former" in p}
        with pytest.raises(StartUpError, match="still kept"):
            rotate_secret(folder, name)


def test_the_address_of_a_system_of_the_operators_own_is_left_and_told(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    own = b"postgresql+psycopg://ours:secret@db.internal/vestibule"
    (tmp_path / "api" / "vestibule_database_url").write_bytes(own)
    rotation = rotate_secret(tmp_path, "database-service")
    assert rotation.left == ["api/vestibule_database_url"]
    assert (tmp_path / "api" / "vestibule_database_url").read_bytes() == own


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    with pytest.raises(StartUpError, match="sealing"):
        rotate_secret(tmp_path, "../master/redis")
    with pytest.raises(StartUpError, match="no redis"):
        rotate_secret(tmp_path / "elsewhere", "redis")
