"""Index against record, page by page: what is missing or too much is found at every edge."""

import random
from uuid import UUID

import pytest

from vestibule.domain.ids import CustomerId, TemplateId
from vestibule.ports import IndexEntry
from vestibule.workflows import index_templates
from vestibule.workflows.compare_index import compare_index


@pytest.fixture
def gallery_of_ten(stage) -> list[TemplateId]:
    index_templates.reconcile_index(stage.runtime)  # what another test has left in the index
    for number in range(10):
        stage.guest(f"Guest {number}", stage.axis(number))
    return sorted(stage.runtime.index.template_ids(stage.runtime.generation))


@pytest.mark.parametrize("page", [1, 3, 10, 11])
@pytest.mark.parametrize("seed", range(3))
def test_every_difference_is_found_once_whatever_the_page(stage, gallery_of_ten, page, seed):
    chance = random.Random(seed)
    runtime, generation = stage.runtime, stage.runtime.generation
    lost = set(chance.sample(gallery_of_ten, seed * 2))
    runtime.index.delete(generation, lost)
    strange = {TemplateId(UUID(int=chance.getrandbits(128))) for _ in range(seed * 3)}
    strange |= {TemplateId(UUID(int=0)), TemplateId(UUID(int=2**128 - 1))} if seed else set()
    somebody = CustomerId(UUID(int=1))
    entries = [IndexEntry(one, somebody, stage.axis(0)) for one in strange]
    runtime.index.upsert(generation, entries)
    parts = list(compare_index(runtime, generation, page=page))
    assert sorted(one for part in parts for one in part.missing) == sorted(lost)
    assert sorted(one for part in parts for one in part.surplus) == sorted(strange)
    assert sum(part.recorded for part in parts) == 10


def test_reconciling_mends_what_was_found(stage, gallery_of_ten):
    runtime, generation = stage.runtime, stage.runtime.generation
    runtime.index.delete(generation, gallery_of_ten[3:7])
    assert index_templates.reconcile_index(runtime) == (4, 0)
    assert sorted(runtime.index.template_ids(generation)) == gallery_of_ten
    assert index_templates.reconcile_index(runtime) == (0, 0)


def test_an_empty_gallery_beside_an_empty_index_is_one_empty_part(stage):
    index_templates.reconcile_index(stage.runtime)
    [part] = compare_index(stage.runtime, stage.runtime.generation)
    assert (part.recorded, part.missing, part.surplus) == (0, [], [])
