"""Whatever breaks: no accepted photo is lost, done twice or shown wrongly, and nobody waits long.

``make test-faults`` runs the quick faults, ``make faults`` all of them and publishes the figures.
"""

import time

import pytest

from tests.faults.distributed.aftermath import Aftermath, faces_counted_and_decided, look_at
from tests.faults.distributed.catalogue import Fault, chosen
from tests.faults.distributed.pages import Reader
from tests.faults.distributed.results import Costs, row_of
from tests.faults.distributed.site import Site
from tests.faults.distributed.uploads import Stream

BEFORE_S = 1.5
AFTER_S = 1.0
LONGEST_REQUEST_S = 30.0
CLEAR = {"202", "429 too_busy", "502", "507 storage_full"}
UNAVAILABLE = {f"503 {system}_unavailable" for system in ("database", "storage", "index", "broker")}
PAGES = {"200", "303", "502", "503", "504"}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("fault", chosen(), ids=str)
def test_no_photo_is_lost_doubled_or_shown_wrongly(site: Site, costs: Costs, fault: Fault) -> None:
    why_not = fault.needs(site)
    if why_not:
        costs.skip(fault, why_not)
        pytest.skip(why_not)
    with site.reader() as reader, site.stream() as stream:
        mending_began_s = _break_and_mend(site, fault, stream)
    found = look_at(site.stack, stream.tally.accepted)
    costs.note(row_of(fault, stream.tally, reader, found, mending_began_s=mending_began_s))
    _require_well(fault, found)
    _require_clear_answers(stream, reader, mending_began_s)


def _break_and_mend(site: Site, fault: Fault, stream: Stream) -> float:
    time.sleep(BEFORE_S)
    fault.begin(site)
    time.sleep(fault.lasts_s)
    mending_began_s = time.monotonic()
    fault.end(site)
    stream.wait_until_recovered(mending_began_s)
    time.sleep(AFTER_S)
    return mending_began_s


def _require_well(fault: Fault, found: Aftermath) -> None:
    assert found.lost == []
    assert found.doubled == []
    assert found.wrong == []
    assert set(found.failed) <= fault.may_fail


def _require_clear_answers(stream: Stream, reader: Reader, mending_began_s: float) -> None:
    tally = stream.tally
    assert set(tally.said()) <= CLEAR | UNAVAILABLE
    assert tally.said()["202"] > 0
    assert {answer.status for answer in tally.looks} <= {200, 502, 503}
    assert set(reader.said()) <= PAGES
    assert reader.faulty == []
    assert max(tally.longest_s(), reader.longest_s()) < LONGEST_REQUEST_S
    later = [p for p in tally.accepted if p.at_s >= mending_began_s]
    assert any(photo.state == "done" for photo in later), "no photo was done afterwards"


@pytest.fixture(scope="module", autouse=True)
def uncounted_before(site: Site) -> int:
    """Faces that other tests of this tier left, and which statistics rightly pass over."""
    counted, decided = faces_counted_and_decided(site.stack)
    return decided - counted


def test_statistics_count_every_face_once(site: Site, uncounted_before: int) -> None:
    counted, decided = faces_counted_and_decided(site.stack)
    assert decided - counted == uncounted_before
    assert counted > 0


def test_audit_chain_fits_after_all_that(site: Site) -> None:
    with site.client() as http:
        assert http.post("/v1/audit/verification").json()["broken_at"] is None
