"""How fast the product embeds a gallery anew, against its engine alone over the same crops.

`python -m tests.bench.reembedding` writes build/reembed.json and the table in docs/benchmarks.md.
The product runs as a process, in the embedded mode, on a gallery of its own each round. It and the
engine take turns, the engine first and last, so that a slow moment hits both.
"""

import argparse
import hashlib
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np

from tests.bench import report
from tests.bench.figures import ratio
from tests.bench.machine import ROOT, describe_machine
from tests.bench.photos import sample_photos
from tests.bench.product import Product, running_product
from vestibule.adapters.onnx_engine import LowLight
from vestibule.domain.faces import Embeddings, RgbImage
from vestibule.domain.ids import new_uuid
from vestibule.ports import FaceEngine
from vestibule.records.tables import Template
from vestibule.settings import Settings
from vestibule.wiring import open_codec, open_embedded
from vestibule.wiring_parts import load_pack, threads
from vestibule.workflows.carry_over import face_of_crop
from vestibule.workflows.make_template import Rejection, template_from_photo
from vestibule.workflows.record_consent import ConsentGiven, add_consent
from vestibule.workflows.register_customer import NewCustomer, add_customer
from vestibule.workflows.runtime import Runtime
from vestibule.workflows.sealed_faces import load_crop, open_embeddings, seal_embedding
from vestibule.workflows.work_on_chunk import STEP_ITEMS

START = "<!-- reembed: written by `make bench-reembed`, do not edit -->"
END = "<!-- reembed: end -->"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
PACK, LOW_LIGHT = "dlib", "on"
AIM = 0.9
LAP_LIMIT_S = 1_800.0
LOOK_EVERY_S, NEARLY, LOOK_AT_THE_END_EVERY_S = 2.0, 0.9, 0.25
"""Seldom, and for the end as closely as it is to be timed: what a look takes counts as the
product's."""
SPREAD = 0.05
"""Of the noise that tells the copies of one face apart: they stay the nearest of each other."""


# ── the gallery ─────────────────────────────────────────────────────────────────────────────
def fill_gallery(data_dir: Path, size: int) -> list[bytes]:
    """An installation with ``size`` guests of one face each; their crops, which rows share."""
    with open_embedded(Settings(data_dir=data_dir)) as installation:
        runtime = installation.runtime
        faces = _enrolled(runtime)
        seen = open_embeddings(runtime, faces)
        generator = np.random.default_rng(1)
        for first in range(0, size, 100):
            with runtime.database.begin() as transaction:
                for number in range(first, min(size, first + 100)):
                    new = NewCustomer(name=f"Guest {number}")
                    guest = add_customer(runtime, transaction, new)
                    given = ConsentGiven(basis="explicit-consent", given_by="bench")
                    add_consent(runtime, transaction, guest.id, given, actor="bench")
                    face = faces[number % len(faces)]
                    noisy = _near(seen[face.id], generator)
                    transaction.add(_another(runtime, face, guest.id, number, noisy))
        return [load_crop(runtime, faces[n % len(faces)].crop_key) for n in range(size)]


def _enrolled(runtime: Runtime) -> list[Template]:
    """Of the sample photos that show one face. The rows are not stored, their crops are."""
    photos = sample_photos()
    made = [
        template_from_photo(runtime, photo.jpeg, customer_id=new_uuid(), source_sha256=photo.name)
        for photo in (*photos.enrolled, photos.one_face, *photos.mixture[:3])
    ]
    return [template for template in made if not isinstance(template, Rejection)]


def _near(embedding: Embeddings, generator: np.random.Generator) -> Embeddings:
    noise = generator.normal(0, SPREAD / np.sqrt(embedding.size), embedding.size)
    moved = (embedding + noise).astype(np.float32)
    near: Embeddings = moved / np.linalg.norm(moved)
    return near


def _another(
    runtime: Runtime, face: Template, customer_id: UUID, number: int, embedding: Embeddings
) -> Template:
    template_id = new_uuid()
    return Template(
        id=template_id,
        customer_id=customer_id,
        space_id=face.space_id,
        embedding=seal_embedding(
            runtime, embedding, template_id=template_id, customer_id=customer_id
        ),
        crop_key=face.crop_key,
        source_sha256=hashlib.sha256(f"bench {number}".encode()).hexdigest(),
        quality=face.quality,
        created_at=face.created_at,
    )


# ── the engine alone ────────────────────────────────────────────────────────────────────────
def engine_lap(
    engine: FaceEngine, crops: Sequence[RgbImage], *, at_once: int, step: int
) -> dict[str, float]:
    """Find the face in each crop, embed a step's faces in one call."""
    steps = [crops[start : start + step] for start in range(0, len(crops), step)]
    started, spent_before_s = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(at_once) as pool:
        embedded = sum(pool.map(lambda some: _embedded(engine, some), steps))
    assert embedded == len(crops)
    return {
        "faces_per_second": embedded / (time.perf_counter() - started),
        "cpu_s_a_face": (time.process_time() - spent_before_s) / embedded,
    }


def _embedded(engine: FaceEngine, crops: Sequence[RgbImage]) -> int:
    faces = [(crop, face) for crop in crops if (face := face_of_crop(engine, crop)) is not None]
    return len(engine.embed_each(faces))


# ── the product ─────────────────────────────────────────────────────────────────────────────
def product_lap(data_dir: Path, size: int) -> dict[str, float]:
    """Faces a second from the answer to the request until all are settled, and to the end."""
    with running_product(data_dir) as product, product.client() as http:
        return _followed(product, http, size)


def _followed(product: Product, http: httpx.Client, size: int) -> dict[str, float]:
    asked = {"kind": "reembed", "pack": PACK, "low_light": LOW_LIGHT, "pace": "full"}
    answer = http.post("/v1/batches", json=asked)
    answer.raise_for_status()
    started, spent_before_s = time.perf_counter(), product.cpu_seconds()
    settled_s: float | None = None
    path = f"/v1/batches/{answer.json()['id']}"
    while (now_s := time.perf_counter() - started) < LAP_LIMIT_S:
        batch = http.get(path).raise_for_status().json()
        if settled_s is None and batch["settled"] == size:
            settled_s = time.perf_counter() - started
            spent_s = product.cpu_seconds() - spent_before_s
        if batch["state"] != "running":
            break
        is_near = batch["settled"] >= NEARLY * size
        time.sleep(LOOK_AT_THE_END_EVERY_S if is_near else LOOK_EVERY_S)
    if batch["state"] != "done" or batch["failed"] or settled_s is None:
        raise RuntimeError(f"the batch did not end well: {batch}")
    return {
        "faces_per_second": size / settled_s,
        "to_the_end_s": now_s,
        "cpu_s_a_face": spent_s / size,
    }


# ── figures ─────────────────────────────────────────────────────────────────────────────────
def shares(engine: Sequence[float], product: Sequence[float]) -> list[float]:
    """Of each round: the product's rate over the mean of the engine's before and after it."""
    if len(engine) != len(product) + 1:
        raise ValueError("the engine runs first and last")
    around = itertools.pairwise(engine)
    return [rate / statistics.fmean(pair) for rate, pair in zip(product, around, strict=True)]


def measured(size: int, rounds: int, folder: Path) -> dict[str, Any]:
    settings = Settings()
    contents = fill_gallery(folder / "1", size)
    engine = load_pack(settings, PACK, LowLight(LOW_LIGHT))
    crops = _decoded(contents, settings)
    at_once, step = max(1, threads(settings).workers - 1), STEP_ITEMS["REEMBED"]
    engine_lap(engine, crops[:step], at_once=1, step=step)  # first runs of a network are slow
    alone, product = [], []
    for number in range(1, rounds + 1):
        alone.append(engine_lap(engine, crops, at_once=at_once, step=step))
        product.append(product_lap(folder / str(number), size))
        if number < rounds:
            fill_gallery(folder / str(number + 1), size)
    alone.append(engine_lap(engine, crops, at_once=at_once, step=step))
    found = shares(_rates(alone), _rates(product))
    return {
        "templates": size,
        "pack": PACK,
        "rounds": rounds,
        "at_once": at_once,
        "intra_op_threads": threads(settings).intra_op,
        "step": step,
        "engine": [_rounded(lap) for lap in alone],
        "product": [_rounded(lap) for lap in product],
        "shares": [round(share, 4) for share in found],
        "share": ratio(statistics.median(found), 1),
    }


def _rates(laps: Sequence[Mapping[str, float]]) -> list[float]:
    return [lap["faces_per_second"] for lap in laps]


def _rounded(lap: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in lap.items()}


def _decoded(contents: Sequence[bytes], settings: Settings) -> list[RgbImage]:
    codec, once = open_codec(settings), dict[bytes, RgbImage]()
    for content in contents:
        if content not in once:
            once[content] = codec.decode_upright(content)
    return [once[content] for content in contents]


def as_markdown(figures: report.Figures) -> str:
    engine, product = figures["engine"], figures["product"]
    low, high = min(figures["shares"]), max(figures["shares"])
    spent, needed = _median(product, "cpu_s_a_face"), _median(engine, "cpu_s_a_face")
    rows = [
        ("engine alone, faces a second", f"{_median(engine, 'faces_per_second'):.2f}", ""),
        ("product, faces a second", f"{_median(product, 'faces_per_second'):.2f}", ""),
        (
            "share of the engine's rate",
            f"{figures['share']:.1%} ({low:.1%} to {high:.1%})",
            "≥ 90 %",
        ),
        (
            "processor time a face: product with its database / engine alone",
            f"{spent * 1000:.1f} / {needed * 1000:.1f} ms",
            "",
        ),
        (
            "until it is complete, proved and compared",
            f"{_median(product, 'to_the_end_s'):.0f} s",
            "",
        ),
    ]
    lines = [
        report.machine_line(figures["machine"]),
        "",
        f"{figures['templates']:,} faces into `{figures['pack']}`, pace full, "
        f"{figures['at_once']} at a time with {figures['intra_op_threads']} threads a run; medians "
        f"of {figures['rounds']} rounds.",
        "",
        "| measure | figure | aim |",
        "| --- | --- | --- |",
        *(f"| {name} | {figure} | {aim} |" for name, figure, aim in rows),
    ]
    return "\n".join(lines)


def _median(laps: Sequence[Mapping[str, float]], name: str) -> float:
    return statistics.median(lap[name] for lap in laps)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reembedding", description=__doc__)
    parser.add_argument("--templates", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "reembed.json")
    parser.add_argument("--document", type=Path, default=DOCUMENT)
    arguments = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(arguments.templates, arguments.rounds, Path(folder))
    figures = {"machine": machine, **found}
    report.write_json(figures, arguments.out)
    report.write_between(START, as_markdown(figures), END, arguments.document)
    sys.stderr.write(as_markdown(figures) + "\n")


if __name__ == "__main__":
    main()
