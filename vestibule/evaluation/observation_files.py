"""Observations kept in a file, so that evaluating and calibrating look at a set once."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.embedding_space import EmbeddingSpace, Metric
from vestibule.domain.errors import InvalidInputError
from vestibule.evaluation.datasets import Dataset, GroupPhoto
from vestibule.evaluation.degradations import LIGHTS, Degradation
from vestibule.evaluation.observation import Observations, Progress, observe
from vestibule.ports import FaceEngine, PhotoCodec


def observe_once(
    path: Path | None,
    dataset: Dataset,
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    seed: int,
    progress: Progress | None = None,
) -> Observations:
    """Observe in every light (see ``observe``), or take it from the file if it is of the same.

    The same: photos by their keys and sizes, seed and embedding space. Without a path nothing is
    kept.
    """
    key = fingerprint(dataset, engine.space, seed=seed)
    known = load_observations(path, key=key) if path is not None else None
    if known is not None:
        return known
    observed = observe(dataset, engine, codec, lights=LIGHTS, seed=seed, progress=progress)
    if path is not None:
        save_observations(observed, path, key=key)
    return observed


def fingerprint(dataset: Dataset, space: EmbeddingSpace, *, seed: int) -> str:
    photos = [(photo.key, photo.path.stat().st_size) for photo in dataset.labelled]
    groups = [(group.key, group.path.stat().st_size) for group in dataset.groups]
    said = json.dumps([space.id, seed, [light.value for light in LIGHTS], photos, groups])
    return hashlib.sha256(said.encode()).hexdigest()


def save_observations(observed: Observations, path: Path, *, key: str) -> None:
    """Write them, and the folder if need be. The file holds embeddings: keep it to yourself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    space = observed.space
    facts = {
        "key": key,
        "space": [space.id, space.pack, space.metric.value, space.dimension],
        "people": observed.people,
        "refusals": {light.value: list(why) for light, why in observed.refusals.items()},
        "groups": [[group.key, str(group.path), group.expected_faces] for group in observed.groups],
        "faces_in_groups": {k.value: list(v) for k, v in observed.faces_in_groups.items()},
        "unreadable": observed.unreadable,
    }
    arrays: dict[str, NDArray[Any]] = {
        f"embeddings_{k.value}": rows for k, rows in observed.embeddings.items()
    }
    arrays |= {f"brightness_{k.value}": row for k, row in observed.brightness.items()}
    arrays |= {"person_of_photo": observed.person_of_photo, "enrollable": observed.enrollable}
    with path.open("wb") as file:
        np.savez(file, facts=np.array(json.dumps(facts)), **arrays)  # type: ignore[arg-type]  # its stub takes the names for its own option


def load_observations(path: Path, *, key: str) -> Observations | None:
    """What was saved under this key, or None if there is no file or it has another.

    Raises InvalidInputError for a file that is not one of ours.
    """
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            arrays = {name: stored[name] for name in stored.files if name != "facts"}
        if facts["key"] != key:
            return None
        space_id, pack, metric, dimension = facts["space"]
        lights = [Degradation(name) for name in facts["refusals"]]
        return Observations(
            space=EmbeddingSpace(space_id, pack, Metric(metric), dimension),
            people=tuple(facts["people"]),
            person_of_photo=arrays["person_of_photo"],
            embeddings={light: arrays[f"embeddings_{light.value}"] for light in lights},
            refusals={light: tuple(facts["refusals"][light.value]) for light in lights},
            brightness={light: arrays[f"brightness_{light.value}"] for light in lights},
            enrollable=arrays["enrollable"],
            groups=tuple(GroupPhoto(Path(at), key, n) for key, at, n in facts["groups"]),
            faces_in_groups={k: tuple(facts["faces_in_groups"][k.value]) for k in lights},
            unreadable=facts["unreadable"],
        )
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InvalidInputError("This file does not hold observations.", file=path.name) from error
