"""``python -m aggregator``: the command, where its script is not on the path."""

from aggregator.cli import main

main(prog_name="aggregator")
