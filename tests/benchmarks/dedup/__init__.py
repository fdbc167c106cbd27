"""Measures the deduplicator: what it finds, what it merges by mistake, what that costs, beside its peers."""
