"""Everything that can be set, in one place: ``VESTIBULE_*`` in the environment, or files.

With ``VESTIBULE_SECRETS_DIR`` every setting may also be a file of that folder named after its
variable in lower case (``vestibule_s3_secret_key``), so that no secret stands in an environment.
"""

import os
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

Threads = Annotated[int, Field(ge=1, le=64)] | Literal["auto"]


class Settings(BaseSettings):
    """See ``.env.example`` for the same list with words for operators."""

    model_config = SettingsConfigDict(env_prefix="VESTIBULE_", env_file=".env", extra="ignore")

    mode: Literal["embedded", "distributed"] = "embedded"
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    public_url: str | None = None
    models_dir: Path = Path("~/.cache/vestibule/models")
    import_dir: Path | None = None
    log: Literal["file", "stderr"] = "file"
    index_at_rest: Literal["auto", "sealed", "plain"] = "auto"
    memory_dir: Path = Path("/dev/shm")  # noqa: S108 - in a folder of its own, which is checked

    venue_name: str = "Main venue"
    timezone: str = "Europe/Paris"
    closes_at_hour: int = Field(default=8, ge=0, le=23)

    pack: str = Field(default="open", pattern=r"^[a-z0-9][a-z0-9_-]*$")
    low_light: Literal["on", "off", "lifted"] = "on"
    detector_long_side_px: int = Field(default=1280, ge=320, le=4096)
    providers: list[str] = ["CPUExecutionProvider"]
    intra_op_threads: Threads = "auto"
    worker_threads: Threads = "auto"
    batching: Literal["auto", "on", "off"] = "auto"
    batch_rows: int = Field(default=64, ge=1, le=1024)
    batch_wait_ms: float = Field(default=2, ge=0, le=100)

    templates_per_customer: int = Field(default=5, ge=1, le=20)

    target_fpir: float = Field(default=0.01, gt=0, lt=0.5)
    review_fpir: float = Field(default=0.1, gt=0, lt=1)

    max_upload_bytes: int = Field(default=20_000_000, ge=1_000)
    max_pixels: int = Field(default=50_000_000, ge=10_000)
    stored_long_side_px: int = Field(default=1920, ge=320)
    max_queue_wait_s: float = Field(default=20, ge=0.1, le=600)
    min_free_bytes: int = Field(default=200_000_000, ge=0)

    photo_retention_hours: int = Field(default=24, ge=1, le=720)
    hold_minutes: int = Field(default=15, ge=1, le=60)
    not_them_days: int = Field(default=30, ge=1, le=365)
    not_them_tonight: int = Field(default=1_000, ge=10, le=200_000)
    alert_escalation_minutes: int = Field(default=3, ge=1, le=120)
    alert_not_them: Literal["entry", "night"] = "entry"
    alert_webhook_url: str | None = None
    alert_webhook_secret: SecretStr | None = None
    alert_webhook_private: bool = False
    session_hours: int = Field(default=12, ge=1, le=72)
    sign_in_link_minutes: int = Field(default=15, ge=1, le=1440)
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "OpenID Connect"
    oidc_groups_claim: str = "groups"
    oidc_roles: dict[str, Literal["door", "host", "manager", "dpo", "admin"]] = {}

    # The outside systems of the distributed mode; the embedded one has its own of each.
    secrets_dir: Path | None = None
    require_tls: bool = False
    kms_url: str | None = None
    kms_key_name: str = Field(default="vestibule", pattern=r"^[A-Za-z0-9._-]+$")
    kms_token: SecretStr | None = None
    database_url: SecretStr | None = None
    service_database_url: SecretStr | None = None
    broker_url: SecretStr | None = None
    volatile_url: SecretStr | None = None
    volatile_trusted: bool = False
    s3_endpoint: str | None = None
    s3_region: str = "us-east-1"
    s3_bucket: str = "vestibule"
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_admin_access_key: SecretStr | None = None
    s3_admin_secret_key: SecretStr | None = None
    s3_encryption: Literal["none", "sse-s3"] = "none"
    s3_import_bucket: str | None = None
    backup_key_file: Path | None = None
    backup_s3_endpoint: str | None = None
    backup_s3_bucket: str | None = None
    backup_s3_access_key: SecretStr | None = None
    backup_s3_secret_key: SecretStr | None = None
    qdrant_url: str | None = None
    qdrant_api_key: SecretStr | None = None
    qdrant_shards: int = Field(default=1, ge=1, le=64)
    qdrant_replicas: int = Field(default=1, ge=1, le=8)
    api_url: str | None = None
    api_key: SecretStr | None = None
    worker_queues: list[str] = ["identify", "enrol", "bulk", "schedule"]
    worker_silent_after_s: float = Field(default=20, ge=2, le=300)
    worker_stuck_after_s: float = Field(default=40, ge=2, le=55)
    worker_apart_limit_s: float = Field(default=30, ge=2, le=300)
    traces_endpoint: str | None = None
    traces_share: float = Field(default=1, ge=0, le=1)
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, ge=1, le=65_535)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - knows no folder yet
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over files of secrets, and those over ``.env``."""
        folder = os.environ.get("VESTIBULE_SECRETS_DIR")
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder or None)
        return init_settings, env_settings, files, dotenv_settings

    @field_validator("data_dir", "models_dir", "memory_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().resolve()

    @field_validator("import_dir", "s3_import_bucket", "kms_url", "kms_token", mode="before")
    @classmethod
    def _set_or_not(cls, value: object) -> object:
        """A compose file writes a variable that nobody set as an empty one."""
        return value or None

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        ZoneInfo(name)
        return name
