"""What articles mean: vectors of their sentences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"

# Types are written out, not imported: history must not change when storage.columns does.
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.Integer().with_variant(sa.BigInteger, "postgresql")


def upgrade() -> None:
    op.create_table(
        "meaning",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("uid", _KEY, nullable=False),
        sa.Column("encoder", _KEY, nullable=False),
        sa.Column("date", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("meaning_uid", "meaning", ["uid"], unique=True)
    op.create_index("meaning_date", "meaning", ["date"])
