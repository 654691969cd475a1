"""What the environment sets, with logs going where it says."""

from vestibule.settings import Settings
from vestibule.telemetry import configure_logging


def logged_settings() -> Settings:
    """Raises pydantic's ValidationError, whose items name the settings."""
    settings = Settings()
    configure_logging(settings.log, settings.data_dir / "logs")
    return settings
