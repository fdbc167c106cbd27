"""Sites, their holds and their robots.txt; notes about sources; subscriptions at hubs."""

from __future__ import annotations

from urllib.parse import urlsplit

import idna
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"

# Types are written out, not imported: history must not change when storage.columns does.
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.BigInteger()


def upgrade() -> None:
    op.add_column("source", sa.Column("site", _KEY, nullable=False, server_default=""))
    _fill_sites()
    op.create_index("source_site", "source", ["site"])
    op.create_index("source_url", "source", ["url", "position"])
    op.create_table(
        "site_hold",
        sa.Column("site", _KEY, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site"),
    )
    op.create_table(
        "robots",
        sa.Column("site", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("site"),
    )
    op.create_index("robots_expires", "robots", ["expires"])
    op.create_table(
        "note",
        sa.Column("source", _KEY, nullable=False),
        sa.Column("name", _KEY, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.id"]),
        sa.PrimaryKeyConstraint("source", "name"),
    )
    op.create_table(
        "subscription",
        sa.Column("token", _KEY, nullable=False),
        sa.Column("source", _KEY, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("last_push", _MOMENT, nullable=True),
        sa.Column("pushes", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["source.id"]),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("subscription_source", "subscription", ["source", "token"])


def _fill_sites() -> None:
    source = sa.table("source", sa.column("id"), sa.column("url"), sa.column("site"))
    connection = op.get_bind()
    found = [(row.id, _site(row.url)) for row in connection.execute(sa.select(source.c.id, source.c.url))]
    if found:
        connection.execute(
            sa.update(source).where(source.c.id == sa.bindparam("of")).values(site=sa.bindparam("at")),
            [{"of": source_id, "at": site} for source_id, site in found],
        )


def _site(url: str) -> str:
    """As storage.sites.site_of stood then."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except ValueError:
        return ""
    return name if port in (None, 80, 443) else f"{name}:{port}"
