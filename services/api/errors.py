"""Errors become problem+json here and nowhere else: one table from code to status."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.api.schemas import Problem
from vestibule.domain.errors import VestibuleError

log = structlog.get_logger(__name__)

STATUS_BY_CODE = {
    "not_an_image": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "damaged_image": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_many_pixels": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "photo_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_busy": HTTPStatus.TOO_MANY_REQUESTS,
    "empty_upload": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid_input": HTTPStatus.UNPROCESSABLE_ENTITY,
    "consent_link_spent": HTTPStatus.GONE,
    "consent_missing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "under_age": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "conflict": HTTPStatus.CONFLICT,
    "backup_place_reached": HTTPStatus.CONFLICT,
    "hold_expired": HTTPStatus.CONFLICT,
    "identity_unchecked": HTTPStatus.CONFLICT,
    "restricted": HTTPStatus.CONFLICT,
    "personal_link_spent": HTTPStatus.GONE,
    "not_overridable": HTTPStatus.CONFLICT,
    "space_unavailable": HTTPStatus.CONFLICT,
    "calibration_missing": HTTPStatus.CONFLICT,
    "import_source_missing": HTTPStatus.CONFLICT,
    "forbidden": HTTPStatus.FORBIDDEN,
    "own_report": HTTPStatus.FORBIDDEN,
    "person_needed": HTTPStatus.FORBIDDEN,
    "incident_changed": HTTPStatus.CONFLICT,
    "too_many_attachments": HTTPStatus.CONFLICT,
    "offers_not_agreed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "offer_not_open": HTTPStatus.CONFLICT,
    "attachment_refused": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "licence_not_accepted": HTTPStatus.CONFLICT,
    "too_little_evidence": HTTPStatus.CONFLICT,
    "not_signed_in": HTTPStatus.UNAUTHORIZED,
    "sign_in_link_spent": HTTPStatus.UNAUTHORIZED,
    "wrong_credentials": HTTPStatus.UNAUTHORIZED,
    "wrong_code": HTTPStatus.UNAUTHORIZED,
    "sign_in_expired": HTTPStatus.UNAUTHORIZED,
    "identity_refused": HTTPStatus.UNAUTHORIZED,
    "provider_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "invitation_spent": HTTPStatus.GONE,
    "too_many_attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "weak_password": HTTPStatus.UNPROCESSABLE_ENTITY,
    "last_admin": HTTPStatus.CONFLICT,
    "storage_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "storage_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "index_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "database_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "broker_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "volatile_memory_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "temporarily_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "still_incomplete": HTTPStatus.SERVICE_UNAVAILABLE,
    "still_findable": HTTPStatus.SERVICE_UNAVAILABLE,
    "import_running": HTTPStatus.SERVICE_UNAVAILABLE,
    "internal_error": HTTPStatus.INTERNAL_SERVER_ERROR,
}
RETRY_AFTER_S = 2


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(VestibuleError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


def problem(
    request: Request, code: str, *, detail: str, facts: dict[str, object] | None = None
) -> JSONResponse:
    status = STATUS_BY_CODE.get(code, HTTPStatus.INTERNAL_SERVER_ERROR)
    body = Problem(
        type=f"urn:vestibule:problem:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=detail,
        request_id=request.scope.get("request_id", ""),
        facts=facts or {},
    )
    headers = {}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(body.facts.get("retry_after_s", RETRY_AFTER_S))
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body.model_dump(mode="json"),
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VestibuleError)
    if error.code not in STATUS_BY_CODE:
        log.error("api.unexpected_code", code=error.code, exc_info=error)
        return _fault(request, error)
    return problem(request, error.code, detail=str(error), facts=error.facts)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [
        {
            "field": ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]),
            "problem": item["msg"],
        }
        for item in error.errors()
    ]
    words = "; ".join(f"{item['field']}: {item['problem']}" for item in fields)
    return problem(request, "invalid_input", detail=words, facts={"fields": fields})


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    by_status = {404: "not_found", 405: "method_not_allowed"}
    code = by_status.get(error.status_code, "invalid_input")
    return problem(request, code, detail=str(error.detail))


def _fault(request: Request, error: Exception) -> JSONResponse:
    log.error("api.fault", exc_info=error)
    return problem(
        request,
        "internal_error",
        detail="A fault of ours. The request id finds it in the logs.",
    )
