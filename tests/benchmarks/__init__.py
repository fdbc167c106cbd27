"""Measurements: run with ``pytest tests/benchmarks -m benchmark -s [--corpus DIR]``."""
