"""Files of one key each: made once, read at each start, wrapped where a service wraps keys."""

import os
import secrets
from pathlib import Path

from vestibule.adapters.vault_transit import MARK, VaultTransit
from vestibule.domain.errors import StartUpError

_KEY_BYTES = 32


class KeyFiles:
    """Files of one key each: as it is, or wrapped by a key management service (``kms``).

    With ``kms`` what is made is wrapped before it is written; what is plain is still read.
    """

    def __init__(self, kms: VaultTransit | None = None) -> None:
        self._kms = kms

    def load_or_create(self, path: Path) -> bytes:
        """The 32 bytes in ``path``, made at random the first time; all who race get the same.

        Raises StartUpError when the file holds anything else: guessing on loses what is sealed.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path, self.wrapped(secrets.token_bytes(_KEY_BYTES)))
        return self.load(path)

    def load(self, path: Path) -> bytes:
        """The 32 bytes in ``path``. Raises StartUpError when there are none, or not 32."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StartUpError(
                f"The key {path} cannot be read. `vestibule secrets create` makes the keys once.",
                reason="key_file_missing",
                path=str(path),
            ) from error
        key = self._opened(content, path)
        if len(key) != _KEY_BYTES:
            raise StartUpError(
                f"{path} does not hold a key of {_KEY_BYTES} bytes. Restore it from a backup.",
                reason="key_file_damaged",
                path=str(path),
            )
        return key

    def wrapped(self, key: bytes) -> bytes:
        """As a file is to hold it."""
        return key if self._kms is None else self._kms.wrap(key)

    def wrap(self, path: Path) -> None:
        """Wrap the key in ``path``, or wrap it anew under the service's present key.

        The file is whole before and after, whenever this ends.
        """
        content = self.wrapped(self.load(path))
        part = _written(path, content)
        part.replace(path)

    def _opened(self, content: bytes, path: Path) -> bytes:
        if not is_wrapped(content):
            return content
        if self._kms is None:
            raise StartUpError(
                f"The key in {path} is wrapped by a key management service: set VESTIBULE_KMS_URL.",
                reason="kms_not_set",
                path=str(path),
            )
        return self._kms.unwrap(content)


def is_wrapped(content: bytes) -> bool:
    """A plain key of 32 random bytes is shorter than anything that is wrapped."""
    return content.startswith(MARK) and len(content) > _KEY_BYTES


def _create(path: Path, content: bytes) -> None:
    part = _written(path, content)
    try:
        # A link, unlike a rename, never replaces the key of somebody who was quicker.
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _written(path: Path, content: bytes) -> Path:
    """Beside it, and on the disk."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    return part
