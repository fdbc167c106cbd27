"""The store in a SQL database. Its SQL is in storage/statements, a database's own in sqlite.py and postgresql.py."""

from __future__ import annotations

from storage.sql.articles import SqlArticles
from storage.sql.claims import SqlClaims
from storage.sql.hubs import SqlHubs
from storage.sql.sections import SqlSections
from storage.sql.settings import SqlSettings
from storage.sql.sites import SqlSites
from storage.sql.sources import SqlSources
from storage.sql.stories import SqlStories
from storage.sql.upkeep import SqlUpkeep

__all__ = ["SqlStore"]


class SqlStore(
    SqlSources, SqlClaims, SqlSites, SqlHubs, SqlArticles, SqlStories, SqlSections, SqlSettings, SqlUpkeep
):
    """Implements ``ArticleStore``."""
