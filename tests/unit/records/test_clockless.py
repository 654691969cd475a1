"""No table is forgotten: each goes by a clock, or it is said why it has none."""

from datetime import UTC, datetime

import pytest

from vestibule.records.all_tables import METADATA
from vestibule.records.clockless import CLOCKLESS, clocked

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.duty("GDPR 5(1)(e)")
def test_art_5_1_e_every_table_has_a_clock_or_a_reason_and_no_reason_is_left_over():
    assert sorted({*CLOCKLESS, *clocked(NOW)}) == sorted(METADATA.tables)


def test_what_goes_with_a_guest_goes_by_its_foreign_key():
    for name, reason in CLOCKLESS.items():
        if reason == "goes with the guest's file":
            keys = [
                key
                for key in METADATA.tables[name].foreign_keys
                if key.column.table.name == "customer"
            ]
            assert keys and all(key.ondelete == "CASCADE" for key in keys), name
