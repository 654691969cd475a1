"""The gallery's size, for thresholds: exact while it is small, else near enough and cheap."""

import threading

import pytest

from vestibule.records import gallery
from vestibule.records.gallery import GallerySize
from vestibule.records.tables import Template
from vestibule.workflows import gallery_sizes
from vestibule.workflows.gallery_sizes import FRESH_FOR_S, GallerySizes


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[GallerySize]:
    """What the next counts find; the last one again and again."""
    found = [GallerySize(10_000, 50_000)]

    def size(_transaction: object, _space_id: str) -> GallerySize:
        return found.pop(0) if len(found) > 1 else found[0]

    monkeypatch.setattr(gallery_sizes.gallery, "size", size)
    return found


def test_a_large_gallery_is_estimated_from_a_part_of_it(stage):
    """Three templates for each third guest, one for the others; one guest in ten withdrew."""
    for number in range(20):
        kinds = [stage.axis((number + step) % stage.dimension) for step in range(1 + number % 3)]
        stage.guest(f"Guest {number}", *kinds, consent=number % 10 != 0)
    space_id = stage.runtime.engine.space.id
    with stage.runtime.database.begin() as transaction:
        exact = gallery.size(transaction, space_id)
        assert transaction.query(Template).count() > exact.templates
        # All pages are drawn where the part is the whole.
        whole = gallery._estimated_size(transaction, space_id, share=1.0)
    assert (exact.customers, whole) == (18, exact)


def test_more_templates_than_are_counted_are_estimated(stage, monkeypatch):
    stage.guest("Ada", stage.axis(0), stage.axis(1))
    space_id = stage.runtime.engine.space.id
    asked = []
    monkeypatch.setattr(
        gallery,
        "_estimated_size",
        lambda _transaction, _space, *, share: asked.append(share) or GallerySize(7, 9),
    )
    with stage.runtime.database.begin() as transaction:
        assert gallery.size(transaction, space_id, counted_at_most=-2) == GallerySize(7, 9)
        assert gallery.size(transaction, space_id) == GallerySize(1, 2)
    assert len(asked) == 1


def test_a_large_size_is_kept_for_a_while_and_a_small_one_never(counts):
    now = [0.0]
    sizes = GallerySizes(lambda: now[0])
    counts[:] = [GallerySize(1, 5), GallerySize(2, 9), GallerySize(9_000, 40_000)]
    seen = [sizes.of(None, "space") for _ in range(5)]
    assert [size.customers for size in seen] == [1, 2, 9_000, 9_000, 9_000]
    counts[:] = [GallerySize(9_500, 41_000)]
    now[0] = FRESH_FOR_S - 1
    assert sizes.of(None, "space").customers == 9_000
    now[0] = FRESH_FOR_S + 1
    assert sizes.of(None, "space").customers == 9_500
    assert sizes.of(None, "another").customers == 9_500


@pytest.mark.usefixtures("counts")
def test_while_one_counts_the_others_go_by_the_last_count(monkeypatch):
    now = [0.0]
    sizes = GallerySizes(lambda: now[0])
    assert sizes.of(None, "space").customers == 10_000
    now[0] = FRESH_FOR_S + 1
    began, may_end = threading.Event(), threading.Event()

    def slowly(_transaction: object, _space_id: str) -> GallerySize:
        began.set()
        assert may_end.wait(30)
        return GallerySize(11_000, 55_000)

    monkeypatch.setattr(gallery_sizes.gallery, "size", slowly)
    found = []
    counting = threading.Thread(target=lambda: found.append(sizes.of(None, "space")))
    counting.start()
    assert began.wait(30)
    assert sizes.of(None, "space").customers == 10_000
    may_end.set()
    counting.join(30)
    assert [size.customers for size in found] == [11_000]
    assert sizes.of(None, "space").customers == 11_000


@pytest.mark.usefixtures("counts")
def test_guests_elsewhere_are_kept_beside_a_large_size_only(monkeypatch):
    now, elsewhere = [0.0], [7, 8, 9]
    monkeypatch.setattr(gallery_sizes.gallery, "customers_elsewhere", lambda *_of: elsewhere.pop(0))
    sizes = GallerySizes(lambda: now[0])
    assert sizes.elsewhere(None, "space") == 7
    sizes.of(None, "space")
    assert [sizes.elsewhere(None, "space") for _ in range(3)] == [8, 8, 8]
    now[0] = FRESH_FOR_S + 1
    assert sizes.elsewhere(None, "space") == 9
