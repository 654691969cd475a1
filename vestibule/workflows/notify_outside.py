"""The job that tells the webhook of one event: ids and times, nothing of a person."""

import json

from vestibule.records import alerts, jobs
from vestibule.records.tables import Job
from vestibule.workflows.runtime import Runtime


def notify_outside(runtime: Runtime, job: Job) -> None:
    """Tried again like any job where the address does not take it; the receiver may see one twice
    and tells it by its id. Nothing is sent of an alert that is gone."""
    with runtime.database.look() as transaction:
        event = alerts.find_event(transaction, job.subject_id)
    if event is not None and runtime.webhook is not None:
        body = json.dumps(
            {
                "id": str(event.id),
                "type": f"alert.{event.kind}",
                "alert_id": str(event.alert_id),
                "venue_id": str(event.venue_id),
                "at": event.at.isoformat(),
            }
        )
        runtime.webhook.deliver(body.encode(), at=runtime.clock.now())
    with runtime.database.begin() as transaction:
        jobs.finish(transaction, job, now=runtime.clock.now())
