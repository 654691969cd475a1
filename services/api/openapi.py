"""The OpenAPI document as it is true: problems as problem+json, and an example a schema."""

from typing import Any

from fastapi import FastAPI

from services.api.accuracy_schemas import ACCURACY_EXAMPLES
from services.api.enrolment_schemas import ENROLMENT_EXAMPLES
from services.api.examples import EXAMPLES

_PROBLEM = {
    "description": "A problem, with a stable code.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe_truly(app: FastAPI) -> None:
    """Replace what FastAPI supposes of errors by what the error table answers."""
    generate = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _corrected(generate())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way FastAPI documents for this


def _corrected(document: dict[str, Any]) -> dict[str, Any]:
    for item in document["paths"].values():
        for operation in item.values():
            answers = operation["responses"]
            if "default" in answers:
                answers["default"] = _PROBLEM
                answers.pop("422", None)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for name, example in {**EXAMPLES, **ACCURACY_EXAMPLES, **ENROLMENT_EXAMPLES}.items():
        schemas[name]["examples"] = [example]
    return document
