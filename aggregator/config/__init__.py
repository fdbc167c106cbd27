"""Configuration: feeds.yaml in, typed values or faults with their places out.

``load_config`` is the way in; ``add_sources`` and ``new_config`` write. The types are in ``model``, which reading
processes import without the rest.
"""

from typing import TYPE_CHECKING

from aggregator.lazy import lazily

if TYPE_CHECKING:
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

__getattr__ = lazily(
    __name__,
    draft="NewSection new_config",
    edit="NewSource add_sources",
    faults="ConfigError Fault",
    load="Loaded load_config parse_config",
)
