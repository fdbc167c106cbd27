"""The bundled sample newsstand: invented outlets that the demo polls, served on loopback by the program itself."""

from aggregator.demo.newsstand import Newsstand
from aggregator.demo.settings import demo_config

__all__ = ["Newsstand", "demo_config"]
