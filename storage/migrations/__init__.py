"""The history of the schema, oldest first in ``versions``. A released migration is never edited."""
