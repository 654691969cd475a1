"""The tables of docs/roles.md are those of the routes there are, and no route goes without."""

import pytest
from fastapi import Depends, FastAPI
from starlette.routing import Route

from services.api.dependencies import KNOWN, only, principal
from services.role_table import (
    DOCUMENT,
    UnguardedRouteError,
    api_rows,
    page_rows,
    written,
)
from vestibule.domain.permissions import Permission, Role


def test_document_is_up_to_date():
    assert written(DOCUMENT.read_text()) == DOCUMENT.read_text(), "run: make roles"


def app_with(**options) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.get("/v1/secrets", **options)(lambda: None)
    return app


@pytest.mark.parametrize("options", [{}, {"dependencies": [Depends(principal)]}])
def test_route_that_asks_for_nothing_is_found(options):
    with pytest.raises(UnguardedRouteError, match="/v1/secrets"):
        api_rows(app_with(**options))


def test_row_says_which_roles_carry_what_is_asked_for():
    (row,) = api_rows(app_with(dependencies=only(Permission.READ_AUDIT)))

    assert row.roles == {Role.DPO}
    assert row.written().startswith("| `GET /v1/secrets` | `audit.read` | –")


def test_route_for_everybody_who_is_signed_in_says_so():
    (row,) = api_rows(app_with(dependencies=KNOWN))

    assert row.roles == set(Role)
    assert row.asks == "a session"


def test_page_without_a_line_is_found():
    with pytest.raises(UnguardedRouteError, match="/secrets"):
        page_rows([Route("/secrets", lambda _: None)])
