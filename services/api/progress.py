"""Following a job: woken by Postgres, and looking by itself once a second in case it was not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.concurrency import run_in_threadpool

from services.api import presenters, schemas
from vestibule.records import jobs, tables
from vestibule.wiring_parts import Installation

WaitS = Annotated[float, Query(ge=0, le=30, description="Seconds to wait for the end.")]
POLL_S = 1.0
SAY_WHY_AFTER_MS = 3_000
"""From then on the queue position is told, so that the page can say why it takes long."""


async def progress_events(
    here: Installation, job_id: UUID
) -> AsyncIterator[schemas.ProgressEvent | None]:
    """Every stage once, in order, then the end. None stands for 'nothing new, still here'."""
    loop, woken = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(woken.set)

    here.notifications.watch(job_id, wake)
    told: set[str] = set()
    try:
        while True:
            woken.clear()
            job, position = await run_in_threadpool(_read, here, job_id)
            if job is None:
                return
            events = _news(here, job, told, position)
            for event in events:
                yield event
            if job.finished_at is not None:
                return
            if not events:
                yield None
            await _wait(woken)
    finally:
        here.notifications.unwatch(job_id, wake)


async def wait_until_ended(here: Installation, job_id: UUID, *, wait_s: float) -> None:
    """Return when the job has ended, or after ``wait_s``."""
    if wait_s <= 0:
        return
    try:
        async with asyncio.timeout(wait_s):
            async for _ in progress_events(here, job_id):
                pass
    except TimeoutError:
        return


async def _wait(woken: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(woken.wait(), POLL_S)
    except TimeoutError:
        return


def _read(here: Installation, job_id: UUID) -> tuple[tables.Job | None, int]:
    with here.runtime.database.look() as transaction:
        job = jobs.find(transaction, job_id)
        waits = job is not None and job.state == "QUEUED"
        return job, jobs.queue_position(transaction, job) if job and waits else 0


def _news(
    here: Installation, job: tables.Job, told: set[str], position: int
) -> list[schemas.ProgressEvent]:
    reached = {"received": 0, **job.progress.get("stages", {})}
    events = []
    for stage in presenters.STAGES:
        if stage in reached and stage not in told:
            told.add(stage)
            events.append(_event(job, stage, reached[stage]))
    if job.state == "FAILED":
        last = presenters.stage(job)
        elapsed = jobs.elapsed_ms(job, job.finished_at or job.created_at)
        events.append(_event(job, last, elapsed))
    elapsed = jobs.elapsed_ms(job, here.runtime.clock.now())
    if not events and job.state == "QUEUED" and elapsed > SAY_WHY_AFTER_MS:
        waiting = _event(job, "received", elapsed)
        events.append(waiting.model_copy(update={"queue_position": position}))
    return events


def _event(job: tables.Job, stage: schemas.Stage, elapsed_ms: int) -> schemas.ProgressEvent:
    is_last = stage == "done" or job.state == "FAILED"
    return schemas.ProgressEvent(
        state=presenters.job_state(job) if is_last or stage == "received" else "running",
        stage=stage,
        elapsed_ms=elapsed_ms,
        boxes=job.progress.get("boxes") if stage in ("recognising", "done") else None,
        error=presenters.job_error(job),
    )
