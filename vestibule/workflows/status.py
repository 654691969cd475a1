"""How large the gallery is now."""

from vestibule.records import gallery
from vestibule.workflows.runtime import Runtime


def gallery_size(runtime: Runtime) -> gallery.GallerySize:
    """Searchable customers and templates in the engine's space."""
    with runtime.database.begin() as transaction:
        return gallery.size(transaction, runtime.engine.space.id)
