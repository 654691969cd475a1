"""After a rotation what lasts is sealed anew, and the former key may go."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import LargeBinary

from tests.integration.bare_installation import NOW, Installation, empty_installations
from tests.servers.postgres import PostgresServer
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.records.all_tables import METADATA
from vestibule.records.people_tables import Account
from vestibule.records.sealed_columns import SEALED_COLUMNS
from vestibule.workflows.lasting_rejections import _context as of_rejection
from vestibule.workflows.reseal_secrets import reseal
from vestibule.workflows.second_factor import _context as of_second_factor

FORMER, NEW = bytes([2]) * 32, bytes([3]) * 32
BOTH, NEW_ALONE = AesGcmSealer(NEW, former=FORMER), AesGcmSealer(NEW)
NOT_UNDER_THE_INSTALLATIONS_KEY = {
    "template.embedding",  # under its customer's
    "alert_rejection.sealed",  # under its row's own
    "erasure.signature",
}


@pytest.fixture
def old(server: PostgresServer, tmp_path: Path) -> Iterator[Installation]:
    with empty_installations(server, tmp_path) as make:
        yield make().prepared()


def second_factor(old: Installation) -> Account:
    account = Account(id=uuid4(), name="Ada", status="ACTIVE", created_at=NOW)
    account.totp_secret = old.key.seal(b"secret", context=of_second_factor(account.id))
    with old.database.begin() as transaction:
        transaction.add(account)
    return account


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


class Dying(AesGcmSealer):
    """Ends with its process after so many values."""

    left = 2

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return super().seal(plaintext, context=context)


def test_everything_opens_by_the_new_key_alone_however_often_it_was_killed(
    old: Installation,
) -> None:
    people = [old.sealed_person() for _ in range(5)]
    account = second_factor(old)
    old.blobs.put("audit/heads/latest", old.key.seal(b"{}", context="audit/heads/latest"))
    with pytest.raises(Killed):
        reseal(old.database, old.blobs, Dying(NEW, former=FORMER))
    for _ in range(2):
        done = reseal(old.database, old.blobs, BOTH)
        assert done["unreadable"] == 0
        assert (done["keys of guests"], done["second factors"]) == (5, 1)
    old.key = NEW_ALONE
    assert all(old.reads(person) == (True, True) for person in people)
    with old.database.begin() as transaction:
        sealed = transaction.get_one(Account, account.id).totp_secret
    assert NEW_ALONE.unseal(sealed, context=of_second_factor(account.id)) == b"secret"
    anchor = old.blobs.get("audit/heads/latest")
    assert NEW_ALONE.unseal(anchor, context="audit/heads/latest") == b"{}"


def test_what_neither_key_opens_is_counted_and_left(old: Installation) -> None:
    account = second_factor(old)
    done = reseal(old.database, old.blobs, AesGcmSealer(bytes([7]) * 32))
    assert done["unreadable"] == 1
    with old.database.begin() as transaction:
        assert transaction.get_one(Account, account.id).totp_secret == account.totp_secret


def test_every_column_of_bytes_has_a_line() -> None:
    """A secret that is not sealed anew would be lost with the former key."""
    columns = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    known = {f"{one.value.class_.__tablename__}.{one.value.key}" for one in SEALED_COLUMNS}
    assert known <= columns
    assert columns - known == NOT_UNDER_THE_INSTALLATIONS_KEY


def test_contexts_are_those_of_whoever_seals() -> None:
    by_name = {one.name: one.context for one in SEALED_COLUMNS}
    some = uuid4()
    assert by_name["second factors"](some) == of_second_factor(some)
    assert by_name["lasting rejections"](some) == of_rejection(some)
