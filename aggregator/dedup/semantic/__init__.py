"""The semantic stage, an extra: rewrites of whole articles, found by the meaning of their sentences.

Nothing here is imported unless an encoder is installed; only ``encoder.py`` may be, for it needs nothing.
"""
