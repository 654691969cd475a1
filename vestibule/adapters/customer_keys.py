"""A key for each customer in Postgres, wrapped by the installation's key."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from vestibule.domain.errors import NotFoundError
from vestibule.domain.keyring_file import wrapping_context
from vestibule.ports import Clock, Sealer
from vestibule.records import customer_keys, keyring
from vestibule.records.database import Database

CAPACITY = 10_000
KEPT_S = 60.0
"""For so long a process may go on with a key that another one destroyed. What it opens is gone by
then: an erasure takes rows and objects away too."""
ASK_AGAIN_S = 5.0
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class _Kept:
    sealer: Sealer
    until_s: float


class DatabaseCustomerKeys:
    """Unwrapped keys are kept in memory for a minute, ten thousand at most. Safe to call from
    several threads, and while a transaction is open: it uses another connection."""

    def __init__(
        self,
        database: Database,
        installation: Sealer,
        clock: Clock,
        *,
        capacity: int = CAPACITY,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._installation = installation
        self._clock = clock
        self._capacity = capacity
        self._monotonic = monotonic
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._is_sealing = False
        self._ask_again_s = 0.0

    def sealer(self, customer_id: UUID) -> Sealer:
        found = self.ensure([customer_id])
        if customer_id not in found:
            raise NotFoundError()
        return found[customer_id]

    def ensure(self, customer_ids: Collection[UUID]) -> dict[UUID, Sealer]:
        found = self.sealers(customer_ids)
        missing = sorted(set(customer_ids) - found.keys())
        if missing:
            self._make(missing)
            found |= self.sealers(missing)
        return found

    def sealers(self, customer_ids: Collection[UUID]) -> dict[UUID, Sealer]:
        found = self._remembered(customer_ids)
        missing = set(customer_ids) - found.keys()
        if missing:
            with self._database.look() as reader:
                rows = customer_keys.wrapped(reader, missing)
            opened = {
                customer_id: self._open(customer_id, row) for customer_id, row in rows.items()
            }
            self._remember(opened)
            found |= opened
        return found

    def exists(self, customer_id: UUID) -> bool:
        with self._database.look() as reader:
            return bool(customer_keys.wrapped(reader, [customer_id]))

    def destroy(self, customer_id: UUID) -> bool:
        with self._database.begin() as transaction:
            was_there = customer_keys.destroy(transaction, customer_id, now=self._clock.now())
        with self._lock:
            self._kept.pop(customer_id, None)
        return was_there

    def forget(self) -> None:
        """All that are kept in memory."""
        with self._lock:
            self._kept.clear()

    def is_sealing(self) -> bool:
        """Once it is so it stays so; until then it is asked for again every few seconds."""
        now_s = self._monotonic()
        if not self._is_sealing and now_s >= self._ask_again_s:
            with self._database.look() as reader:
                self._is_sealing = keyring.seals_since(reader) is not None
            self._ask_again_s = now_s + ASK_AGAIN_S
        return self._is_sealing

    def _make(self, customer_ids: Collection[UUID]) -> None:
        wrapped = {
            customer_id: self._installation.seal(
                secrets.token_bytes(_KEY_BYTES), context=wrapping_context(customer_id)
            )
            for customer_id in customer_ids
        }
        with self._database.begin() as transaction:
            customer_keys.add_unless_there(transaction, wrapped, now=self._clock.now())

    def _open(self, customer_id: UUID, wrapped: bytes) -> Sealer:
        key = self._installation.unseal(wrapped, context=wrapping_context(customer_id))
        return self._installation.under(key)

    def _remembered(self, customer_ids: Collection[UUID]) -> dict[UUID, Sealer]:
        now_s = self._monotonic()
        found: dict[UUID, Sealer] = {}
        with self._lock:
            for customer_id in customer_ids:
                kept = self._kept.get(customer_id)
                if kept is not None and kept.until_s > now_s:
                    found[customer_id] = kept.sealer
        return found

    def _remember(self, opened: dict[UUID, Sealer]) -> None:
        until_s = self._monotonic() + KEPT_S
        with self._lock:
            for customer_id, sealer in opened.items():
                self._kept[customer_id] = _Kept(sealer, until_s)
                self._kept.move_to_end(customer_id)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
