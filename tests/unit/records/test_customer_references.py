"""No table names customers without a word on what a merge does with it."""

from vestibule.records.all_tables import METADATA
from vestibule.records.customer_references import REFERENCES, How


def test_every_foreign_key_to_customers_has_a_line_and_no_line_is_left_over():
    keys = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "customer"
    }
    assert sorted(reference.name for reference in REFERENCES) == sorted(keys)


def test_rows_that_move_are_found_again_by_one_key_that_does_not_move():
    for reference in REFERENCES:
        if reference.how is How.MOVES:
            keys = METADATA.tables[reference.table].primary_key.columns.keys()
            assert len(keys) == 1 and keys != [reference.column], reference.name


def test_no_row_that_names_a_customer_outlives_them():
    for table in METADATA.tables.values():
        for key in table.foreign_keys:
            if key.column.table.name == "customer":
                assert key.ondelete in ("CASCADE", "SET NULL"), key.parent
