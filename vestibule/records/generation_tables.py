"""The generations of the vector index: which of them serves, and what the others are for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from vestibule.records.tables import Base, Json

STATES = ("BUILDING", "READY", "SERVING", "STANDBY", "DROPPED")


class IndexGenerationRow(Base):
    """One filling of the index. Postgres says which serves; what an index names is a projection.

    BUILDING: being filled. READY: complete, not yet switched to. SERVING: answers, one at a time.
    STANDBY: answered before and is kept complete. DROPPED: gone. All but DROPPED are live: every
    write reaches them. ``is_configured``: its space is the one that the settings named at the last
    start, so a changed setting is noticed. ``clears_templates``: when it was dropped, somebody
    wanted the templates of its space gone too; ``cleared_at`` is when the last of them was.
    """

    __tablename__ = "index_generation"
    __table_args__ = (
        CheckConstraint(
            "state IN ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state"
        ),
        Index(
            "uq_index_generation_serving",
            "state",
            unique=True,
            postgresql_where=text("state = 'SERVING'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    space_id: Mapped[str]
    pack: Mapped[str]
    low_light: Mapped[str]
    metric: Mapped[str]
    dimension: Mapped[int]
    state: Mapped[str]
    is_configured: Mapped[bool] = mapped_column(default=False)
    comparison: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    clears_templates: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
