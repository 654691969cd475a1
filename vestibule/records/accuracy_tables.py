"""What evaluations found, as it is kept to be looked at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from vestibule.domain.ids import new_uuid
from vestibule.records.tables import Base, Json


class AccuracyReport(Base):
    """What an evaluation found, as ``evaluation/report_files`` checks it. Names nobody."""

    __tablename__ = "accuracy_report"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_uuid)
    dataset: Mapped[str]
    label: Mapped[str]
    space_id: Mapped[str]
    content: Mapped[Json]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
