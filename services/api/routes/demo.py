"""Demo guests: load, follow, try a sample photo, remove."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response, status

from services.api import presenters, schemas
from services.api.dependencies import KNOWN, Caller, Here, Product, only, principal
from services.api.images import JPEG_RESPONSE, jpeg
from services.api.routes.photos import accepted
from vestibule.domain.errors import BlobMissingError, NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import customers, jobs, tables
from vestibule.workflows.load_demo import (
    remove_demo,
    request_demo,
    sample_key,
    sample_titles,
    thumbnail_key,
)
from vestibule.workflows.submit_photo import submit_photo

router = APIRouter(prefix="/demo", tags=["demo"], dependencies=[Depends(principal)])
SampleId = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,40}$")]


@router.get("", dependencies=KNOWN)
def get_demo(product: Product) -> schemas.Demo:
    with product.database.begin() as transaction:
        job = jobs.latest_of_kind(transaction, "DEMO")
        count = len(customers.demo_ids(transaction))
    state = _state(job, count)
    samples = sample_titles(product) if state == "loaded" else {}
    return schemas.Demo(
        state=state,
        progress=job.progress.get("step") if job and state == "loading" else None,
        error=presenters.job_error(job) if job and state == "failed" else None,
        customer_count=count,
        samples=[
            schemas.DemoSample(
                id=key, title=title, thumbnail_url=f"/v1/demo/samples/{key}/thumbnail"
            )
            for key, title in samples.items()
        ],
    )


def _state(job: tables.Job | None, count: int) -> schemas.DemoState:
    if job is not None and job.finished_at is None:
        return "loading"
    if job is not None and job.state == "FAILED":
        return "failed"
    return "loaded" if count else "absent"


@router.post("", status_code=status.HTTP_202_ACCEPTED, dependencies=only(Permission.OPERATE_SYSTEM))
def load_demo(product: Product, caller: Caller) -> schemas.Demo:
    """Start loading; follow with GET. A failed load can be started again."""
    request_demo(product, actor=caller.actor)
    return get_demo(product)


@router.delete(
    "", status_code=status.HTTP_204_NO_CONTENT, dependencies=only(Permission.OPERATE_SYSTEM)
)
def delete_demo(product: Product, caller: Caller) -> Response:
    """Erase the demo guests. Guests whom people added stay."""
    remove_demo(product, actor=caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/samples/{sample_id}/thumbnail",
    response_class=Response,
    responses=JPEG_RESPONSE,
    dependencies=only(Permission.IDENTIFY),
)
def get_sample_thumbnail(sample_id: SampleId, product: Product) -> Response:
    return jpeg(product.blobs, thumbnail_key(sample_id))


@router.post(
    "/samples/{sample_id}/photo",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=only(Permission.IDENTIFY),
)
def upload_sample(sample_id: SampleId, here: Here, caller: Caller) -> schemas.PhotoAccepted:
    """As if that sample had been uploaded by hand."""
    caller.require(Permission.IDENTIFY, caller.venue_id)
    product = here.runtime
    try:
        content = product.blobs.get(sample_key(sample_id))
    except BlobMissingError as error:
        raise NotFoundError() from error
    here.doorkeeper.admit(product)
    try:
        photo = submit_photo(product, content, actor=caller.actor, venue_id=caller.venue_id)
        return accepted(photo)
    finally:
        here.doorkeeper.has_come()
