"""Alembic loads this file to run the migrations over the connection that storage.schema hands in."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from storage.tables import metadata

connection: Connection = context.config.attributes["connection"]
# The connection is inside a transaction already, and SQLite takes back DDL as well: all migrations or none.
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
