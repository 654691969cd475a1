"""A large synthetic gallery as rows of Postgres, with everything that makes it searchable."""

from uuid import uuid4

import psycopg

from tests.bench.synthetic_gallery import TEMPLATES_A_PERSON, draw_gallery

_CUSTOMER = "COPY customer (id, venue_id, name, folded_name, notes, status, is_demo, created_at, "
_CUSTOMER += "updated_at) FROM STDIN"
_CONSENT = "COPY consent (id, customer_id, purpose, basis, notice_version, given_by, recorded_by, "
_CONSENT += "given_at) FROM STDIN"
_TEMPLATE = (
    "COPY template (id, customer_id, space_id, embedding, crop_key, source_sha256, quality, "
)
_TEMPLATE += "created_at) FROM STDIN"
_WHEN = "2026-01-01T00:00:00Z"


def fill_rows(conninfo: str, *, templates: int, seed: int = 5) -> None:
    """In the space that serves. The index is to be made equal to the rows afterwards."""
    with psycopg.connect(conninfo) as link:
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
        with cursor.copy(_TEMPLATE) as rows:
            for number, embedding in enumerate(drawn):
                owner = people[number // TEMPLATES_A_PERSON]
                made = (uuid4(), owner, space, embedding.astype("<f4").tobytes())
                rows.write_row((*made, "synthetic", f"{number:064d}", "{}", _WHEN))
