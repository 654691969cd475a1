"""docs/api.md and the OpenAPI document say the same."""

import re
from pathlib import Path

import pytest

from services.api import (
    accuracy_schemas,
    alert_schemas,
    audit_schemas,
    backup_place_schemas,
    batch_schemas,
    calibration_schemas,
    consent_schemas,
    customer_import_schemas,
    data_request_schemas,
    enrolment_schemas,
    erasure_schemas,
    faces_beside_schemas,
    gallery_schemas,
    incident_schemas,
    job_schemas,
    legal_hold_schemas,
    merge_schemas,
    offer_schemas,
    pack_schemas,
    people_schemas,
    personal_schemas,
    provision_schemas,
    purchase_schemas,
    retention_schemas,
    schemas,
    status_schema,
    template_schemas,
    timeline_schemas,
    transparency_schemas,
    visit_schemas,
    watchlist_policy_schemas,
    watchlist_schemas,
)
from services.api.accuracy_schemas import ACCURACY_EXAMPLES
from services.api.enrolment_schemas import ENROLMENT_EXAMPLES
from services.api.errors import STATUS_BY_CODE
from services.api.examples import EXAMPLES as GENERAL_EXAMPLES

EXAMPLES = {**GENERAL_EXAMPLES, **ACCURACY_EXAMPLES, **ENROLMENT_EXAMPLES}
SCHEMAS = (
    transparency_schemas,
    schemas,
    status_schema,
    consent_schemas,
    provision_schemas,
    calibration_schemas,
    pack_schemas,
    accuracy_schemas,
    template_schemas,
    enrolment_schemas,
    faces_beside_schemas,
    gallery_schemas,
    batch_schemas,
    incident_schemas,
    purchase_schemas,
    retention_schemas,
    offer_schemas,
    alert_schemas,
    audit_schemas,
    job_schemas,
    watchlist_schemas,
    watchlist_policy_schemas,
    visit_schemas,
    legal_hold_schemas,
    merge_schemas,
    timeline_schemas,
    people_schemas,
    customer_import_schemas,
    data_request_schemas,
    backup_place_schemas,
    erasure_schemas,
    personal_schemas,
)
DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


@pytest.fixture(scope="module")
def openapi(api) -> dict:
    return api.get("/v1/openapi.json").json()


def test_every_operation_is_in_the_document_and_no_other(openapi):
    served = {
        (method.upper(), re.sub(r"\{\w+\}", "{id}", path))
        for path, item in openapi["paths"].items()
        for method in item
        if path.startswith("/v1")
    }
    rows = re.findall(r"^\| `(GET|POST|PATCH|DELETE) (/v1/[^`?]*)(?:\?[^`]*)?` \|", DOCUMENT, re.M)
    written = {(method, re.sub(r"\{\w+\}", "{id}", path)) for method, path in rows}

    assert written == served


def test_every_error_code_is_in_the_document_with_its_status():
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", DOCUMENT, re.M)

    assert dict(rows) == {code: str(int(status)) for code, status in STATUS_BY_CODE.items()}


def test_problems_are_documented_as_what_they_are(openapi):
    for path, item in openapi["paths"].items():
        if path.startswith("/v1"):
            for method, operation in item.items():
                content = operation["responses"]["default"]["content"]
                assert list(content) == ["application/problem+json"], (method, path)


def test_every_schema_that_goes_over_the_wire_alone_has_an_example(openapi):
    used = set(re.findall(r"#/components/schemas/(\w+)", str(openapi["paths"])))

    without = {name for name in used if not openapi["components"]["schemas"][name].get("examples")}

    assert without == {"Health"}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_example_fits_its_model(name):
    model = next(getattr(module, name) for module in SCHEMAS if hasattr(module, name))

    shown = model.model_validate(EXAMPLES[name]).model_dump(mode="json", exclude_unset=True)

    assert set(shown) == set(EXAMPLES[name])
