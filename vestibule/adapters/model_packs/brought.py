"""Files that an operator brings in a folder or a ZIP, found by name and checked by SHA-256."""

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

from vestibule.adapters.model_packs.archives import check_sha256
from vestibule.adapters.model_packs.packs import OperatorFile
from vestibule.domain.errors import WeightsError

LARGEST_FILE_BYTES = 1_500_000_000
"""The largest network of the catalogue has 260 MB. More than this is not a face model."""

Found = TypeVar("Found")


def read_file(brought: Path, name: str) -> bytes:
    """The one file of that name, at any depth. Raises WeightsError; nothing is written."""
    if brought.is_dir():
        return _read_from_folder(brought, name)
    if zipfile.is_zipfile(brought):
        return _read_from_zip(brought, name)
    raise WeightsError(f"{brought} is neither a folder nor a ZIP file.", file=str(brought))


def has_file(brought: Path, name: str) -> bool:
    try:
        read_file(brought, name)
    except WeightsError:
        return False
    return True


def read_operator_files(files: Sequence[OperatorFile], brought: Path) -> dict[OperatorFile, bytes]:
    """All of them, each compared with its pin. Raises WrongWeightsHashError and WeightsError."""
    contents = {}
    for file in files:
        content = read_file(brought, file.file_name)
        check_sha256(
            hashlib.sha256(content).hexdigest(),
            file.sha256,
            file=file.file_name,
            consequence="Nothing was installed.",
        )
        contents[file] = content
    return contents


def _read_from_folder(folder: Path, name: str) -> bytes:
    found = [path for path in sorted(folder.rglob(name)) if path.is_file()]
    path = _the_one(found, name, folder)
    try:
        _refuse_if_large(path.stat().st_size, name)
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.", file=name) from error


def _read_from_zip(path: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            found = [
                member
                for member in archive.infolist()
                if PurePosixPath(member.filename).name == name and not member.is_dir()
            ]
            member = _the_one(found, name, path)
            _refuse_if_large(member.file_size, name)
            return archive.read(member)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        # RuntimeError is what zipfile says of a file that is locked with a password.
        raise WeightsError(f"{path.name} cannot be read: {error}.", file=name) from error


def _the_one(found: Sequence[Found], name: str, brought: Path) -> Found:
    if not found:
        raise WeightsError(f"{brought.name} holds no {name}.", file=name)
    if len(found) > 1:
        raise WeightsError(f"{brought.name} holds {len(found)} files called {name}.", file=name)
    return found[0]


def _refuse_if_large(size_bytes: int, name: str) -> None:
    if size_bytes > LARGEST_FILE_BYTES:
        raise WeightsError(f"{name} is larger than any face model ({size_bytes} bytes).", file=name)
