"""What lasts is sealed anew after a rotation, in either mode."""

from collections.abc import Mapping
from contextlib import ExitStack

from vestibule.adapters.folder_blobs import FolderBlobStore
from vestibule.adapters.local_postgres import LocalPostgres, running_url
from vestibule.domain.errors import StartUpError
from vestibule.records.database import Database
from vestibule.settings import Settings
from vestibule.wiring_keys import WRAPPED_PURPOSES, open_key_files
from vestibule.wiring_parts import open_blob_sealer, open_sealer
from vestibule.wiring_storage import open_objects
from vestibule.workflows.reseal_secrets import reseal


def reseal_all(settings: Settings) -> Mapping[str, int]:
    """How many of each kind. Raises StartUpError while the product runs in the embedded mode: one
    process alone writes to its folder."""
    with ExitStack() as closing:
        if settings.mode == "distributed":
            if settings.database_url is None:
                raise StartUpError("VESTIBULE_DATABASE_URL is needed.", reason="not_set")
            database = Database(settings.database_url.get_secret_value(), pool_size=2)
            closing.callback(database.close)
            return reseal(database, open_objects(settings), open_sealer(settings))
        if not (settings.data_dir / "postgres").exists() or running_url(settings.data_dir):
            raise StartUpError(
                f"There is no installation in {settings.data_dir}, or it runs: stop it first.",
                reason="not_stopped",
            )
        postgres = LocalPostgres(settings.data_dir)
        closing.callback(postgres.stop)
        postgres.start()
        database = Database(postgres.url, pool_size=2)
        closing.callback(database.close)
        blobs = FolderBlobStore(
            settings.data_dir / "blobs",
            sealer=open_blob_sealer(settings),
            reserve_bytes=settings.min_free_bytes,
        )
        return reseal(database, blobs, open_sealer(settings))


def wrap_own_keys(settings: Settings) -> list[str]:
    """The lasting keys of an embedded installation; the files that were written.

    The product may run meanwhile: it has read its keys. Raises StartUpError.
    """
    files, folder = open_key_files(settings), settings.data_dir / "secrets"
    names = [f"{name}{which}.key" for name in WRAPPED_PURPOSES for which in ("", "-former")]
    present = [folder / name for name in names if (folder / name).exists()]
    for path in present:
        files.wrap(path)
    return [str(path) for path in present]
