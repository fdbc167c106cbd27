"""The built-in HTTP server: the published files, health, status and metrics."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.serve.app import make_app
    from aggregator.serve.callbacks import Callbacks
    from aggregator.serve.errors import ServeError
    from aggregator.serve.facts import Facts
    from aggregator.serve.metrics import Metrics
    from aggregator.serve.server import HttpServer
    from aggregator.serve.status import status_rows

__all__ = ["Callbacks", "Facts", "HttpServer", "Metrics", "ServeError", "make_app", "status_rows"]

__getattr__ = lazily(
    __name__,
    app="make_app",
    callbacks="Callbacks",
    errors="ServeError",
    facts="Facts",
    metrics="Metrics",
    server="HttpServer",
    status="status_rows",
)
