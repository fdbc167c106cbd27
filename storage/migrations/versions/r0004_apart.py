"""Stories that articles were taken out of by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"

# Types are written out, not imported: history must not change when storage.columns does.
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "apart",
        sa.Column("story", _KEY, nullable=False),
        sa.Column("uid", _KEY, nullable=False),
        sa.Column("source", _KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("story", "uid"),
    )
