"""What polling costs, as a table: ``python -m tests.benchmarks.polling [--quick] [--only NAME] [--reader-python PATH]``.

CPU is user and system time of the program and all its processes; RSS is the greatest sum over these. The feeds come
from a server on loopback that is counted nowhere. Nothing else should run meanwhile; CPU bears it better than wall time.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.polling.scenarios import QUICK, SCENARIOS, Setting, Size
from tests.benchmarks.polling.table import Line, header, missed, row


def main() -> int:
    """0 when every goal is met."""
    arguments = _arguments()
    size = QUICK if arguments.quick else Size()
    print(f"Python {platform.python_version()}, {platform.machine()}\n\n{header()}", flush=True)
    lines: list[Line] = []
    for name in arguments.only or SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            setting = Setting(folder=Path(folder), size=size, reader=arguments.reader_python)
            for line in SCENARIOS[name](setting):
                lines.append(line)
                print(row(line), flush=True)
    print(f"\n{len(missed(lines))} goals missed", flush=True)
    return 1 if missed(lines) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.polling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer sources: minutes become seconds")
    parser.add_argument(
        "--only", action="append", choices=list(SCENARIOS), help="this situation; may be repeated"
    )
    parser.add_argument(
        "--reader-python",
        type=Path,
        help="the Python of a virtual environment with lemon24/reader, measured beside ours",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
