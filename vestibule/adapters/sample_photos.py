"""Photos of public figures that published packages carry, for the demo and for tests.

They are fetched and pinned like weights, kept beside them, and never part of this repository.
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vestibule.adapters.model_packs.archives import (
    Archive,
    ArchiveFetcher,
    ArchiveMember,
    Registry,
    fetch_archive,
    file_sha256,
    read_members,
)
from vestibule.domain.errors import WeightsError
from vestibule.ports import SamplePhoto


@dataclass(frozen=True, slots=True)
class PackagedPhoto:
    """One photo of the catalogue. ``title`` reads the same in every language.

    ``person`` is set when the photo shows one person; ``licence`` is the package's word for it.
    """

    id: str
    title: str
    person: str | None
    licence: str
    source: ArchiveMember


_FACE_RECOGNITION = Archive(
    Registry.PYTHON,
    "face-recognition",
    "1.3.0",
    "face_recognition-1.3.0.tar.gz",
    "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
)
_INSIGHTFACE = Archive(
    Registry.PYTHON,
    "insightface",
    "2.1",
    "insightface-2.1-py3-none-any.whl",
    "dcd58ee79d99d689572477315f3149353afd65a36dc575f597cbb217a7bde399",
)
_SCIKIT_IMAGE = Archive(
    Registry.PYTHON,
    "scikit-image",
    "0.26.0",
    "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
    # A photo is wanted, not code that runs here: any machine takes the one pinned wheel.
    pip_options=(
        "--only-binary=:all:",
        "--platform=manylinux_2_28_x86_64",
        "--python-version=3.11",
        "--implementation=cp",
        "--abi=cp311",
    ),
)

_TEST_IMAGES = "face_recognition-1.3.0/tests/test_images"

SAMPLE_PHOTOS: tuple[PackagedPhoto, ...] = (
    PackagedPhoto(
        "obama",
        "Barack Obama",
        "Barack Obama",
        "official portrait of the United States government, public domain",
        ArchiveMember(
            _FACE_RECOGNITION,
            f"{_TEST_IMAGES}/obama.jpg",
            "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
        ),
    ),
    PackagedPhoto(
        "obama2",
        "Barack Obama (2)",
        "Barack Obama",
        "press photo in a package under MIT",
        ArchiveMember(
            _FACE_RECOGNITION,
            f"{_TEST_IMAGES}/obama2.jpg",
            "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
        ),
    ),
    PackagedPhoto(
        "biden",
        "Joe Biden",
        "Joe Biden",
        "official portrait of the United States government, public domain",
        ArchiveMember(
            _FACE_RECOGNITION,
            f"{_TEST_IMAGES}/biden.jpg",
            "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
        ),
    ),
    PackagedPhoto(
        "astronaut",
        "Eileen Collins",
        "Eileen Collins",
        "NASA, public domain",
        ArchiveMember(
            _SCIKIT_IMAGE,
            "skimage/data/astronaut.png",
            "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        ),
    ),
    PackagedPhoto(
        "six",
        "Friends",
        None,
        "promotional photo in a package under MIT",
        ArchiveMember(
            _INSIGHTFACE,
            "insightface/data/images/t1.jpg",
            "47f682e945b659f93a9e490b9c9c4a2a864abe64dace9e1a2893845ddfd69489",
        ),
    ),
)
"""A person's enrolment portrait comes before other photos of them."""


class PackagedSamplePhotos:
    """The port's SamplePhotos, cached in a folder."""

    def __init__(
        self,
        cache_dir: Path,
        *,
        photos: Sequence[PackagedPhoto] = SAMPLE_PHOTOS,
        fetch: ArchiveFetcher = fetch_archive,
    ) -> None:
        self._cache_dir = cache_dir
        self._photos = photos
        self._fetch = fetch

    def fetch(self) -> list[SamplePhoto]:
        paths = fetch_sample_photos(self._cache_dir, photos=self._photos, fetch=self._fetch)
        return [
            SamplePhoto(photo.id, photo.title, photo.person, paths[photo.id].read_bytes())
            for photo in self._photos
        ]


def fetch_sample_photos(
    cache_dir: Path,
    *,
    photos: Sequence[PackagedPhoto] = SAMPLE_PHOTOS,
    fetch: ArchiveFetcher = fetch_archive,
) -> dict[str, Path]:
    """The photos' files by id, fetched on first use and checked on every one.

    Safe to run twice and from several processes. Raises WeightsError, WrongWeightsHashError.
    """
    paths = {
        photo.id: cache_dir / f"{photo.id}{Path(photo.source.path).suffix}" for photo in photos
    }
    missing = [photo for photo in photos if not _is_sound(paths[photo.id], photo)]
    if missing:
        _fetch_missing(missing, paths, cache_dir, fetch=fetch)
    return paths


def _is_sound(path: Path, photo: PackagedPhoto) -> bool:
    return path.is_file() and file_sha256(path) == photo.source.sha256


def _fetch_missing(
    missing: Sequence[PackagedPhoto],
    paths: dict[str, Path],
    cache_dir: Path,
    *,
    fetch: ArchiveFetcher,
) -> None:
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=cache_dir))
    except OSError as error:
        raise WeightsError(f"The sample photos cannot be kept: {error}.") from error
    try:
        contents = read_members([photo.source for photo in missing], work, fetch=fetch)
        for photo in missing:
            part = work / paths[photo.id].name
            part.write_bytes(contents[photo.source])
            part.replace(paths[photo.id])
    except OSError as error:
        raise WeightsError(f"The sample photos cannot be kept: {error}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
