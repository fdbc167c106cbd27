"""Configuration: feeds.yaml in, typed values or faults with their places out.

``load_config`` is the way in; ``add_sources`` and ``new_config`` write. The types are in ``model``, which reading
processes import without the rest.
"""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
    from aggregator.config.draft import NewSection as NewSection, new_config as new_config
    from aggregator.config.edit import NewSource as NewSource, add_sources as add_sources
    from aggregator.config.faults import ConfigError as ConfigError, Fault as Fault
    from aggregator.config.load import (
        Loaded as Loaded,
        load_config as load_config,
        parse_config as parse_config,
    )
else:
    __getattr__ = lazily(__name__)
