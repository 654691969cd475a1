"""Over the wire: jobs, queues and workers, for whoever runs the installation."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.schemas import JobError, JobState


class JobOnRecord(BaseModel):
    """A job as a row. ``kind`` is open: releases add some."""

    id: UUID
    kind: str = Field(description="identify, enrol, remember, gallery, demo, …")
    subject_id: UUID = Field(description="The photo, enrolment or face that it is about.")
    queue: str
    state: JobState
    attempts: int
    crashes: int = Field(description="Of them, those that ended with their process.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: JobError | None
    can_retry: bool = Field(description="False where what was uploaded is gone.")


class JobPage(BaseModel):
    items: list[JobOnRecord]
    total: int
    next_offset: int | None


class QueueOnRecord(BaseModel):
    name: str
    waiting: int
    running: int
    failed: int
    oldest_waiting_at: datetime | None


class WorkerOnRecord(BaseModel):
    """A worker that was heard of in the last 30 seconds."""

    id: UUID
    host: str
    queues: list[str]
    running: int
    is_taking: bool = Field(description="False while its models are loaded.")
    crashes: int
    hangs: int
    started_at: datetime
    seen_at: datetime


class UnreadableOnRecord(BaseModel):
    """A message that no worker could read. What it said is not kept."""

    queue: str
    why: Literal["not_a_message", "unknown_task", "damaged"]
    size_bytes: int
    seen_at: datetime


class JobsOverview(BaseModel):
    workers_apart: bool = Field(
        description="False in the embedded mode, whose worker is in the same process."
    )
    workers: list[WorkerOnRecord]
    queues: list[QueueOnRecord] = Field(description="The most urgent first.")
    unreadable: list[UnreadableOnRecord]
