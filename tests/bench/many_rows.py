"""A chain that has run for years, made by Postgres itself from running numbers."""

import json
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

from services.watchlist_example import example_evidence


@dataclass(frozen=True, slots=True)
class Amount:
    customers: int
    visits: int
    incidents: int
    purchases: int
    watchlisted: int
    audit_entries: int


FULL = Amount(100_000, 2_000_000, 50_000, 500_000, 2_000, 500_000)
SMALL = Amount(60_000, 240_000, 40_000, 60_000, 1_000, 50_000)
"""Enough that Postgres prefers an index wherever it has one that fits."""

BIG_TABLES = (
    "customer",
    "visit",
    "incident",
    "incident_person",
    "purchase",
    "consent",
    "template",
    "audit_entry",
)

_FIRST = "Ada Zoé Jean Camille Amélie Noah Léa Hugo Chloé Louis Emma Jules Inès Adam Sofia Théo"
_LAST = (
    "Mar Ber Du Le Mo Gar Rou Fon Che Lam Per Vin Gau Bla Lef Mer",
    "tin nard pont roy reau nier ssel taine valier bert rin cent thier nchard èvre cier",
)


def fill(connection: Connection, amount: Amount, *, space_id: str) -> None:
    """Safe on an empty installation only. Statistics are gathered at the end."""
    facts = {**_names(), **{name: getattr(amount, name) for name in Amount.__slots__}}
    facts["space_id"] = space_id
    facts["evidence"] = json.dumps(example_evidence())
    for statement in _STATEMENTS:
        connection.execute(text(statement), facts)
        connection.commit()
    connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _names() -> dict[str, list[str]]:
    last = [a + b for a in _LAST[0].split() for b in _LAST[1].split()]
    return {"first_names": _FIRST.split(), "last_names": last}


_CUSTOMER = "md5('customer' || (1 + {0} % :customers))::uuid"
_STATEMENTS = (
    """INSERT INTO account (id, name, is_owner, status, created_at)
       SELECT md5('account' || n)::uuid, 'Staff ' || n, false, 'ACTIVE', now()
       FROM generate_series(1, 200) n""",
    """INSERT INTO customer (id, venue_id, name, folded_name, notes, reference, status, is_demo,
                             created_at, updated_at)
       SELECT md5('customer' || n)::uuid, (SELECT id FROM venue LIMIT 1), name,
              translate(lower(name), 'éèêëïîôûç', 'eeeeiiouc'), '', 'L-' || n, 'ACTIVE', false,
              now() - n % 1000 * interval '1 day', now()
       FROM (SELECT n, (CAST(:first_names AS text[]))[1 + n % 16] || ' '
                       || (CAST(:last_names AS text[]))[1 + n / 16 % 256]
                       || ' ' || n / 4096 AS name
             FROM generate_series(1, CAST(:customers AS int)) n) AS named""",
    """INSERT INTO consent (id, customer_id, purpose, basis, notice_version, given_by, recorded_by,
                            given_at)
       SELECT gen_random_uuid(), id, 'recognition', 'explicit-consent', '1', 'customer', 'bench',
              created_at FROM customer""",
    f"""INSERT INTO template (id, customer_id, space_id, embedding, crop_key, source_sha256,
                             quality, status, created_at)
       SELECT gen_random_uuid(), {_CUSTOMER.format("n")}, :space_id,
              decode(repeat('ab', 541), 'hex'), 'crops/' || n, md5('' || n), '{{}}', 'ACTIVE',
              now() - n % 1000 * interval '1 day'
       FROM generate_series(1, CAST(:customers AS int) * 6 / 5) n WHERE n % 5 > 0""",
    f"""INSERT INTO visit (id, customer_id, venue_id, night, entered_at)
       SELECT gen_random_uuid(), {_CUSTOMER.format("n")}, (SELECT id FROM venue LIMIT 1),
              current_date - (n / :customers * 60 + n % 60),
              now() - (n / :customers * 60 + n % 60) * interval '1 day'
              - n % 9973 * interval '1 second'
       FROM generate_series(1, CAST(:visits AS int)) n ON CONFLICT DO NOTHING""",
    """INSERT INTO incident (id, venue_id, kind, severity, occurred_at, night, account, state,
                             version, reporter_id, is_demo, created_at, updated_at)
       SELECT md5('incident' || n)::uuid, (SELECT id FROM venue LIMIT 1),
              (ARRAY['violence', 'theft', 'drugs', 'damage', 'other'])[1 + n % 5], 1 + n % 5,
              now() - n % 1000 * interval '1 day', current_date - n % 1000, 'What happened.',
              CASE WHEN n % 500 = 0 THEN 'REPORTED' WHEN n % 9 = 0 THEN 'DISMISSED'
                   WHEN n % 2 = 0 THEN 'VERIFIED' ELSE 'CLOSED' END,
              1, md5('account' || (1 + n % 200))::uuid, false, now(), now()
       FROM generate_series(1, CAST(:incidents AS int)) n""",
    f"""INSERT INTO incident_person (id, incident_id, customer_id, part)
       SELECT gen_random_uuid(), md5('incident' || n)::uuid, {_CUSTOMER.format("n * 7")}, 'actor'
       FROM generate_series(1, CAST(:incidents AS int)) n""",
    f"""INSERT INTO purchase (id, venue_id, customer_id, till, receipt, line, occurred_at, night,
                             amount_minor, currency, category, alcohol_hundredths, state,
                             recorded_by, created_at)
       SELECT gen_random_uuid(), (SELECT id FROM venue LIMIT 1), {_CUSTOMER.format("n")},
              'bar', 'R' || n, 1, now() - n % 700 * interval '1 day', current_date - n % 700,
              900, 'EUR', 'beer', 160, 'VALID', 'bench', now()
       FROM generate_series(1, CAST(:purchases AS int)) n""",
    f"""INSERT INTO watchlist_proposal (id, customer_id, origin, state, policy_number, points, days,
                             approvals_needed, evidence, reason, proposed_by, created_at,
                             expires_at, closed_at)
       SELECT md5('proposal' || n)::uuid, {_CUSTOMER.format("n")}, 'algorithm',
              CASE WHEN n % 10 = 0 THEN 'OPEN' ELSE 'APPROVED' END, 0, 70000, 30, 2,
              CAST(:evidence AS jsonb), '', 'algorithm', now() - n % 300 * interval '1 day',
              now() + interval '14 days', CASE WHEN n % 10 = 0 THEN NULL ELSE now() END
       FROM generate_series(1, CAST(:watchlisted AS int)) n""",
    """INSERT INTO watchlist_entry (id, customer_id, proposal_id, starts_at, ends_at, first_ends_at,
                             created_at)
       SELECT gen_random_uuid(), customer_id, id, created_at, created_at + interval '30 days',
              created_at + interval '30 days', created_at
       FROM watchlist_proposal WHERE state = 'APPROVED'""",
    """INSERT INTO audit_entry (at, actor, action, subject, details, previous_sha256, entry_sha256)
       SELECT now() - n * interval '1 minute', 'Staff ' || n % 200,
              (ARRAY['customer.view', 'photo.identify', 'incident.view'])[1 + n % 3],
              'customer:' || md5('customer' || n % 1000), '{}', md5('' || n), md5('' || n + 1)
       FROM generate_series(1, CAST(:audit_entries AS int)) n""",
)
