"""Each customer has a key of their own, and what is sealed under it dies with it."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import select

from vestibule.adapters.customer_keys import KEPT_S, DatabaseCustomerKeys
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.domain.errors import NotFoundError
from vestibule.domain.ids import CustomerId
from vestibule.ports import Sealer
from vestibule.ports_keys import CustomerKeys
from vestibule.records.key_tables import CustomerKey
from vestibule.workflows.erase_customer import erase_customer

INSTALLATION = AesGcmSealer(bytes(range(32)))


class Moments:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def process(stage, moments):
    """Makes the keys as one process more sees them."""

    def make(installation: Sealer = INSTALLATION, **more: int) -> CustomerKeys:
        runtime = stage.runtime
        return DatabaseCustomerKeys(
            runtime.database, installation, runtime.clock, monotonic=moments, **more
        )

    return make


def row_of(stage, customer_id) -> CustomerKey | None:
    with stage.runtime.database.begin() as transaction:
        return transaction.scalar(select(CustomerKey).where(CustomerKey.customer_id == customer_id))


def test_what_one_process_seals_another_opens_and_no_other_customer_does(process):
    ada, ben = uuid4(), uuid4()
    sealed = process().sealer(ada).seal(b"face", context="a")
    assert process().sealer(ada).unseal(sealed, context="a") == b"face"
    with pytest.raises(ValueError, match="sealed"):
        process().sealer(ben).unseal(sealed, context="a")


def test_racing_processes_use_one_key(process):
    customer_id, start, sealed = uuid4(), threading.Barrier(6), []

    def seal() -> None:
        keys = process()
        start.wait()
        sealed.append(keys.sealer(customer_id).seal(b"face", context="a"))

    threads = [threading.Thread(target=seal) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process().sealer(customer_id).unseal(one, context="a") for one in sealed] == (
        [b"face"] * 6
    )


def test_key_is_kept_wrapped_for_its_customer_alone(stage, process):
    ada, ben = uuid4(), uuid4()
    keys = process()
    keys.sealer(ada)
    wrapped = row_of(stage, ada).wrapped
    with pytest.raises(ValueError, match="sealed"):
        process(AesGcmSealer(bytes(32))).sealer(ada)
    with stage.runtime.database.begin() as transaction:
        moved = CustomerKey(customer_id=ben, wrapped=wrapped, made_at=stage.runtime.clock.now())
        transaction.add(moved)
    with pytest.raises(ValueError, match="sealed"):
        keys.sealer(ben)


def test_destroyed_key_opens_nothing_and_is_never_made_again(stage, process):
    customer_id, keys = uuid4(), process()
    keys.sealer(customer_id)
    assert keys.exists(customer_id)
    assert keys.destroy(customer_id)
    assert not keys.destroy(customer_id)
    assert not keys.exists(customer_id)
    for one in (keys, process()):
        assert one.sealers([customer_id]) == {}
        with pytest.raises(NotFoundError):
            one.sealer(customer_id)
    assert row_of(stage, customer_id).wrapped is None


def test_destroying_where_there_never_was_a_key_forbids_one(process):
    customer_id = uuid4()
    assert not process().destroy(customer_id)
    with pytest.raises(NotFoundError):
        process().sealer(customer_id)


def test_other_process_forgets_a_destroyed_key_within_a_minute(process, moments):
    customer_id, other = uuid4(), process()
    other.sealer(customer_id)
    process().destroy(customer_id)
    moments.now_s = KEPT_S + 1
    assert other.sealers([customer_id]) == {}


def test_many_keys_are_asked_for_at_once_and_few_are_remembered(process):
    keys, wanted = process(capacity=3), [uuid4() for _ in range(8)]
    for customer_id in wanted:
        keys.sealer(customer_id)
    assert keys.sealers([*wanted, uuid4()]).keys() == set(wanted)
    assert len(keys._kept) == 3


def test_art_17_erasing_a_person_destroys_their_key(stage):
    guest = stage.guest("Ada", stage.axis(0))
    keys = stage.runtime.customer_keys
    keys.sealer(guest.id)
    erase_customer(stage.runtime, CustomerId(guest.id), actor="test")
    stage.guests.remove(guest.id)
    assert not keys.exists(guest.id)
    assert keys.sealers([guest.id]) == {}
    with pytest.raises(NotFoundError):
        keys.sealer(guest.id)
