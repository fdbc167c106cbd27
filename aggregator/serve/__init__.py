"""The built-in HTTP server: the published files, health, status and metrics."""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.serve.app import make_app as make_app
    from aggregator.serve.callbacks import Callbacks as Callbacks
    from aggregator.serve.errors import ServeError as ServeError
    from aggregator.serve.facts import Facts as Facts
    from aggregator.serve.metrics import Metrics as Metrics
    from aggregator.serve.server import HttpServer as HttpServer
    from aggregator.serve.status import status_rows as status_rows
else:
    __getattr__ = lazily(__name__)
