"""Sample photos are cached, checked, and fetched again when they are not what was pinned."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from vestibule.adapters.model_packs.archives import Archive, ArchiveMember, Registry
from vestibule.adapters.sample_photos import SAMPLE_PHOTOS, PackagedPhoto, PackagedSamplePhotos
from vestibule.domain.errors import WeightsError

CONTENT = b"a portrait"


class Carrier:
    """A published package with one photo."""

    def __init__(self) -> None:
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            archive.writestr("pkg/face.jpg", CONTENT)
        self._archived = written.getvalue()
        self.downloads = 0

    def photo(self) -> PackagedPhoto:
        digest = hashlib.sha256(self._archived).hexdigest()
        archive = Archive(Registry.PYTHON, "pkg", "1", "pkg.whl", digest)
        member = ArchiveMember(archive, "pkg/face.jpg", hashlib.sha256(CONTENT).hexdigest())
        return PackagedPhoto("face", "A face", "Somebody", "MIT", member)

    def fetch(self, archive: Archive, folder: Path) -> Path:
        self.downloads += 1
        path = folder / archive.file_name
        path.write_bytes(self._archived)
        return path

    def samples(self, folder: Path) -> PackagedSamplePhotos:
        return PackagedSamplePhotos(folder, photos=[self.photo()], fetch=self.fetch)


def test_photos_are_fetched_once(tmp_path: Path) -> None:
    carrier = Carrier()
    for _ in range(2):
        (sample,) = carrier.samples(tmp_path / "samples").fetch()
    assert (sample.id, sample.person, sample.content) == ("face", "Somebody", CONTENT)
    assert carrier.downloads == 1
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["face.jpg"]


def test_a_changed_photo_is_fetched_again(tmp_path: Path) -> None:
    carrier = Carrier()
    carrier.samples(tmp_path).fetch()
    (tmp_path / "face.jpg").write_bytes(b"another")
    (sample,) = carrier.samples(tmp_path).fetch()
    assert sample.content == CONTENT


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WeightsError, match="cannot be kept"):
        Carrier().samples(tmp_path / "file" / "samples").fetch()


def test_a_portrait_for_enrolment_comes_before_other_photos_of_its_person() -> None:
    people = [photo.person for photo in SAMPLE_PHOTOS if photo.person]
    assert [photo.id for photo in SAMPLE_PHOTOS if photo.person == people[0]] == ["obama", "obama2"]
    assert len({photo.id for photo in SAMPLE_PHOTOS}) == len(SAMPLE_PHOTOS)
