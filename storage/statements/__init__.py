"""The SQL, named, by what it is about.

All values are bound; what only one database understands comes from the backend.
"""
