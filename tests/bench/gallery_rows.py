"""A large synthetic gallery as rows of Postgres, with everything that makes it searchable.

Sealed under keys of its people, as the product enrols: the scheduler would seal plain rows anew all
the while, and a measurement of anything else would show that.
"""

import secrets
from uuid import UUID, uuid4

import psycopg

from tests.bench.synthetic_gallery import TEMPLATES_A_PERSON, draw_gallery
from tests.stack.stack import Stack
from vestibule.adapters.sealing import AesGcmSealer
from vestibule.domain.keyring_file import wrapping_context
from vestibule.domain.sealed_face import join
from vestibule.ports import Sealer
from vestibule.records.gallery import to_bytes
from vestibule.workflows.sealed_faces import context_of_template

_CUSTOMER = "COPY customer (id, venue_id, name, folded_name, notes, status, is_demo, created_at, "
_CUSTOMER += "updated_at) FROM STDIN"
_CONSENT = "COPY consent (id, customer_id, purpose, basis, notice_version, given_by, recorded_by, "
_CONSENT += "given_at) FROM STDIN"
_TEMPLATE = (
    "COPY template (id, customer_id, space_id, embedding, crop_key, source_sha256, quality, "
)
_TEMPLATE += "created_at) FROM STDIN"
_KEY = "COPY customer_key (customer_id, wrapped, made_at) FROM STDIN"
_SEALS = "INSERT INTO keyring_state (id, seals_since) VALUES (1, now()) ON CONFLICT DO NOTHING"
_WHEN = "2026-01-01T00:00:00Z"


def fill_rows(stack: Stack, *, templates: int, seed: int = 5) -> None:
    """In the space that serves. The index is to be made equal to the rows afterwards."""
    installation = AesGcmSealer((stack.folder / "secrets" / "api" / "sealing.key").read_bytes())
    with psycopg.connect(stack.postgres.url.replace("+psycopg", "")) as link:
        link.execute(_SEALS)
        (venue,) = link.execute("SELECT id FROM venue LIMIT 1").fetchone()
        serving = "SELECT space_id, dimension FROM index_generation WHERE state = 'SERVING'"
        space, dimension = link.execute(serving).fetchone()
        drawn = draw_gallery(size=templates, dimension=dimension, probes=1, seed=seed).templates
        people = [uuid4() for _ in range(-(-templates // TEMPLATES_A_PERSON))]
        cursor = link.cursor()
        with cursor.copy(_CUSTOMER) as rows:
            for number, person in enumerate(people):
                name = f"Synthetic {number}"
                row = (person, venue, name, name.lower(), "", "ACTIVE", False, _WHEN, _WHEN)
                rows.write_row(row)
        with cursor.copy(_CONSENT) as rows:
            basis = ("recognition", "explicit-consent", "synthetic", "nobody", "bench", _WHEN)
            for person in people:
                rows.write_row((uuid4(), person, *basis))
        keys = _fill_keys(cursor, people, installation)
        with cursor.copy(_TEMPLATE) as rows:
            for number, embedding in enumerate(drawn):
                template, owner = uuid4(), people[number // TEMPLATES_A_PERSON]
                context = context_of_template(template)
                sealed = join(owner, keys[owner].seal(to_bytes(embedding), context=context))
                made = (template, owner, space, sealed)
                rows.write_row((*made, "synthetic", f"{number:064d}", "{}", _WHEN))
    _settle(stack)


def _fill_keys(
    cursor: psycopg.Cursor[tuple[object, ...]], people: list[UUID], installation: AesGcmSealer
) -> dict[UUID, Sealer]:
    made: dict[UUID, Sealer] = {}
    with cursor.copy(_KEY) as rows:
        for person in people:
            key = secrets.token_bytes(32)
            wrapped = installation.seal(key, context=wrapping_context(person))
            rows.write_row((person, wrapped, _WHEN))
            made[person] = installation.under(key)
    return made


def _settle(stack: Stack) -> None:
    """What Postgres would get round to within minutes, in the middle of what is measured."""
    with psycopg.connect(stack.postgres.url.replace("+psycopg", ""), autocommit=True) as link:
        link.execute("VACUUM (ANALYZE) customer, consent, customer_key, template")
