"""Runs `face_recognition` over a folder of photos on every core; prints one JSON line.

A process of its own, which imports nothing of ours: arguments are the folder, the number of worker
processes and the seconds to go on for. A photo is read, decoded, searched for faces (HOG, default
upsampling), every face is encoded and compared with the encodings of the first photos.
"""

import json
import multiprocessing
import sys
import time
from pathlib import Path

import face_recognition  # type: ignore[import-not-found]  # lives in build/peer
import numpy as np
import numpy.typing as npt

GALLERY: list[npt.NDArray[np.float64]] = []


def identify(path: str) -> int:
    """How many faces were found in one photo."""
    image = face_recognition.load_image_file(path)
    places = face_recognition.face_locations(image)
    encodings = face_recognition.face_encodings(image, places)
    for encoding in encodings:
        face_recognition.face_distance(GALLERY, encoding)
    return len(encodings)


def remember(paths: list[str]) -> None:
    """Set up one worker: models are loaded and the gallery is filled before the clock starts."""
    for path in paths:
        image = face_recognition.load_image_file(path)
        GALLERY.extend(face_recognition.face_encodings(image))


def measure(folder: Path, *, workers: int, seconds: float) -> dict[str, object]:
    paths = sorted(str(path) for path in folder.iterdir())
    with multiprocessing.Pool(workers, remember, (paths[:2],)) as pool:
        list(pool.imap_unordered(identify, paths[:1] * workers))
        photos = faces = 0
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            faces += sum(pool.imap_unordered(identify, paths, chunksize=1))
            photos += len(paths)
        elapsed = time.perf_counter() - started
    return {"photos": photos, "faces": faces, "seconds": round(elapsed, 3), "workers": workers}


if __name__ == "__main__":
    figures = measure(Path(sys.argv[1]), workers=int(sys.argv[2]), seconds=float(sys.argv[3]))
    sys.stdout.write(json.dumps(figures) + "\n")
