"""Which role may call which route and open which page, as docs/roles.md tells it.

``python -m services.role_table`` writes the tables of that document anew (``make roles``); a test
holds them to what the routes ask for, and every answer of the API to them.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Route

from services.api.dependencies import Needs, NeedsEverything, at_own_page
from services.api.main import create_api
from services.web.main import page_routes
from services.web.person import page_permissions
from vestibule.domain.permissions import PERMISSIONS_BY_ROLE, Permission, Role
from vestibule.wiring_parts import Installation

DOCUMENT = Path(__file__).parents[1] / "docs" / "roles.md"
OPEN_ROUTES = frozenset(
    {
        ("POST", "/v1/session"),
        ("POST", "/v1/session/password"),
        ("POST", "/v1/session/code"),
        ("GET", "/v1/transparency"),
        ("GET", "/v1/session/company"),
        ("POST", "/v1/session/company"),
        ("POST", "/v1/session/company/callback"),
        ("POST", "/v1/me/session"),
        ("POST", "/v1/invitations/lookup"),
        ("POST", "/v1/invitations/acceptance"),
        ("POST", "/v1/consent-links/lookup"),
        ("POST", "/v1/consent-links/answer"),
        ("GET", "/v1/openapi.json"),
        ("GET", "/v1/docs"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
    }
)
"""What nobody has to sign in for."""
OPEN_PAGES = frozenset(
    {
        "/sign-in",
        "/sign-in/code",
        "/sign-in/company",
        "/sign-in/company/callback",
        "/me",
        "/me/data.zip",
        "/me/erase",
        "/me/pictures/{picture_id:uuid}",
        "/sign-in/{token}",
        "/invitations/{token}",
        "/agree/{token}",
        "/preferences",
        "/manifest.webmanifest",
        "/styleguide",
        "/transparency",
        "/healthz",
        "/readyz",
    }
)
YES, NO = "yes", "–"


@dataclass(frozen=True, slots=True)
class Row:
    """``asks`` is in words; ``roles`` those of a person who holds one role in the whole chain."""

    method: str
    path: str
    asks: str
    roles: frozenset[Role]

    def written(self) -> str:
        cells = (YES if role in self.roles else NO for role in Role)
        return f"| `{self.method} {self.path}` | {self.asks} | " + " | ".join(cells) + " |"


class UnguardedRouteError(Exception):
    """A route says nothing of who may call it."""


def api_rows(app: FastAPI) -> list[Row]:
    """Every route of the API. Raises UnguardedRouteError for one that asks for nothing."""
    rows = []
    for route in iter_route_contexts(app.routes):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            if (method, route.path) not in OPEN_ROUTES:
                dependant = getattr(route, "dependant", None)
                if _is_of_guests(dependant):
                    continue
                rows.append(_api_row(method, str(route.path), dependant))
    return sorted(rows, key=lambda row: (row.path, row.method))


def _is_of_guests(dependant: Dependant | None) -> bool:
    """Open to a customer at their own page alone: no role has a part in it."""
    inner = dependant.dependencies if dependant is not None else []
    return any(one.call is at_own_page for one in inner)


def _api_row(method: str, path: str, dependant: Dependant | None) -> Row:
    asked = list(_asked(dependant)) if dependant is not None else []
    if not asked:
        raise UnguardedRouteError(f"{method} {path}")
    words = " and ".join(_words(one) for one in asked if _words(one) or len(asked) == 1)
    roles = frozenset(role for role in Role if all(_lets(one, role) for one in asked))
    return Row(method, path, words or "a session", roles)


def _asked(dependant: Dependant) -> Iterator[Needs | NeedsEverything]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Needs | NeedsEverything):
            yield inner.call
        yield from _asked(inner)


def _words(asked: Needs | NeedsEverything) -> str:
    if isinstance(asked, NeedsEverything):
        return "every permission"
    return " or ".join(f"`{permission.value}`" for permission in asked.permissions)


def _lets(asked: Needs | NeedsEverything, role: Role) -> bool:
    carried = PERMISSIONS_BY_ROLE[role]
    if isinstance(asked, NeedsEverything):
        return carried == frozenset(Permission)
    return not asked.permissions or bool(carried & set(asked.permissions))


def page_rows(routes: Iterable[BaseRoute]) -> list[Row]:
    """Every page that is opened by its address and is not for everybody."""
    rows = []
    for route in routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()):
            continue
        if route.path in OPEN_PAGES:
            continue
        needed = page_permissions(route.path)
        if needed is None:
            raise UnguardedRouteError(f"{route.path}: give it a line in services/web/person.py")
        asked = Needs(tuple(Permission(name) for name in needed))
        roles = frozenset(role for role in Role if _lets(asked, role))
        rows.append(Row("GET", route.path, _words(asked) or "a session", roles))
    return sorted(rows, key=lambda row: row.path)


def routes_of_the_api() -> FastAPI:
    """The application with nothing behind it, to read its routes."""
    return create_api(cast(Installation, None))


def table(rows: Iterable[Row]) -> str:
    names = " | ".join(role.value for role in Role)
    head = [f"| what | asks for | {names} |", "|---|---|" + "---|" * len(Role)]
    return "\n".join([*head, *(row.written() for row in rows)])


def written(document: str) -> str:
    """The document with its tables made anew."""
    for name, rows in (
        ("routes", api_rows(routes_of_the_api())),
        ("pages", page_rows(page_routes())),
    ):
        before, _, rest = document.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"\n<!-- end of {name} -->")
        document = f"{before}<!-- {name} -->\n{table(rows)}{end}{after}"
    return document


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
    sys.exit(0)
