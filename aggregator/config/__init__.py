"""Configuration: feeds.yaml in, typed values or faults with their places out.

``load_config`` is the way in; ``add_sources`` and ``new_config`` write. The types are in ``model``.
"""

from aggregator.config.draft import NewSection, new_config
from aggregator.config.edit import NewSource, add_sources
from aggregator.config.faults import ConfigError, Fault
from aggregator.config.load import Loaded, load_config, parse_config

__all__ = [
    "ConfigError",
    "Fault",
    "Loaded",
    "NewSection",
    "NewSource",
    "add_sources",
    "load_config",
    "new_config",
    "parse_config",
]
