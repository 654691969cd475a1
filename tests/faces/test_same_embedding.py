"""One face, one embedding: alone, in a batch, beside other photos, turned, on every provider."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from vestibule.adapters.onnx_engine import Batching, BatchLimits, OnnxFaceEngine
from vestibule.adapters.pillow_codec import PillowCodec
from vestibule.domain.faces import DetectedFace, Embeddings, RgbImage

CLOSE = 1e-4
Photos = dict[str, RgbImage]
Darken = Callable[[RgbImage], RgbImage]
Load = Callable[..., OnnxFaceEngine]

STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera with that EXIF orientation stores an upright scene: the tag's turn, backwards."""

ELSEWHERE = {"AzureExecutionProvider"}
"""Sends what it can to a service and has none here."""


def seen(engine: OnnxFaceEngine, image: RgbImage) -> tuple[list[DetectedFace], Embeddings]:
    faces = engine.detect(image)
    return faces, engine.embed(image, faces)


def assert_same(
    one: tuple[list[DetectedFace], Embeddings], other: tuple[list[DetectedFace], Embeddings]
) -> None:
    assert len(one[0]) == len(other[0]) > 0
    for face, again in zip(one[0], other[0], strict=True):
        assert face.box_xyxy_px == pytest.approx(again.box_xyxy_px, abs=0.05)
    assert np.abs(one[1] - other[1]).max() < CLOSE


def test_a_face_embeds_the_same_alone_in_a_batch_and_from_its_region(
    any_engine: OnnxFaceEngine, photos: Photos, at_quarter_exposure: Darken
) -> None:
    for image in (photos["six"], at_quarter_exposure(photos["six"])):
        faces = any_engine.detect(image)
        together = any_engine.embed(image, faces)
        for face, embedding in zip(faces, together, strict=True):
            region, in_region = any_engine.region(image, face)
            assert np.abs(any_engine.embed(image, [face])[0] - embedding).max() < 1e-4
            assert np.abs(any_engine.embed(region, [in_region])[0] - embedding).max() < 1e-4


@pytest.mark.parametrize("pack", ["open", "dlib"])
def test_a_face_embeds_the_same_while_other_photos_share_its_runs(
    load: Load, photos: Photos, pack: str, at_quarter_exposure: Darken
) -> None:
    """Eight threads, some photos of one shape, so that detector and embedder both share."""
    rows: dict[str, list[int]] = {}
    batching = Batching(
        limits=BatchLimits(wait_s=0.1),
        on_rows=lambda model, count: rows.setdefault(model, []).append(count),
    )
    plain, sharing = load(pack), load(pack, batching=batching)
    group = photos["six"]
    images = [group, group[:, ::-1].copy(), at_quarter_exposure(group), photos["obama"]] * 2
    expected = [seen(plain, image) for image in images]
    with ThreadPoolExecutor(len(images)) as threads:
        found = list(threads.map(lambda image: seen(sharing, image), images))

    for one, other in zip(expected, found, strict=True):
        assert_same(one, other)
    detector_rows, embedder_rows = (
        rows["centerface"],
        next(counts for model, counts in rows.items() if model != "centerface"),
    )
    assert max(detector_rows) > 1, "no two photos were looked at in one run"
    assert max(embedder_rows) > 2 * 6, "no two photos' faces were embedded in one run"


@pytest.mark.parametrize("orientation", sorted(STORED_AS))
def test_a_photo_turned_by_its_exif_tag_embeds_the_same(
    any_engine: OnnxFaceEngine, photos: Photos, codec: PillowCodec, orientation: int
) -> None:
    """Stored turned and tagged, as phones do; without loss, so that nothing else differs."""
    upright = Image.fromarray(photos["obama2"])
    turn = STORED_AS[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    encoded = io.BytesIO()
    stored = upright if turn is None else upright.transpose(turn)
    stored.save(encoded, "PNG", exif=exif, compress_level=1)

    turned_back = codec.decode_upright(encoded.getvalue())
    assert turned_back.shape == photos["obama2"].shape
    assert_same(seen(any_engine, turned_back), seen(any_engine, photos["obama2"]))


@pytest.mark.parametrize("provider", onnxruntime.get_available_providers())
@pytest.mark.parametrize("pack", ["open", "dlib"])
def test_a_face_embeds_the_same_on_every_provider_of_this_machine(
    load: Load, photos: Photos, pack: str, provider: str
) -> None:
    if provider in ELSEWHERE:
        pytest.skip(f"{provider} runs nothing on this machine")
    providers = list(dict.fromkeys([provider, "CPUExecutionProvider"]))
    reference = load(pack, intra_op_threads=1)
    assert_same(
        seen(load(pack, providers=providers), photos["six"]), seen(reference, photos["six"])
    )
