"""Articles that are alone in their stories stand in no index of stories and copies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    _index_only("article_copy_of", "copy_of", "copy_of IS NOT NULL")
    _index_only("article_story", "story", "story <> uid")


def _index_only(name: str, column: str, where: str) -> None:
    op.drop_index(name, table_name="article")
    op.create_index(name, "article", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
