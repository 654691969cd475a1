"""What sealing templates costs where they are read: the index rebuilt from plain and sealed rows.

`python -m tests.bench.sealed_rebuild` prints seconds a round for both, in turns on one gallery and
machine; and how long it took to seal what was there. Searching reads no row.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import update

from tests.bench.machine import describe_machine
from vestibule.domain.faces import Embeddings
from vestibule.domain.ids import new_uuid
from vestibule.records import gallery
from vestibule.records.tables import Template
from vestibule.settings import Settings
from vestibule.wiring import open_embedded
from vestibule.workflows.index_templates import reconcile_index
from vestibule.workflows.record_consent import ConsentGiven, add_consent
from vestibule.workflows.register_customer import NewCustomer, add_customer
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.seal_faces import seal_some
from vestibule.workflows.sealed_faces import open_embeddings

ROUNDS = 3
_A_TRANSACTION = 200


def fill(runtime: Runtime, size: int, *, each: int = 1) -> None:
    """So many guests with ``each`` plain templates, as a release wrote them that did not seal."""
    random, space = np.random.default_rng(1), runtime.engine.space
    for start in range(0, size, _A_TRANSACTION):
        with runtime.database.begin() as transaction:
            for number in range(start, min(size, start + _A_TRANSACTION)):
                guest = add_customer(runtime, transaction, NewCustomer(name=f"Guest {number}"))
                given = ConsentGiven(basis="explicit-consent", given_by="bench")
                add_consent(runtime, transaction, guest.id, given, actor="bench")
                for _ in range(each):
                    vector = random.standard_normal(space.dimension).astype(np.float32)
                    transaction.add(_template(runtime, guest.id, vector / np.linalg.norm(vector)))


def _template(runtime: Runtime, guest_id: UUID, vector: Embeddings) -> Template:
    template_id = new_uuid()
    return Template(
        id=template_id,
        customer_id=guest_id,
        space_id=runtime.engine.space.id,
        embedding=gallery.to_bytes(vector),
        crop_key=f"customers/{guest_id}/none.jpg",
        source_sha256=template_id.hex * 2,
        quality={},
        created_at=runtime.clock.now(),
    )


def rebuild_s(runtime: Runtime) -> float:
    """Of an empty index; the keys are not known yet, as after a start."""
    runtime.index.keep_only([])
    runtime.customer_keys.forget()  # type: ignore[attr-defined]  # of the adapter, for this alone
    began = time.perf_counter()
    reconcile_index(runtime)
    return time.perf_counter() - began


def unseal_all(runtime: Runtime) -> None:
    with runtime.database.begin() as transaction:
        rows = transaction.query(Template).all()
        for template_id, embedding in open_embeddings(runtime, rows).items():
            plain = gallery.to_bytes(embedding)
            change = update(Template).where(Template.id == template_id).values(embedding=plain)
            transaction.execute(change)


def seal_all_s(runtime: Runtime) -> float:
    began = time.perf_counter()
    while seal_some(runtime):
        pass
    return time.perf_counter() - began


def measure(size: int) -> dict[str, object]:
    with (
        tempfile.TemporaryDirectory() as folder,
        open_embedded(Settings(_env_file=None, data_dir=Path(folder))) as installation,
    ):
        runtime = installation.runtime
        fill(runtime, size)
        plain, sealed, sealing = [], [], []
        for _ in range(ROUNDS):
            plain.append(rebuild_s(runtime))
            sealing.append(seal_all_s(runtime))
            sealed.append(rebuild_s(runtime))
            unseal_all(runtime)
    return {
        "templates": size,
        "plain_s": statistics.median(plain),
        "sealed_s": statistics.median(sealed),
        "ratio": statistics.median(sealed) / statistics.median(plain),
        "sealing_s": statistics.median(sealing),
        "machine": describe_machine(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--templates", type=int, default=20_000)
    sys.stdout.write(
        json.dumps(measure(parser.parse_args().templates), indent=1, default=str) + "\n"
    )


if __name__ == "__main__":
    main()
