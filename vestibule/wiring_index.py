"""Where the index of the embedded mode lies: in memory where there is room, and sealed at rest."""

from contextlib import suppress

import structlog

from vestibule.adapters.free_memory import free_memory_bytes, is_in_memory
from vestibule.adapters.index_home import IndexInMemory, IndexOnDisk, size_at_rest_bytes
from vestibule.adapters.memory_folder import MemoryFolder, remove_abandoned
from vestibule.adapters.sealed_stream import AesGcmStreams
from vestibule.domain.errors import DataDirInUseError, StartUpError
from vestibule.domain.index_at_rest import IndexAtRest
from vestibule.settings import Settings
from vestibule.wiring_keys import former_key, secret_key

IndexHome = IndexInMemory | IndexOnDisk

_MAGIC = b"vestibule-index-1\n"
_SPARE_BYTES = 128 * 2**20
"""An empty index maps 40 MB of holes, and a deletion writes 40 MB anew."""
_BESIDES_A_VECTOR_BYTES = 1024
"""Ids, consents and their index; `tests/bench/sizes.py` measures it."""
_log = structlog.get_logger(__name__)


def open_index_home(
    settings: Settings, *, templates: int, dimension: int
) -> tuple[IndexHome, IndexAtRest]:
    """For one run, and what that means at rest; never plain without saying so.

    Raises StartUpError when it must be sealed and there is no room in memory.
    """
    ciphers = _ciphers(settings)
    if settings.index_at_rest == "plain":
        _forget_memory(settings)
        return IndexOnDisk(settings.data_dir, ciphers), IndexAtRest.PLAIN_AS_SET
    needed = needed_bytes(settings, templates=templates, dimension=dimension)
    lacking = _lacking(settings, needed)
    if lacking is None:
        try:
            return _in_memory(settings, ciphers), IndexAtRest.SEALED
        except DataDirInUseError:
            raise
        except StartUpError as error:
            lacking = str(error)
    if settings.index_at_rest == "sealed":
        raise StartUpError(
            f"The index of faces has no room in memory: {lacking} Give it some, or set "
            "VESTIBULE_INDEX_AT_REST=plain and encrypt the disk of VESTIBULE_DATA_DIR.",
            reason="no_memory_for_the_index",
        )
    _forget_memory(settings)
    _log.warning("index_home.plain", reason=lacking, needed_bytes=needed)
    return IndexOnDisk(settings.data_dir, ciphers), IndexAtRest.PLAIN


def needed_bytes(settings: Settings, *, templates: int, dimension: int) -> int:
    """Twice what it takes: a second generation, or growth until the next start."""
    a_template = 5 * dimension + _BESIDES_A_VECTOR_BYTES  # as float32 and as int8
    known = max(size_at_rest_bytes(settings.data_dir), templates * a_template)
    return 2 * known + _SPARE_BYTES


def _lacking(settings: Settings, needed: int) -> str | None:
    """Why it can not lie in memory, in a sentence."""
    if not is_in_memory(settings.memory_dir):
        return f"{settings.memory_dir} is no file system in memory."
    free = free_memory_bytes(settings.memory_dir)
    if free < needed:
        mega = 2**20
        return f"{settings.memory_dir} has {free // mega} MiB for it, {needed // mega} are needed."
    return None


def _in_memory(settings: Settings, ciphers: list[AesGcmStreams]) -> IndexInMemory:
    remove_abandoned(settings.memory_dir)
    house = _house(settings)
    try:
        return IndexInMemory(settings.data_dir, house, ciphers)
    except OSError as error:  # somebody else took the room meanwhile
        house.remove()
        raise StartUpError(f"{settings.memory_dir}: {error.strerror}.") from error


def _house(settings: Settings) -> MemoryFolder:
    key = secret_key(settings, "blobs")
    return MemoryFolder(settings.memory_dir, settings.data_dir, key=key)


def _forget_memory(settings: Settings) -> None:
    """What a killed run left there."""
    if is_in_memory(settings.memory_dir):
        with suppress(StartUpError):
            _house(settings).remove()


def _ciphers(settings: Settings) -> list[AesGcmStreams]:
    former = former_key(settings, "blobs")
    keys = [secret_key(settings, "blobs"), *([former] if former else [])]
    return [AesGcmStreams(key, magic=_MAGIC) for key in keys]
