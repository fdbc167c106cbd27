"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

# Types are written out, not imported: history must not change when storage.columns does.
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
_MOMENT = sa.BigInteger()
_JSON = sa.Text()


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("uid", _KEY, nullable=False),
        sa.Column("source", _KEY, nullable=False),
        sa.Column("date", _MOMENT, nullable=False),
        sa.Column("first_seen", _MOMENT, nullable=False),
        sa.Column("published", _MOMENT, nullable=True),
        sa.Column("updated", _MOMENT, nullable=True),
        sa.Column("expired", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("story", _KEY, nullable=False),
        sa.Column("copy_of", _KEY, nullable=True),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sections", _JSON, nullable=False),
        sa.Column("authors", _JSON, nullable=False),
        sa.Column("breadcrumb", _JSON, nullable=False),
        sa.Column("labels", _JSON, nullable=False),
        sa.Column("tags", _JSON, nullable=False),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("enclosures", _JSON, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("search_head", sa.Text(), nullable=False),
        sa.Column("search_body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("uid"),
    )
    op.create_index("article_canonical_url", "article", ["canonical_url"])
    op.create_index("article_copy_of", "article", ["copy_of"])
    op.create_index("article_date", "article", [sa.text("date DESC"), "uid"])
    op.create_index(
        "article_first_seen",
        "article",
        ["first_seen", "uid"],
        sqlite_where=sa.text("expired IS 0"),
        postgresql_where=sa.text("expired IS false"),
    )
    op.create_index("article_guid", "article", ["source", "guid"])
    op.create_index("article_source_date", "article", ["source", sa.text("date DESC"), "uid"])
    op.create_index("article_story", "article", ["story"])
    op.create_index("article_text_hash", "article", ["text_hash"])
    op.create_index("article_url", "article", ["url"])
    op.create_table(
        "decision",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("uid", _KEY, nullable=False),
        sa.Column("source", _KEY, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("of", _KEY, nullable=True),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("decision_uid", "decision", ["uid", "at", "id"])
    op.create_table(
        "section",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "setting",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "source",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("configured_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("etag", sa.LargeBinary(), nullable=True),
        sa.Column("last_modified", sa.LargeBinary(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=True),
        sa.Column("next_poll", _MOMENT, nullable=False),
        sa.Column("next_poll_reason", sa.Text(), nullable=False),
        sa.Column("hold_until", _MOMENT, nullable=True),
        sa.Column("last_poll", _MOMENT, nullable=True),
        sa.Column("last_success", _MOMENT, nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("not_modified", sa.Integer(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("memory", _JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("source_next_poll", "source", ["next_poll", "id"])
    op.create_table(
        "placement",
        sa.Column("uid", _KEY, nullable=False),
        sa.Column("section", _KEY, nullable=False),
        sa.Column("date", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["uid"],
            ["article.uid"],
        ),
        sa.PrimaryKeyConstraint("uid", "section"),
    )
    op.create_index("placement_section_date", "placement", ["section", sa.text("date DESC"), "uid"])
