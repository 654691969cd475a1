"""Where the files of an embedded index are, by its data folder: in memory while it runs."""

from pathlib import Path

from vestibule.settings import Settings


def memory_of(settings: Settings) -> Path | None:
    """The folder in memory of this installation; None while none is open."""
    for owner in settings.memory_dir.glob("vestibule-*/owner"):
        if owner.read_text().split("\n")[1] == str(settings.data_dir):
            return owner.parent
    return None


def places_of(settings: Settings) -> list[Path]:
    """Every folder in which something of this installation may lie."""
    memory = memory_of(settings)
    return [settings.data_dir, *([memory] if memory else [])]
