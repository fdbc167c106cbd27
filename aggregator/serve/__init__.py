"""The built-in HTTP server: the published files, health, status and metrics."""

from aggregator.serve.app import make_app
from aggregator.serve.callbacks import Callbacks
from aggregator.serve.facts import Facts
from aggregator.serve.metrics import Metrics
from aggregator.serve.server import HttpServer, ServeError
from aggregator.serve.status import status_rows

__all__ = ["Callbacks", "Facts", "HttpServer", "Metrics", "ServeError", "make_app", "status_rows"]
