"""What the gate at enrolment refuses: of good photos, and of faults drawn into them."""

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vestibule.domain.calibration import Calibration
from vestibule.domain.errors import PhotoRefusedError
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage
from vestibule.domain.prominence import Ambiguous, prominent_face
from vestibule.domain.quality import Fault, Verdict, judge_inspection
from vestibule.domain.quality.identity import check_other_customers, check_own_templates
from vestibule.evaluation.datasets import Dataset, LabelledPhoto
from vestibule.evaluation.enrolment_faults import (
    FAULTS,
    DrawnFault,
    TurnedHead,
    turned_in_space,
)
from vestibule.ports import FaceEngine, PhotoCodec

Progress = Callable[[int, int], None]
TEMPLATES = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class FaultResult:
    """Of ``faces`` with a fault, how many were refused, and how many by its own name."""

    name: str
    named: Fault
    faces: int
    refused: int
    named_so: int


@dataclass(frozen=True, slots=True)
class OwnResult:
    """A customer with so many templates: share of their own photos refused, of others' let in."""

    templates: int
    own: int
    own_refused: float
    strangers_let_in: float


@dataclass(frozen=True, slots=True)
class OtherResult:
    """Everybody else enrolled with one photo: new people refused, and people enrolled twice."""

    gallery: int
    new_refused: float
    twice_found: float


@dataclass(frozen=True, slots=True)
class GateReport:
    dataset: str
    photos: int
    refused: int
    by_fault: Mapping[Fault, int]
    drawn: tuple[FaultResult, ...]
    own: tuple[OwnResult, ...]
    others: OtherResult | None


@dataclass(frozen=True, slots=True)
class _Seen:
    photo: LabelledPhoto
    face: DetectedFace
    verdict: Verdict
    embedding: Embeddings


def measure_gate(
    dataset: Dataset,
    engine: FaceEngine,
    codec: PhotoCodec,
    *,
    calibration: Calibration,
    drawn_on: int,
    seed: int,
    progress: Progress = lambda _done, _total: None,
) -> GateReport:
    """Every labelled photo as it is, and each fault drawn on ``drawn_on`` people's photos."""
    total = len(dataset.labelled) + drawn_on
    seen: list[_Seen] = []
    for number, photo in enumerate(dataset.labelled, start=1):
        one = _look(photo, engine, codec)
        if one is not None:
            seen.append(one)
        progress(number, total)
    refused = [one for one in seen if one.verdict.findings]
    return GateReport(
        dataset=dataset.name,
        photos=len(seen),
        refused=len(refused),
        by_fault=Counter(fault for one in refused for fault in one.verdict.faults),
        drawn=_measure_drawn(seen, engine, codec, drawn_on, seed, progress, total),
        own=tuple(_measure_own(seen, calibration, count, seed) for count in TEMPLATES),
        others=_measure_others(seen, calibration),
    )


def _look(photo: LabelledPhoto, engine: FaceEngine, codec: PhotoCodec) -> _Seen | None:
    """None for a photo without one clear face: the set has no answer for those."""
    try:
        image = codec.decode_upright(photo.path.read_bytes())
    except PhotoRefusedError:
        return None
    faces = engine.detect(image)
    chosen = prominent_face(faces, image.shape[:2])
    if chosen is None or isinstance(chosen, Ambiguous):
        return None
    face = faces[chosen]
    verdict = judge_inspection(engine.inspect(image, face))
    return _Seen(photo, face, verdict, engine.embed(image, [face])[0])


# ── faults drawn into good photos ───────────────────────────────────────────────────────────
def _measure_drawn(
    seen: Sequence[_Seen],
    engine: FaceEngine,
    codec: PhotoCodec,
    count: int,
    seed: int,
    progress: Progress,
    total: int,
) -> tuple[FaultResult, ...]:
    """Only on photos that pass as they are, one a person, so that the fault is the only one."""
    by_person = {one.photo.person: one for one in reversed(seen) if not one.verdict.findings}
    people = np.random.default_rng(seed).permutation(sorted(by_person))[:count]
    refused: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for number, person in enumerate(people, start=1):
        one = by_person[str(person)]
        image = codec.decode_upright(one.photo.path.read_bytes())
        for name, fault in FAULTS.items():
            rng = np.random.default_rng([seed, zlib.crc32(f"{name}:{one.photo.key}".encode())])
            faults = _verdict_on(image, one.face, fault, engine, rng).faults
            refused[name] += bool(faults)
            named[name] += fault.named in faults
        progress(total - count + number, total)
    return tuple(
        FaultResult(name, fault.named, len(people), refused[name], named[name])
        for name, fault in FAULTS.items()
    )


def _verdict_on(
    image: RgbImage,
    face: DetectedFace,
    fault: DrawnFault | TurnedHead,
    engine: FaceEngine,
    rng: np.random.Generator,
) -> Verdict:
    if isinstance(fault, TurnedHead):
        return judge_inspection(engine.inspect(image, turned_in_space(face, fault)))
    faulty = fault.draw(image, face, rng)
    faces = engine.detect(faulty)
    chosen = prominent_face(faces, faulty.shape[:2])
    if chosen is None:
        return Verdict.failing(Fault.NO_FACE)
    if isinstance(chosen, Ambiguous):
        return Verdict.failing(Fault.SEVERAL_FACES)
    return judge_inspection(engine.inspect(faulty, faces[chosen]))


# ── whose face it is ────────────────────────────────────────────────────────────────────────
def _measure_own(
    seen: Sequence[_Seen], calibration: Calibration, templates: int, seed: int
) -> OwnResult:
    """Each photo of a person against so many others of theirs, drawn; and a stranger's photo."""
    rng = np.random.default_rng([seed, templates])
    rows, by_person = _rows_by_person(seen)
    refused, let_in, tried = 0, 0, 0
    for own in by_person.values():
        for probe in own if len(own) > templates else []:
            others = [row for row in own if row != probe]
            enrolled = rows[rng.choice(others, templates, replace=False)]
            stranger = _stranger(rng, len(rows), own)
            tried += 1
            refused += not _is_own(calibration, enrolled @ rows[probe])
            let_in += _is_own(calibration, enrolled @ rows[stranger])
    return OwnResult(templates, tried, refused / max(tried, 1), let_in / max(tried, 1))


def _is_own(calibration: Calibration, scores: NDArray[np.float32]) -> bool:
    best = float(scores.max())
    (check,) = check_own_templates(calibration, best_score=best, templates=len(scores))
    return check.passed


def _stranger(rng: np.random.Generator, count: int, own: Sequence[int]) -> int:
    while (row := int(rng.integers(count))) in own:
        pass
    return row


def _measure_others(seen: Sequence[_Seen], calibration: Calibration) -> OtherResult | None:
    """Each person's first photo is enrolled; every photo is then a new customer's."""
    rows, by_person = _rows_by_person(seen)
    if len(by_person) < 2:
        return None
    firsts = np.array([own[0] for own in by_person.values()])
    number_of = {person: number for number, person in enumerate(by_person)}
    owner = np.array([number_of[one.photo.person] for one in seen])
    scores = rows @ rows[firsts].T
    own_scores = scores[np.arange(len(rows)), owner].copy()
    scores[np.arange(len(rows)), owner] = -np.inf
    size = len(firsts) - 1
    conflicts = [not _is_new(calibration, best, size) for best in scores.max(axis=1).tolist()]
    later = [row for own in by_person.values() for row in own[1:]]
    found = [not _is_new(calibration, float(own_scores[row]), size + 1) for row in later]
    by_owner: defaultdict[int, list[bool]] = defaultdict(list)
    for person, conflict in zip(owner.tolist(), conflicts, strict=True):
        by_owner[person].append(conflict)
    refused = float(np.mean([np.mean(each) for each in by_owner.values()]))
    return OtherResult(size, refused, float(np.mean(found)) if found else 0.0)


def _is_new(calibration: Calibration, best_score: float, customers: int) -> bool:
    (check,) = check_other_customers(
        calibration, best_score=best_score, customers=customers, templates=customers
    )
    return check.passed


def _rows_by_person(
    seen: Sequence[_Seen],
) -> tuple[NDArray[np.float32], dict[str, list[int]]]:
    by_person: dict[str, list[int]] = {}
    for row, one in enumerate(seen):
        by_person.setdefault(one.photo.person, []).append(row)
    return np.stack([one.embedding for one in seen]), by_person
