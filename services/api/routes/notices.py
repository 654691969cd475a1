"""The notice: what guests are shown, what is being written, what others agreed to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response, status

from services.api import consent_schemas as schemas
from services.api.dependencies import KNOWN, Caller, Product, only, principal
from vestibule.domain import notice as words
from vestibule.domain.built_in_notices import BUILT_IN
from vestibule.domain.errors import NotFoundError
from vestibule.domain.permissions import Permission
from vestibule.records import notices
from vestibule.records.consent_tables import PrivacyNotice
from vestibule.workflows import write_notice

router = APIRouter(prefix="/privacy-notices", tags=["consent"], dependencies=[Depends(principal)])

_WRITERS = only(Permission.MANAGE_PRIVACY)
_READERS = only(Permission.RECORD_CONSENT, Permission.VIEW_CUSTOMERS, Permission.MANAGE_PRIVACY)


@router.get("", dependencies=_WRITERS)
def get_notices(product: Product) -> schemas.NoticeDesk:
    """The latest version first."""
    with product.database.look() as transaction:
        published = notices.published(transaction)
        draft = notices.draft(transaction)
        current = notices.in_force(transaction)
    own = [_version(row) for row in published]
    built_in = [
        schemas.NoticeVersion(
            version=one.version,
            validity_days=one.validity_days,
            published_at=None,
            published_by=None,
        )
        for one in reversed(list(BUILT_IN.values()))
    ]
    return schemas.NoticeDesk(
        in_force=shown(current),
        draft=_in_work(draft) if draft else None,
        versions=[*own, *built_in],
        longest_days=words.LONGEST_DAYS,
    )


@router.get("/current", dependencies=KNOWN)
def get_current_notice(product: Product) -> schemas.Notice:
    """What guests are shown now."""
    with product.database.look() as transaction:
        return shown(notices.in_force(transaction))


@router.get("/{version}", dependencies=_READERS)
def get_notice(
    version: Annotated[str, Path(max_length=40, description="As consents name it.")],
    product: Product,
) -> schemas.Notice:
    """The very text that somebody agreed to."""
    with product.database.look() as transaction:
        found = notices.find(transaction, version)
    if found is None:
        raise NotFoundError()
    return shown(found)


@router.post("/draft", dependencies=_WRITERS)
def keep_draft(body: schemas.NoticeDraft, product: Product, caller: Caller) -> schemas.NoticeInWork:
    """There is one draft; guests are shown nothing of it."""
    texts = {language: words.read_text(said) for language, said in body.texts.model_dump().items()}
    row = write_notice.keep_draft(product, texts, validity_days=body.validity_days, by=caller)
    return _in_work(row)


@router.delete("/draft", status_code=status.HTTP_204_NO_CONTENT, dependencies=_WRITERS)
def drop_draft(product: Product, caller: Caller) -> Response:
    write_notice.drop_draft(product, by=caller)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/publication", dependencies=_WRITERS)
def publish_draft(product: Product, caller: Caller) -> schemas.Notice:
    """From the answer on guests are shown it. Refused while a language lacks something."""
    return shown(notices.as_notice(write_notice.publish_draft(product, by=caller)))


def shown(notice: words.Notice) -> schemas.Notice:
    return schemas.Notice(
        version=notice.version,
        texts=schemas.NoticeTexts.model_validate(notice.as_json()),
        validity_days=notice.validity_days,
    )


def _in_work(row: PrivacyNotice) -> schemas.NoticeInWork:
    draft = notices.as_notice(row)
    return schemas.NoticeInWork(
        texts=schemas.NoticeTexts.model_validate(draft.as_json()),
        validity_days=draft.validity_days,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        missing=words.missing_parts(draft.texts),
    )


def _version(row: PrivacyNotice) -> schemas.NoticeVersion:
    return schemas.NoticeVersion.model_validate(row, from_attributes=True)
