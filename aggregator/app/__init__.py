"""The composition root: only here are clients, stores, schedulers and servers made and joined."""
