"""What joining faces into one run is worth: 16 faces at once against 16 runs of one."""

import time

from tests.bench.figures import percentile, ratio
from vestibule.domain.faces import RgbImage
from vestibule.ports import FaceEngine

FACES = 16


def measure_batches(engine: FaceEngine, image: RgbImage, *, repeats: int) -> dict[str, object]:
    """Median time of either way, taken in turns so that a slow moment hits both.

    Raises ValueError where no face is found in ``image``.
    """
    seen = engine.detect(image)
    if not seen:
        raise ValueError("no face to embed")
    faces = [seen[number % len(seen)] for number in range(FACES)]
    engine.embed(image, faces)
    together_s: list[float] = []
    singly_s: list[float] = []
    for _ in range(repeats):
        started = time.perf_counter()
        engine.embed(image, faces)
        between = time.perf_counter()
        for face in faces:
            engine.embed(image, [face])
        together_s.append(between - started)
        singly_s.append(time.perf_counter() - between)
    batch_s, ones_s = percentile(together_s, 0.5), percentile(singly_s, 0.5)
    return {
        "faces": FACES,
        "one_batch_ms": round(batch_s * 1000, 3),
        "batches_of_one_ms": round(ones_s * 1000, 3),
        "gain": ratio(ones_s, batch_s),
    }
