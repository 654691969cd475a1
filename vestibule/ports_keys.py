"""The keys that faces are sealed under, one a customer, beside the ports of every day."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol
from uuid import UUID

from vestibule.domain.keyring_file import KeyringCopy
from vestibule.ports import Sealer


class CustomerKeys(Protocol):
    """A key for each customer, so that what is sealed under it can be made unreadable everywhere.

    Safe to call from several threads. Raises DatabaseUnavailableError.
    """

    def sealer(self, customer_id: UUID) -> Sealer:
        """Under that customer's key, which is made the first time.

        Raises NotFoundError once it was destroyed: no other is ever made for that customer.
        """
        ...

    def sealers(self, customer_ids: Collection[UUID]) -> Mapping[UUID, Sealer]:
        """Of those of them who have a key, asked for at once. Makes none."""
        ...

    def ensure(self, customer_ids: Collection[UUID]) -> Mapping[UUID, Sealer]:
        """As ``sealer``, for many at once; left out is whose key was destroyed."""
        ...

    def is_sealing(self) -> bool:
        """Whether faces are sealed: not before everything that runs can read them so."""
        ...

    def exists(self, customer_id: UUID) -> bool: ...

    def destroy(self, customer_id: UUID) -> bool:
        """For good; whether there was one. Safe to run twice.

        Other processes may know it for a minute longer.
        """
        ...


class KeyringCopies(Protocol):
    """The files with the keys of customers that lie beside backups."""

    def copies(self) -> list[KeyringCopy]: ...

    def reaches(self, place: str) -> bool:
        """Whether this process could rewrite the keyring there now. Changes nothing."""
        ...

    def rewrite(self) -> list[KeyringCopy]:
        """Take destroyed keys out of those that this process reaches; how each stands then.

        One that is not reached stays behind and is no error; one that had been given up and is
        reached is given up no longer. Safe to run twice.
        """
        ...


class KeyWrapping(Protocol):
    """Files of the installation's own keys, which a key management service may have wrapped."""

    def load(self, path: Path) -> bytes:
        """The key in that file, opened. Raises StartUpError."""
        ...

    def wrapped(self, key: bytes) -> bytes:
        """What a file is to hold of that key. Raises StartUpError."""
        ...
