"""Lists of guests stay quick among tens of thousands: no query of theirs reads a whole table."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.integration.crowded_tables import fill
from tests.integration.test_incident_plans import said_to
from vestibule.domain.night import night_of
from vestibule.records import (
    customer_imports,
    customers,
    duplicates,
    erasures,
    merges,
    offers,
    timeline,
    venues,
    visits,
)
from vestibule.records.customer_search import search
from vestibule.records.database import Transaction
from vestibule.records.timeline import PERMISSION_BY_KIND
from vestibule.wiring import EmbeddedInstallation, open_embedded

CUSTOMERS, VISITS = 20_000, 20_000
LARGE = ("customer", "visit")
QUERIES = ("", "zoe", "lefevbre", "zo", "06 10 00 47 11", "bulk-47", "g4711@bulk", "zoe lefevre")
_FILL = """
INSERT INTO customer (id, venue_id, name, folded_name, notes, reference, email, phone, phone_key,
                      birth_date, tags, status, is_demo, created_at, updated_at)
SELECT gen_random_uuid(), :venue, 'Guest ' || n, substr(md5(n::text), 1, 7) || ' ' ||
       substr(md5((n % 997)::text), 1, 9), '', 'bulk-' || n, 'g' || n || '@bulk.example',
       '+336' || (10000000 + n), '6' || (10000000 + n), date '1970-01-01' + n % 12000,
       CASE WHEN n % 1000 = 0 THEN '["vip"]'::jsonb ELSE '[]'::jsonb END, 'ACTIVE', false,
       :now, :now
FROM generate_series(1, :customers) n;
INSERT INTO visit (id, customer_id, venue_id, night, entered_at, source)
SELECT gen_random_uuid(), id, :venue, CAST(:now - n % 300 * interval '1 day' AS date),
       :now - n % 300 * interval '1 day', 'hand'
FROM (SELECT id, row_number() OVER () n FROM customer WHERE reference LIKE 'bulk-%') numbered
LIMIT :visits;
"""


@pytest.fixture(scope="module")
def open_stage(make_settings) -> Iterator[EmbeddedInstallation]:
    """An installation of its own, or its tables would stay as large for every other test."""
    with open_embedded(make_settings()) as installation:
        yield installation


@pytest.fixture
def crowded(stage, open_stage) -> Iterator[tuple[Transaction, UUID, UUID]]:
    """Tables as large as those of a chain."""
    guest = stage.guest("Zoé Lefèvre")
    with stage.runtime.database.begin() as transaction:
        venue_id = venues.home(transaction).id
    values = {
        "venue": venue_id,
        "now": stage.runtime.clock.now(),
        "customers": CUSTOMERS,
        "visits": VISITS,
    }
    fill(open_stage, _FILL, values, tables=LARGE)
    with stage.runtime.database.begin() as transaction:
        yield transaction, guest.id, venue_id


def whole_reads(transaction, sent) -> list[str]:
    connection = transaction.connection()
    return [
        f"{line.strip()}: {statement[:2_000]}"
        for statement, parameters in sent
        for line in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
        if any(f"Seq Scan on {table} " in line for table in LARGE)
    ]


def test_no_list_of_guests_and_nothing_about_one_reads_a_whole_table(crowded, stage):
    transaction, guest_id, venue_id = crowded
    now = stage.runtime.clock.now()
    night = night_of(now, timezone="Europe/Paris", closes_at_hour=8)
    guest = customers.find(transaction, guest_id)
    with said_to(transaction) as sent:
        for query in QUERIES:
            page = search(transaction, query, limit=30)
            if page.next_after:
                search(transaction, query, limit=30, after=page.next_after)
            search(transaction, query, limit=30, tag="vip")
        everything = dict.fromkeys(PERMISSION_BY_KIND)
        timeline.timeline(transaction, guest_id, allowed=everything, limit=30, now=now)
        timeline.timeline(
            transaction,
            guest_id,
            allowed=everything,
            limit=30,
            before=(now, guest_id),
            now=now,
        )
        offers.page_of(transaction, guest_id, limit=30, after=None, now=now)
        offers.open_at_door(transaction, [guest_id], venue_id=venue_id, now=now)
        customers.overviews_by_id(transaction, [guest_id])
        duplicates.list_pairs(transaction, limit=25)
        duplicates.of_customer(transaction, guest_id)
        duplicates.look_for(transaction, guest, now=now)
        merges.of_customer(transaction, guest_id)
        merges.merged_into(transaction, guest_id)
        visits.count_night(transaction, venue_id=venue_id, night=night)
        visits.list_night(transaction, venue_id=venue_id, night=night, limit=30)
        customer_imports.latest(transaction, limit=20)
        customer_imports.page_of_all(transaction, guest_id)
        customers.find_by_reference(transaction, "bulk-7")
        erasures.customers_without_one(transaction)

    assert whole_reads(transaction, sent) == []
