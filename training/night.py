"""``python -m training.night DIR``: photos to a model pack that sees in the dark, in one run."""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import torch

from training.faces import CHIP_SIDE_PX, gather, link_held_out, split_people
from training.learning import (
    DENOISER_STEPS,
    JOINT_STEPS,
    TUNING_STEPS,
    count_weights,
    meet_half_way,
    train_denoiser,
    train_jointly,
    tune_denoiser,
)
from training.mobilefacenet import MobileFaceNet
from training.networks import NightEmbedder
from vestibule import wiring
from vestibule.evaluation.datasets import read_dataset
from vestibule.settings import Settings

_TEACHER = "open"
_DIMENSION = 192


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 with a sentence when something asked for does not fit."""
    asked = _parser().parse_args(arguments)
    if asked.output.exists():
        return _refuse(f"{asked.output} is there already; name another folder with --output.")
    if not 0 <= asked.hold_out < 1:
        return _refuse("--hold-out is a share from 0 to below 1.")
    torch.manual_seed(asked.seed)
    torch.set_num_threads(asked.threads)
    photos = read_dataset(asked.folder)
    people = split_people(photos.labelled, hold_out_share=asked.hold_out, seed=asked.seed)
    chosen = set(people.training)
    settings = Settings(pack=_TEACHER)
    faces = gather(
        [photo for photo in photos.labelled if photo.person in chosen],
        wiring.open_engine(settings),
        wiring.open_codec(settings),
        progress=_every(200, "looking for faces"),
    )
    if not faces:
        return _refuse("No photo there shows a clear face.")
    _tell(f"{len(faces)} faces of {len(people.training)} people; {len(people.held_out)} held out")
    weights = wiring.install_models(settings, _TEACHER).embedder_path
    denoiser = train_denoiser(faces, seed=asked.seed, steps=asked.denoiser_steps, tell=_tell)
    student = MobileFaceNet(weights)
    train_jointly(faces, denoiser, student, seed=asked.seed, steps=asked.joint_steps, tell=_tell)
    meet_half_way(student, MobileFaceNet(weights))
    tune_denoiser(faces, denoiser, student, seed=asked.seed, steps=asked.tuning_steps, tell=_tell)
    asked.output.mkdir(parents=True)
    try:
        export(NightEmbedder(denoiser, student), asked.output / "dark_embedder.onnx")
        _write_manifest(asked, people_count=len(people.training), face_count=len(faces))
        if people.held_out:
            root = photos.labelled[0].path.parent.parent
            link_held_out(people.held_out, root, asked.output / f"{photos.name}-held-out")
    except BaseException:
        shutil.rmtree(asked.output)
        raise
    _tell(
        f"{count_weights(denoiser, student):,} weights in {asked.output}. "
        f"Next: vestibule models install --from {asked.output}"
    )
    return 0


def export(embedder: NightEmbedder, path: Path) -> None:
    """One ONNX graph with a free number of faces."""
    embedder.eval()
    torch.onnx.export(
        embedder,
        (torch.zeros(2, 3, CHIP_SIDE_PX, CHIP_SIDE_PX),),
        str(path),
        input_names=["face"],
        output_names=["embedding"],
        dynamic_axes={"face": {0: "N"}, "embedding": {0: "N"}},
        opset_version=17,
        dynamo=False,
    )


def manifest(
    embedder: Path, *, name: str, data: str, licence: str, provenance: str
) -> dict[str, object]:
    """What ``vestibule models install --from`` reads; docs/models.md says what each field means."""
    return {
        "format": 1,
        "name": name,
        "commercial_use": "ask_counsel",
        "detector": {"from_pack": _TEACHER},
        "embedder": {"from_pack": _TEACHER},
        "dark_embedder": {
            "architecture": "own-embedder",
            "file": embedder.name,
            "sha256": hashlib.sha256(embedder.read_bytes()).hexdigest(),
            "licence": licence,
            "provenance": provenance,
            "data": data,
            "options": {
                "dimension": _DIMENSION,
                "template": "arcface-112",
                "mean": 127.5,
                "scale": 128,
                "metric": "cosine",
                "mirroring": "none",
            },
        },
    }


def _write_manifest(asked: argparse.Namespace, *, people_count: int, face_count: int) -> None:
    today = datetime.now(UTC).date().isoformat()
    content = manifest(
        asked.output / "dark_embedder.onnx",
        name=asked.name,
        data=f"{face_count} photos of {people_count} people, darkened at random: {asked.data}",
        licence=asked.licence,
        provenance=(
            f"Trained here on {today} with training/night.py, seed {asked.seed}, out of the "
            f"embedder of pack {_TEACHER}, whose licence and provenance hold on. No names were "
            "learned: a darkened face is taught the embedding of the same face in light."
        ),
    )
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (asked.output / "pack.json").write_text(text + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.night", description=__doc__)
    parser.add_argument("folder", type=Path, help="photos, one folder a person")
    parser.add_argument("--data", required=True, help="whose photos, on what basis: for the pack")
    parser.add_argument("--licence", default="LicenseRef-your-own", help="of the trained weights")
    parser.add_argument("--name", default="open-night", help="of the pack")
    parser.add_argument("--output", type=Path, default=Path("build/open-night"))
    parser.add_argument("--hold-out", type=float, default=0.0, help="share of people to test on")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--denoiser-steps", type=int, default=DENOISER_STEPS)
    parser.add_argument("--joint-steps", type=int, default=JOINT_STEPS)
    parser.add_argument("--tuning-steps", type=int, default=TUNING_STEPS)
    return parser


def _every(count: int, what: str) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done % count == 0 or done == total:
            _tell(f"{what}: {done} of {total}")

    return progress


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 (a program's own progress)


def _refuse(words: str) -> int:
    _tell(words)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
