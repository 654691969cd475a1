"""The places that the operator set up for photos to import; no other place is ever opened."""

from collections.abc import Callable, Mapping
from functools import partial

from vestibule.adapters.folder_import import FolderImport
from vestibule.adapters.s3_import import S3Import
from vestibule.ports import ImportSource
from vestibule.settings import Settings
from vestibule.wiring_storage import PATIENCE, store_access

FOLDER, BUCKET = "folder", "bucket"


def import_sources(settings: Settings) -> Mapping[str, Callable[[], ImportSource]]:
    """By name. Opens and sends nothing. Raises StartUpError for a bucket in a store without a key.

    The bucket is in the store that the settings name, and read with the application's key.
    """
    found: dict[str, Callable[[], ImportSource]] = {}
    if settings.import_dir is not None:
        found[FOLDER] = partial(FolderImport, settings.import_dir)
    if settings.s3_import_bucket is not None:
        bucket = S3Import(
            store_access(settings), bucket=settings.s3_import_bucket, patience=PATIENCE
        )
        found[BUCKET] = lambda: bucket
    return found
