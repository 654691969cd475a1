"""Lists and searches over many rows: every query of them finds its rows by an index."""

import pytest

from services.api.main import create_api
from tests.bench.lists import REQUESTS, SOMEBODY, ask_all, filled_product
from tests.bench.many_rows import SMALL


def test_every_list_of_the_api_is_measured():
    asked = {one.split("?")[0].replace(SOMEBODY, "{customer_id}") for one in REQUESTS}
    not_of_the_size_of_a_chain = {"/v1/batches/{batch_id}/failures"}
    lists = {
        path
        for path, item in create_api(None).openapi()["paths"].items()
        if {"cursor", "offset"} & {one["name"] for one in item.get("get", {}).get("parameters", ())}
    }

    assert lists - not_of_the_size_of_a_chain <= asked


@pytest.mark.timeout(600)
def test_no_list_reads_a_big_table_from_end_to_end(make_settings):
    with filled_product(SMALL, make_settings()) as (product, http):
        asked = ask_all(product, http, repeats=1)

    assert [one.refused for one in asked if one.refused] == []
    assert {one.request: one.sequential for one in asked if one.sequential} == {}
