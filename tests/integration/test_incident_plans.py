"""Lists stay quick among tens of thousands: no query of theirs reads a whole table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from tests.integration.crowded_tables import fill
from tests.integration.incident_house import House
from vestibule.domain.permissions import Role
from vestibule.records import incident_lists, incidents, purchases
from vestibule.records.database import Transaction
from vestibule.records.incident_lists import Filters, Sight
from vestibule.wiring import EmbeddedInstallation, open_embedded

INCIDENTS, PURCHASES = 50_000, 50_000
LARGE = ("incident", "incident_person", "incident_revision", "purchase")
_EMPTY = "TRUNCATE incident, purchase CASCADE;\n"
_FILL = """
INSERT INTO incident (id, venue_id, kind, severity, occurred_at, night, account, state, version,
                      reporter_id, is_demo, created_at, updated_at)
SELECT gen_random_uuid(), (ARRAY[:home, :other])[1 + n % 2],
       (ARRAY['violence', 'theft', 'fraud'])[1 + n % 3], 1 + n % 5,
       :now - n * interval '20 minutes', CAST(:now - n * interval '20 minutes' AS date), 'x',
       CASE WHEN n % 500 = 0 THEN 'REPORTED' ELSE 'VERIFIED' END, 1, :reporter, false, :now, :now
FROM generate_series(1, :incidents) n;
INSERT INTO incident_person (id, incident_id, customer_id, description, part)
SELECT gen_random_uuid(), id, CASE WHEN n % 5000 = 0 THEN CAST(:guest AS uuid) END,
       CASE WHEN n % 5000 <> 0 THEN 'somebody' END, 'actor'
FROM (SELECT id, row_number() OVER () n FROM incident) numbered;
INSERT INTO incident_revision (incident_id, version, action, by_id, at, changes)
SELECT id, 1, 'REPORTED', reporter_id, created_at, '{}' FROM incident
ON CONFLICT DO NOTHING;
INSERT INTO purchase (id, venue_id, customer_id, till, receipt, line, occurred_at, night,
                      amount_minor, currency, category, alcohol_hundredths, state, recorded_by,
                      created_at)
SELECT gen_random_uuid(), :home,
       CASE WHEN n % 500 = 0 THEN CAST(:guest AS uuid) ELSE CAST(:regular AS uuid) END, 'bulk',
       n::text, 0, :now - n * interval '5 minutes', CAST(:now AS date), 700, 'EUR', 'beer', 150,
       'VALID', 'till', :now
FROM generate_series(1, :purchases) n;
"""


@pytest.fixture(scope="module")
def open_stage(make_settings) -> Iterator[EmbeddedInstallation]:
    """An installation of its own, or its tables would stay as large for every other test."""
    with open_embedded(make_settings()) as installation:
        yield installation


@pytest.fixture
def crowded(stage, open_stage) -> Iterator[tuple[House, Transaction, UUID]]:
    """Tables as large as those of a chain."""
    house = House(stage)
    guest, regular = stage.guest("Zoé"), stage.guest("Ana")
    values = {
        "home": house.venue_id,
        "other": house.other_venue(),
        "reporter": house.staff(Role.DOOR).account_id,
        "guest": guest.id,
        "regular": regular.id,
        "now": house.runtime.clock.now(),
        "incidents": INCIDENTS,
        "purchases": PURCHASES,
    }
    fill(open_stage, _EMPTY + _FILL, values, tables=LARGE)
    with house.runtime.database.begin() as transaction:
        yield house, transaction, guest.id


@contextmanager
def said_to(transaction) -> Iterator[list[tuple[str, object]]]:
    """Every SELECT that is sent meanwhile."""
    sent: list[tuple[str, object]] = []

    def listen(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if statement.lstrip().startswith("SELECT"):
            sent.append((statement, parameters))

    engine = transaction.get_bind().engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def whole_reads(transaction, sent) -> list[str]:
    """Large tables that one of these queries would read from end to end."""
    connection = transaction.connection()
    found = []
    for statement, parameters in sent:
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
        found += [
            f"{line.strip()} in {statement.partition('WHERE')[2]}"
            for line in plan
            if any(f"Seq Scan on {table} " in line for table in LARGE)
        ]
    return found


def test_no_list_of_incidents_reads_a_whole_table(crowded):
    house, transaction, guest_id = crowded
    now, somebody = house.runtime.clock.now(), uuid4()
    sights = [Sight(None, None), Sight({house.venue_id}, somebody), Sight(frozenset(), somebody)]
    asked = [
        Filters(),
        Filters(states=("REPORTED",)),
        Filters(kinds=("fraud",), least_severity=4),
        Filters(venue_id=house.venue_id),
        Filters(customer_id=guest_id),
        Filters(reported_by_id=somebody),
        Filters(since=now - timedelta(days=7), until=now),
    ]
    with said_to(transaction) as sent:
        for sight in sights:
            incident_lists.open_count(transaction, sight)
            for filters in asked:
                first = incident_lists.page(transaction, sight, filters, limit=25)
                after = first.next_after
                incident_lists.page(transaction, sight, filters, limit=25, after=after)

    assert whole_reads(transaction, sent) == []


def test_nothing_about_one_guest_or_one_incident_reads_a_whole_table(crowded):
    house, transaction, guest_id = crowded
    now = house.runtime.clock.now()
    with said_to(transaction) as sent:
        page = incident_lists.page(transaction, Sight(None, None), Filters(), limit=1)
        incident_id = page.items[0].incident.id
        incidents.revisions_of(transaction, incident_id)
        incidents.attachments_of(transaction, incident_id)
        incidents.customers_in(transaction, incident_id)
        incidents.past_of(transaction, guest_id)
        purchases.page_of(transaction, guest_id, limit=25, after=(now, uuid4()))
        purchases.spent(transaction, guest_id, since=now - timedelta(days=30), until=now)
        purchases.favourites(transaction, guest_id, since=now - timedelta(days=180), limit=3)
        purchases.who_needs_care(transaction, [guest_id], now=now)
        purchases.by_line(transaction, [(house.venue_id, "bulk", "7", 0)])
        purchases.on_receipt(transaction, house.venue_id, "bulk", "7", line=None)

    assert whole_reads(transaction, sent) == []
