"""Runs `face_recognition` over a folder of photos on every core; prints one JSON line.

A process of its own, which imports nothing of ours: arguments are the folder, the number of worker
processes and the seconds to go on for. A photo is read, decoded, searched for faces (HOG, default
upsampling), every face is encoded and compared with the encodings of the first photos.
"""

import json
import multiprocessing
import multiprocessing.pool
import sys
import time
from pathlib import Path

import face_recognition  # type: ignore[import-not-found]  # lives in build/peer
import numpy as np
import numpy.typing as npt

GALLERY: list[npt.NDArray[np.float64]] = []


def identify(path: str) -> tuple[int, float]:
    """How many faces were found in one photo, and the processor seconds that it took."""
    spent_before_s = time.process_time()
    image = face_recognition.load_image_file(path)
    places = face_recognition.face_locations(image)
    encodings = face_recognition.face_encodings(image, places)
    for encoding in encodings:
        face_recognition.face_distance(GALLERY, encoding)
    return len(encodings), time.process_time() - spent_before_s


def remember(paths: list[str]) -> None:
    """Set up one worker: models are loaded and the gallery is filled before the clock starts."""
    for path in paths:
        image = face_recognition.load_image_file(path)
        GALLERY.extend(face_recognition.face_encodings(image))


def measure(folder: Path, *, workers: int, seconds: float) -> dict[str, object]:
    """One round over the photos to warm up and to see how many rounds fill ``seconds``."""
    paths = sorted(str(path) for path in folder.iterdir())
    with multiprocessing.Pool(workers, remember, (paths[:2],)) as pool:
        one_round_s, _ = _timed(pool, paths)
        rounds = max(1, round(seconds / one_round_s))
        elapsed_s, outcomes = _timed(pool, paths * rounds)
    return {
        "photos": len(outcomes),
        "faces": sum(faces for faces, _ in outcomes),
        "seconds": round(elapsed_s, 3),
        "workers": workers,
        "cpu_s_a_photo": round(sum(spent_s for _, spent_s in outcomes) / len(outcomes), 3),
    }


def _timed(
    pool: multiprocessing.pool.Pool, paths: list[str]
) -> tuple[float, list[tuple[int, float]]]:
    started = time.perf_counter()
    outcomes = list(pool.imap_unordered(identify, paths, chunksize=1))
    return time.perf_counter() - started, outcomes


if __name__ == "__main__":
    figures = measure(Path(sys.argv[1]), workers=int(sys.argv[2]), seconds=float(sys.argv[3]))
    sys.stdout.write(json.dumps(figures) + "\n")
