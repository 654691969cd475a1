"""Messages are hints: twice, late, out of order or about nothing, the work is done once."""

import random
import time

from tests.faults.distributed.aftermath import connect, look_at
from tests.faults.distributed.site import Site
from vestibule.adapters.celery_queue import CeleryJobQueue, build_celery
from vestibule.domain.ids import JobId, new_uuid


def test_messages_twice_and_out_of_order_do_no_work_twice(site: Site) -> None:
    queue = CeleryJobQueue(build_celery(site.stack.redis.url))
    chance = random.Random(4)
    with site.stream() as stream:
        for _ in range(4):
            time.sleep(1.5)
            sent = [JobId(one) for one in _jobs_of(site, [p.id for p in stream.tally.accepted])]
            chance.shuffle(sent)
            for job_id in [*sent, *sent, JobId(new_uuid())]:
                queue.enqueue(job_id, queue="identify")
    found = look_at(site.stack, stream.tally.accepted)
    assert (found.lost, found.doubled, found.wrong, dict(found.failed)) == ([], [], [], {})
    assert len(stream.tally.accepted) > 10


def _jobs_of(site: Site, photos: list[str]) -> list:
    with connect(site.stack) as link:
        query = "SELECT job_id FROM photo WHERE id::text = ANY(%s)"
        return [row[0] for row in link.execute(query, [photos])]
