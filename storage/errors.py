"""What can go wrong in a store, each with what the operator can do about it."""


class StorageError(Exception):
    """The store cannot do what was asked; the message says which store and what to do."""


class NothingPolled(StorageError):
    """There is no database yet: no daemon has run, so there is nothing to look at."""


class LeaseLost(StorageError):
    """The claim is stale: another worker has taken the source since. Nothing was written."""


class NewerSchema(StorageError):
    """The database was written by a newer version of this program, which alone can read it."""


class StoreBusy(StorageError):
    """Another process holds the embedded database for writing."""


class StoreDamaged(StorageError):
    """The database file is not one, or is corrupt."""


class StoreReadOnly(StorageError):
    """The database, its folder or its disk refuses writes (read-only, no permission, full)."""
