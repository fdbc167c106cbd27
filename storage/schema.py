"""Which schema a database has, and bringing it up to the present one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    text,
)

from storage.errors import NewerSchema, NothingPolled, StorageError
from storage.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

#: The newest migration; a test holds it equal to what the migrations folder says.
HEAD = "0007"

# As Alembic makes it.
_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file: the migrations ship inside the package."""
    from alembic.config import Config  # 8 MB, which a database of the present schema does not need

    made = Config()
    made.set_main_option("script_location", "storage:migrations")
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def revision_of(connection: Connection, name: str) -> str | None:
    """The database's schema revision; None when it is empty. A database of another program is refused."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found
    if tables:
        raise StorageError(
            f"{name}: this database belongs to another program; name another one in storage.url"
        )
    return None


def bring_up(connection: Connection, name: str, back_up: Callable[[str], None] = lambda _: None) -> None:
    """Create or upgrade the schema inside the caller's transaction: all of it or nothing.

    A new database gets what all migrations lead to at once. ``back_up`` is called with the revision before a database
    that has one is changed.
    """
    revision = revision_of(connection, name)
    if revision is None:
        _create(connection)
    elif revision != HEAD:
        from alembic import command

        _refuse_newer(revision, name)
        back_up(revision)
        command.upgrade(config(connection), "head")


def _create(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(insert(_VERSION), {"version_num": HEAD})


def require(connection: Connection, name: str) -> None:
    """For readers, which change nothing: the schema must be the present one."""
    revision = revision_of(connection, name)
    if revision is None:
        raise NothingPolled(
            f"{name}: the database is empty, nothing was polled yet: start `aggregator run` first"
        )
    if revision != HEAD:
        _refuse_newer(revision, name)
        raise StorageError(
            f"{name}: has schema {revision}, this program reads {HEAD}: `aggregator run` upgrades it"
        )


def _refuse_newer(revision: str, name: str) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if revision not in known:
        raise NewerSchema(
            f"{name}: has schema {revision}, this program knows up to {HEAD}: "
            "run the newer version that wrote it, or restore a backup taken before the upgrade"
        )
