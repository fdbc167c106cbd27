"""What polling costs, as a table: ``python -m tests.benchmarks.polling``."""
