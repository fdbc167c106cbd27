"""Near copies: what they are found by, articles about the same, what is learnt of words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"

# Types are written out, not imported: history must not change when storage.columns does.
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.Integer().with_variant(sa.BigInteger, "postgresql")


def upgrade() -> None:
    op.create_table(
        "sketch",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("uid", _KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("sketch_uid", "sketch", ["uid"], unique=True)
    op.create_table(
        "posting",
        sa.Column("hash", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sketch", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "sketch"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kin",
        sa.Column("uid", _KEY, nullable=False),
        sa.Column("other", _KEY, nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("uid", "other"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "learnt",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
