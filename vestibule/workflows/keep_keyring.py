"""Keys of customers lie beside the backups in one file, and a key that is destroyed goes from it.

So a backup may be as old as it likes: with the newest keyring it shows nobody who was erased since.
One process at a time writes, each with what the record says by then, so none brings a key back.
"""

import io
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import structlog

from vestibule.domain.errors import BackupError, DamagedBackupError, VestibuleError
from vestibule.domain.keyring_file import (
    KEYRING,
    Keyring,
    KeyringCopy,
    KeyringFile,
    read_keyring,
    read_keyring_file,
    wrapping_context,
)
from vestibule.ports import Clock, Sealer
from vestibule.ports_backup import BackupPlace, StreamCipher
from vestibule.records import audit, customer_keys, keyring
from vestibule.records.database import Database, Transaction

_CONTEXT = "keyring"
_KEY_BYTES = 32
log = structlog.get_logger(__name__)


def write_keyring(
    database: Database,
    installation: Sealer,
    place: BackupPlace,
    cipher: StreamCipher,
    *,
    name: str,
    formerly: str | None = None,
    now: datetime,
) -> int:
    """All of it, for those who hold the backups' key; how many keys. ``name`` is the place's.

    Safe to run at any time and twice. Where a keyring was written before and none lies now, it is
    another disk or bucket: the one before is a place of its own from then on. Raises BackupError
    where the keyring of another installation lies.
    """
    with database.begin() as transaction:
        keyring.one_at_a_time(transaction)
        is_same = KEYRING in place.names()
        own = secrets.token_bytes(_KEY_BYTES)
        found = _keyring(transaction, installation).added_to(_there(place, cipher, installation))
        file = KeyringFile(
            written_at=now,
            for_backup_key=_sealed(cipher, own),
            for_installation=installation.seal(own, context=_CONTEXT),
            body=installation.under(own).seal(found.to_json(), context=_CONTEXT),
        )
        _write(place, file)
        for one in (name, formerly):
            if one is not None and not is_same:
                keyring.set_aside(transaction, one, now=now)
        if formerly is not None:
            keyring.forget(transaction, formerly)
        _note(transaction, name, now=now)
    return len(found.keys)


def read_keyring_beside(
    place: BackupPlace, cipher: StreamCipher, unkeyed: Sealer
) -> Keyring | None:
    """With the backups' key; None where there is no such file. ``unkeyed`` is any sealer.

    Raises DamagedBackupError.
    """
    if KEYRING not in place.names():
        return None
    file = _read(place)
    own = cipher.opening(io.BytesIO(file.for_backup_key), name=KEYRING).read()
    return _opened(file, unkeyed.under(own))


def load_keyring(
    transaction: Transaction, found: Keyring, installation: Sealer, *, now: datetime
) -> list[UUID]:
    """Into a restored record; the customers in it who were erased since, to be erased again."""
    on_file = keyring.on_file(transaction)
    wrapped = {
        customer_id: installation.seal(key, context=wrapping_context(customer_id))
        for customer_id, key in found.keys.items()
        if customer_id in on_file
    }
    customer_keys.add_unless_there(transaction, wrapped, now=now)
    for customer_id, at in found.destroyed.items():
        customer_keys.destroy(transaction, customer_id, now=at)
    return keyring.begin_erasing(transaction, found.destroyed)


class KeyringsBesideBackups:
    """The copies that backups left, as this process reaches them. Safe to call from threads."""

    def __init__(
        self,
        database: Database,
        installation: Sealer,
        clock: Clock,
        open_place: Callable[[str], BackupPlace],
    ) -> None:
        self._database = database
        self._installation = installation
        self._clock = clock
        self._open_place = open_place

    def copies(self) -> list[KeyringCopy]:
        with self._database.look() as reader:
            return keyring.copies(reader)

    def reaches(self, place: str) -> bool:
        try:
            return _own_key(_read(self._open_place(place)), self._installation) is not None
        except VestibuleError:
            return False

    def rewrite(self) -> list[KeyringCopy]:
        for copy in self.copies():
            if copy.is_behind:
                self._try(copy.place)
        return self.copies()

    def _try(self, name: str) -> None:
        """A place that is not reached stays behind, and is tried again by the schedule."""
        try:
            place = self._open_place(name)
            with self._database.begin() as transaction:
                keyring.one_at_a_time(transaction)
                now = self._clock.now()
                _write(place, self._anew(transaction, _read(place), now=now))
                _note(transaction, name, now=now)
        except VestibuleError as error:
            log.warning("keyring.not_rewritten", code=error.code)

    def _anew(self, transaction: Transaction, file: KeyringFile, *, now: datetime) -> KeyringFile:
        own = _own_key(file, self._installation)
        if own is None:
            raise BackupError("This installation's key does not open the keyring.")
        there = _opened(file, self._installation.under(own))
        found = _keyring(transaction, self._installation).added_to(there)
        return KeyringFile(
            written_at=now,
            for_backup_key=file.for_backup_key,
            for_installation=self._installation.seal(own, context=_CONTEXT),
            body=self._installation.under(own).seal(found.to_json(), context=_CONTEXT),
        )


def _note(transaction: Transaction, name: str, *, now: datetime) -> None:
    """A place that had been given up is back: that it is no longer so is an entry of its own."""
    if keyring.note_copy(transaction, name, now=now):
        audit.append(
            transaction,
            at=now,
            actor="system",
            action="backup_place.return",
            subject="backup_places",
            place=name,
        )


def _keyring(transaction: Transaction, installation: Sealer) -> Keyring:
    wrapped: Mapping[UUID, bytes] = customer_keys.all_wrapped(transaction)
    return Keyring(
        keys={
            customer_id: installation.unseal(key, context=wrapping_context(customer_id))
            for customer_id, key in wrapped.items()
        },
        destroyed=customer_keys.all_destroyed(transaction),
    )


def _there(place: BackupPlace, cipher: StreamCipher, installation: Sealer) -> Keyring:
    """What lies in the place already, opened by either key."""
    if KEYRING not in place.names():
        return Keyring({}, {})
    file = _read(place)
    own = _own_key(file, installation)
    if own is not None:
        return _opened(file, installation.under(own))
    try:
        return read_keyring_beside(place, cipher, installation) or Keyring({}, {})
    except DamagedBackupError as error:
        raise BackupError(
            "Neither this installation's key nor the backups' opens the keyring that lies there. "
            "Is it another installation's? Give each a place of its own."
        ) from error


def _own_key(file: KeyringFile, installation: Sealer) -> bytes | None:
    try:
        return installation.unseal(file.for_installation, context=_CONTEXT)
    except ValueError:
        return None


def _opened(file: KeyringFile, own: Sealer) -> Keyring:
    try:
        return read_keyring(own.unseal(file.body, context=_CONTEXT))
    except ValueError as error:
        raise DamagedBackupError("The keyring was changed or cut short.") from error


def _sealed(cipher: StreamCipher, content: bytes) -> bytes:
    into = io.BytesIO()
    with cipher.sealing(into, name=KEYRING) as stream:
        stream.write(content)
    return into.getvalue()


def _write(place: BackupPlace, file: KeyringFile) -> None:
    with place.writing(KEYRING) as into:
        into.write(file.to_json())


def _read(place: BackupPlace) -> KeyringFile:
    with place.reading(KEYRING) as file:
        return read_keyring_file(file.read())
