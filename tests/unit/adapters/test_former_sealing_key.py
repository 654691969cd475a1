"""What was sealed before the key was rotated opens, until the former key is forgotten."""

from pathlib import Path

import pytest

from services.processes.secret_files import create_secrets
from services.processes.secret_rotation import forget_former, rotate_secret
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.settings import Settings
from vestibule.wiring_parts import open_sealer

OLD, NEW = b"o" * 32, b"n" * 32


def test_both_open_and_only_the_new_one_seals() -> None:
    both = AesGcmSealer(NEW, former=OLD)
    assert both.unseal(AesGcmSealer(OLD).seal(b"face", context="here"), context="here") == b"face"
    with pytest.raises(ValueError, match="another key"):
        AesGcmSealer(OLD).unseal(both.seal(b"face", context="here"), context="here")


def test_the_former_key_opens_nothing_that_was_changed_or_moved() -> None:
    both, sealed = AesGcmSealer(NEW, former=OLD), AesGcmSealer(OLD).seal(b"face", context="here")
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:5], b""):
        with pytest.raises(ValueError, match="sealed"):
            both.unseal(wrong, context="here")
    with pytest.raises(ValueError, match="moved"):
        both.unseal(sealed, context="elsewhere")


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmSealer(NEW, former=b"short")


@pytest.mark.parametrize("service", ["api", "worker", "scheduler"])
def test_a_service_opens_what_it_sealed_before_the_rotation(tmp_path: Path, service: str) -> None:
    create_secrets(tmp_path)
    settings = Settings(_env_file=None, secrets_dir=tmp_path / service)
    sealed = open_sealer(settings).seal(b"face", context="here")
    rotate_secret(tmp_path, "sealing")
    assert open_sealer(settings).unseal(sealed, context="here") == b"face"
    forget_former(tmp_path, "sealing", even_what_it_opens=True)
    with pytest.raises(ValueError, match="another key"):
        open_sealer(settings).unseal(sealed, context="here")
