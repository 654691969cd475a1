"""What every sealer promises, and how the installation's key comes to be."""

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.adapters.key_files import KeyFiles
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.domain.errors import StartUpError
from vestibule.ports import Sealer

KEY = bytes(range(32))


@pytest.fixture(params=["aes-gcm"])
def sealer() -> Sealer:
    return AesGcmSealer(KEY)


@given(plaintext=st.binary(max_size=2_000), context=st.text(max_size=50))
def test_sealed_bytes_open_in_their_context(plaintext: bytes, context: str) -> None:
    sealer = AesGcmSealer(KEY)
    assert sealer.unseal(sealer.seal(plaintext, context=context), context=context) == plaintext


def test_same_plaintext_is_never_sealed_to_the_same_bytes(sealer: Sealer) -> None:
    assert sealer.seal(b"face", context="a") != sealer.seal(b"face", context="a")


@pytest.mark.duty("GDPR 32")
def test_plaintext_does_not_show(sealer: Sealer) -> None:
    assert b"a name" not in sealer.seal(b"a name" * 10, context="a")


def test_another_context_does_not_open_it(sealer: Sealer) -> None:
    sealed = sealer.seal(b"face", context="hold:1")
    with pytest.raises(ValueError, match="sealed"):
        sealer.unseal(sealed, context="hold:2")


def test_every_changed_byte_is_noticed(sealer: Sealer) -> None:
    sealed = sealer.seal(b"face", context="a")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(ValueError, match="sealed"):
            sealer.unseal(bytes(changed), context="a")


def test_every_shortened_message_is_noticed(sealer: Sealer) -> None:
    sealed = sealer.seal(b"face", context="a")
    for length in range(len(sealed)):
        with pytest.raises(ValueError, match="sealed"):
            sealer.unseal(sealed[:length], context="a")


def test_another_key_does_not_open_it(sealer: Sealer) -> None:
    with pytest.raises(ValueError, match="sealed"):
        AesGcmSealer(os.urandom(32)).unseal(sealer.seal(b"face", context="a"), context="a")


def test_sealer_under_another_key_shares_nothing_with_the_first(sealer: Sealer) -> None:
    other_key = os.urandom(32)
    sealed = sealer.under(other_key).seal(b"face", context="a")
    assert sealer.under(other_key).unseal(sealed, context="a") == b"face"
    with pytest.raises(ValueError, match="sealed"):
        sealer.unseal(sealed, context="a")


def test_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmSealer(b"short")


# ── the key ─────────────────────────────────────────────────────────────────────────────────
def test_key_is_made_once_random_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "sealing"
    key = KeyFiles().load_or_create(path)
    assert len(key) == 32
    assert KeyFiles().load_or_create(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyFiles().load_or_create(tmp_path / "keys" / "other") != key


def test_racing_callers_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "sealing"
    start = threading.Barrier(8)
    keys: list[bytes] = []

    def ask() -> None:
        start.wait()
        keys.append(KeyFiles().load_or_create(path))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["sealing"]


def test_damaged_key_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "sealing"
    path.write_bytes(b"half a key")
    with pytest.raises(StartUpError):
        KeyFiles().load_or_create(path)
    assert path.read_bytes() == b"half a key"
