"""The keys of an installation, and who wraps them."""

from functools import cache

from vestibule.adapters.key_files import KeyFiles
from vestibule.adapters.vault_transit import VaultTransit
from vestibule.settings import Settings

WRAPPED_PURPOSES = ("sealing", "receipts", "blobs")
"""What a key management service wraps: keys that open or prove what is kept for years. Sessions
would end with the service, so the pages' key is not among them."""


def secret_key(settings: Settings, purpose: str) -> bytes:
    """32 random bytes of this installation, one key a purpose.

    Made on first use in the embedded mode; several services must be given the same one, and
    guessing there would lose what is sealed: StartUpError if it is missing.
    """
    files = _key_files(settings, purpose)
    if settings.secrets_dir is not None:
        return files.load(settings.secrets_dir / f"{purpose}.key")
    return files.load_or_create(settings.data_dir / "secrets" / f"{purpose}.key")


def former_key(settings: Settings, purpose: str) -> bytes | None:
    """The key before this one, while it is kept: `vestibule secrets rotate` puts it there."""
    folder = settings.secrets_dir or settings.data_dir / "secrets"
    path = folder / f"{purpose}-former.key"
    return _key_files(settings, purpose).load(path) if path.exists() else None


def _kms(settings: Settings) -> VaultTransit | None:
    if settings.kms_url is None:
        return None
    token = settings.kms_token.get_secret_value().strip() if settings.kms_token else None
    return _service(settings.kms_url, settings.kms_key_name, token)


@cache
def _service(url: str, key: str, token: str | None) -> VaultTransit:
    """One a process, which asks once for each key."""
    return VaultTransit(url, key=key, token=token)


def open_key_files(settings: Settings) -> KeyFiles:
    """What is made through it is wrapped, where there is a key management service."""
    return KeyFiles(_kms(settings))


def _key_files(settings: Settings, purpose: str) -> KeyFiles:
    return KeyFiles(_kms(settings) if purpose in WRAPPED_PURPOSES else None)
