"""Rows of requests as they go over the wire."""

from services.api import data_request_schemas as schemas
from vestibule.domain.data_rights import ARTICLES, Right
from vestibule.workflows.show_data_requests import RequestShown, RequestsShown


def page(shown: RequestsShown, *, offset: int, limit: int) -> schemas.DataRequestPage:
    end = offset + limit
    return schemas.DataRequestPage(
        items=[schemas.DataRequestSummary.model_validate(_facts(one)) for one in shown.items],
        total=shown.total,
        next_offset=end if end < shown.total else None,
        open=shown.waiting.open,
        overdue=shown.waiting.overdue,
    )


def whole(shown: RequestShown) -> schemas.DataRequest:
    steps = [
        schemas.DataRequestStep.model_validate(step, from_attributes=True) for step in shown.steps
    ]
    recipients = [schemas.DataRecipient(at=at, who=who) for at, who in shown.recipients]
    return schemas.DataRequest.model_validate(
        {**_facts(shown), "steps": steps, "recipients": recipients}
    )


def _facts(shown: RequestShown) -> dict[str, object]:
    row = shown.request
    customer = {"id": row.customer_id, "name": shown.name} if row.customer_id else None
    return {
        "id": row.id,
        "right": row.right,
        "article": ARTICLES[Right(row.right)],
        "channel": row.channel,
        "customer": customer if shown.name else None,
        "requester": row.requester,
        "identity": row.identity,
        "state": row.state.lower(),
        "received_on": row.received_on,
        "due_on": row.due_on,
        "days_left": shown.days_left,
        "is_overdue": shown.is_overdue,
        "extended_at": row.extended_at,
        "closed_at": row.closed_at,
    }
