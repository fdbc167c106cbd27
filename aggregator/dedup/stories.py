"""Stories that have proved to be one: under which of them a text stands by now."""

from __future__ import annotations

from dataclasses import replace

from aggregator.dedup.texts import Text


class Stories:
    """Remembers what was joined to what."""

    def __init__(self) -> None:
        self._joined: dict[str, Text] = {}  # by the story that is none any more

    def join(self, story: str, into: Text) -> None:
        """All that stood for the one story stands for the other's from now on."""
        self._joined[story] = into

    def printed(self, story: str) -> str:
        while story in self._joined:
            story = self._joined[story].story
        return story

    def present(self, text: Text) -> Text:
        """The text as of the story that it stands for by now."""
        story, begun = text.story, text.begun
        while story in self._joined:
            story, begun = self._joined[story].story, self._joined[story].begun
        return text if story == text.story else replace(text, story=story, begun=begun)
