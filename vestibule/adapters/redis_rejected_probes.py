"""Tonight's "not them" answers in a Redis that keeps nothing on a disk, shared by all workers.

An entry is a key of its own under a random id, so that Redis itself lets it go when the venue
closes; a sorted set keeps the ids in the order in which they came. All that an entry holds, names
included, is sealed under the installation's key and bound to its id.
"""

import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import numpy as np
import redis
import structlog
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from vestibule.domain.embedding_space import EmbeddingSpace
from vestibule.domain.errors import StartUpError, VolatileMemoryUnavailableError
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import CustomerId
from vestibule.domain.similarity import best_by_customer, scores_between
from vestibule.ports import RejectedProbe, Sealer

CAPACITY = 1_000
"""As in the embedded mode: staff who reject a face every half a minute all night."""

ANSWER_WITHIN_S = 1.0
LEFT_ALONE_S = 5.0
"""How long identifications do not ask a Redis again that did not answer."""

TRUST_FOR_S = 60.0
"""How long it is believed that Redis still keeps nothing, before that is asked again."""

_PREFIX = "vestibule.rejected."
_ORDER = f"{_PREFIX}order"
_COUNTER = f"{_PREFIX}counter"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    space_id: str
    probe: RejectedProbe


class RedisRejectedProbes:
    """Each process keeps what it opened in its own memory, and asks only which ids there are.

    Where Redis does not answer, ``alike`` goes by what was known; all that writes or forgets raises
    VolatileMemoryUnavailableError, to be tried again. ``is_trusted`` says that an operator vouches
    for a Redis that does not tell whether it keeps anything.
    """

    def __init__(
        self, url: str, sealer: Sealer, *, is_trusted: bool = False, capacity: int = CAPACITY
    ) -> None:
        """Raises StartUpError if this Redis is set to write to a disk, or does not tell."""
        self._redis: redis.Redis = redis.Redis.from_url(
            url,
            socket_timeout=ANSWER_WITHIN_S,
            socket_connect_timeout=ANSWER_WITHIN_S,
            retry=Retry(NoBackoff(), 1),
        )
        self._sealer = sealer
        self._is_trusted = is_trusted
        self._capacity = capacity
        self._trusted_until = 0.0
        self._away_until = 0.0
        self._known: dict[str, _Entry | None] = {}
        self._lock = threading.Lock()
        try:
            self._require_volatile()
        except VolatileMemoryUnavailableError:
            log.warning("rejected.redis_away")  # asked again before anything is written

    def remember(self, space: EmbeddingSpace, probe: RejectedProbe) -> None:
        if probe.embedding.shape != (space.dimension,):
            raise ValueError(f"expected ({space.dimension},), got {probe.embedding.shape}")
        self._require_volatile()
        entry_id = secrets.token_hex(16)
        sealed = self._sealer.seal(_packed(space, probe), context=_PREFIX + entry_id)
        with _answering():
            former = self._ids_of({probe.answer_id}, customer_id=None)
            place = self._redis.incr(_COUNTER)
            with self._redis.pipeline() as pipe:
                pipe.set(_PREFIX + entry_id, sealed, pxat=_milliseconds(probe.expires_at))
                pipe.zadd(_ORDER, {entry_id: place})
                pipe.execute()
            with self._lock:
                self._known[entry_id] = _unpacked(_packed(space, probe))
            self._drop([*former, *self._beyond_capacity()])

    def alike(
        self, space: EmbeddingSpace, probes: Embeddings, *, now: datetime
    ) -> list[dict[CustomerId, float]]:
        self._look_if_it_answers()
        with self._lock:
            kept = [
                (entry.probe.customer_id, entry.probe.embedding.copy())
                for entry in self._known.values()
                if entry and entry.space_id == space.id and entry.probe.expires_at > now
            ]
        if not kept or not len(probes):
            return [{} for _ in probes]
        scores = scores_between(space.metric, probes, np.stack([rejected for _, rejected in kept]))
        customers = [customer for customer, _ in kept]
        return [best_by_customer(customers, row.tolist()) for row in scores]

    def _look_if_it_answers(self) -> None:
        if monotonic() < self._away_until:
            return
        try:
            with _answering():
                self._look()
        except VolatileMemoryUnavailableError:
            self._away_until = monotonic() + LEFT_ALONE_S
            log.warning("rejected.redis_away")

    def forget_answers(self, answer_ids: Iterable[UUID]) -> None:
        wanted = set(answer_ids)
        if wanted:
            with _answering():
                self._drop(self._ids_of(wanted, customer_id=None))

    def forget_customer(self, customer_id: CustomerId) -> None:
        with _answering():
            self._drop(self._ids_of(set(), customer_id=customer_id))

    def expire(self, *, now: datetime) -> int:
        with _answering():
            self._look()
            with self._lock:
                due = [i for i, e in self._known.items() if e and e.probe.expires_at <= now]
            return self._drop(due)

    def close(self) -> None:
        """Forget what this process opened. The others go on; Redis forgets by itself."""
        with self._lock:
            for entry_id in list(self._known):
                self._wipe(entry_id)
        self._redis.close()

    # ── what there is ───────────────────────────────────────────────────────────────────────
    def _look(self) -> None:
        """Bring what is known here up to what Redis holds."""
        ids = [entry_id.decode() for entry_id in self._all(self._redis.zrange(_ORDER, 0, -1))]
        with self._lock:
            unknown = [entry_id for entry_id in ids if entry_id not in self._known]
        found = self._all(self._redis.mget([_PREFIX + i for i in unknown])) if unknown else []
        opened = {i: self._open(i, sealed) for i, sealed in zip(unknown, found, strict=True)}
        due = [i for i, sealed in zip(unknown, found, strict=True) if sealed is None]
        with self._lock:
            self._known.update(opened)
            for entry_id in set(self._known) - set(ids):
                self._wipe(entry_id)
        self._drop([*due, *self._due()])

    def _due(self) -> list[str]:
        """By the machine's clock, by which Redis has let them go."""
        now = datetime.now(UTC)
        with self._lock:
            return [i for i, e in self._known.items() if e and e.probe.expires_at <= now]

    def _open(self, entry_id: str, sealed: bytes | None) -> _Entry | None:
        """None where it is gone, or was sealed by another installation's key."""
        if sealed is None:
            return None
        try:
            return _unpacked(self._sealer.unseal(sealed, context=_PREFIX + entry_id))
        except ValueError:
            log.warning("rejected.unreadable", entry=entry_id)
            return None

    def _ids_of(self, answer_ids: set[UUID], *, customer_id: CustomerId | None) -> list[str]:
        self._look()
        with self._lock:
            return [
                entry_id
                for entry_id, entry in self._known.items()
                if entry
                and (entry.probe.answer_id in answer_ids or entry.probe.customer_id == customer_id)
            ]

    def _beyond_capacity(self) -> list[str]:
        oldest = self._all(self._redis.zrange(_ORDER, 0, -self._capacity - 1))
        return [entry_id.decode() for entry_id in oldest]

    def _drop(self, entry_ids: list[str]) -> int:
        if not entry_ids:
            return 0
        with self._redis.pipeline() as pipe:
            pipe.delete(*[_PREFIX + entry_id for entry_id in entry_ids])
            pipe.zrem(_ORDER, *entry_ids)
            pipe.execute()
        with self._lock:
            for entry_id in entry_ids:
                self._wipe(entry_id)
        return len(entry_ids)

    def _wipe(self, entry_id: str) -> None:
        """Overwrite, then drop: what is freed may stay readable in memory for a while."""
        entry = self._known.pop(entry_id, None)
        if entry is not None:
            entry.probe.embedding.fill(0)

    # ── whether it may be there at all ──────────────────────────────────────────────────────
    def _require_volatile(self) -> None:
        if self._is_trusted or monotonic() < self._trusted_until:
            return
        with _answering():
            told = {**self._ask("save"), **self._ask("appendonly")}
        if told.get("save", "") != "" or told.get("appendonly", "no") != "no":
            raise StartUpError(
                'The Redis for rejected faces writes to a disk. Set save "" and appendonly no, or '
                "name another one in VESTIBULE_VOLATILE_URL.",
                reason="volatile_memory_persists",
            )
        self._trusted_until = monotonic() + TRUST_FOR_S

    def _ask(self, name: str) -> dict[str, str]:
        try:
            answer: Any = self._redis.config_get(name)
        except ResponseError as error:  # forbidden, or renamed away
            raise StartUpError(
                "The Redis for rejected faces does not tell whether it writes to a disk: it "
                "refuses CONFIG GET. If it does not, say so with VESTIBULE_VOLATILE_TRUSTED=true.",
                reason="volatile_memory_untold",
            ) from error
        return {_text(key): _text(value) for key, value in answer.items()}

    @staticmethod
    def _all(answer: Any) -> list[Any]:
        """redis-py types every answer as one that might be awaited."""
        return list(answer)


class _answering:  # noqa: N801 - reads as a statement
    """What goes wrong on the way to Redis is one error of ours, which may be tried again."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RedisError):
            raise VolatileMemoryUnavailableError() from error


def _packed(space: EmbeddingSpace, probe: RejectedProbe) -> bytes:
    head = {
        "answer": str(probe.answer_id),
        "customer": str(probe.customer_id),
        "space": space.id,
        "expires_at": probe.expires_at.isoformat(),
    }
    return json.dumps(head).encode() + b"\n" + probe.embedding.astype("<f4").tobytes()


def _unpacked(opened: bytes) -> _Entry:
    head, _, embedding = opened.partition(b"\n")
    said = json.loads(head)
    return _Entry(
        said["space"],
        RejectedProbe(
            UUID(said["answer"]),
            CustomerId(UUID(said["customer"])),
            np.frombuffer(embedding, "<f4").astype(np.float32),
            datetime.fromisoformat(said["expires_at"]),
        ),
    )


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
