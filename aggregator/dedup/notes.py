"""Short texts that a source prints under many titles: a caption, show notes, "read more on our site".

What such an entry tells is its title. A false merge hides an article, a missed one shows it twice: so the same few
words under titles that have nothing in common are two articles of a source. A text as long as a story is one article,
whatever it is called, and another source that has the same words has copied them.
"""

from __future__ import annotations

from aggregator.dedup.features import features_of, plain, squeezed
from aggregator.dedup.titles import is_serial

#: Longer texts are stories, in folded characters; those of a script without spaces say more with as many.
LONGEST_UNSPACED, LONGEST_SPACED = 200, 600
#: Titles are one where the shorter has so much of its words in the other.
ALIKE = 0.5


def is_note(length: int, *, unspaced: bool) -> bool:
    return length <= (LONGEST_UNSPACED if unspaced else LONGEST_SPACED)


def is_note_text(text: str) -> bool:
    """The same of a text as given."""
    if len(text) > 2 * LONGEST_SPACED:
        return False
    features = features_of(plain(text))
    return is_note(features.length, unspaced=features.unspaced)


def name_two(one: str, other: str) -> bool:
    """Whether two titles, as given, name two things: hardly a word in common, or the numbers of a series."""
    titles = plain(one), plain(other)
    bare = [squeezed(title) for title in titles]
    if not all(bare) or bare[0] == bare[1]:
        return False
    if is_serial(one, other):
        return True
    few, many = sorted((features_of(title).terms.keys() for title in titles), key=len)
    return len(few & many) < ALIKE * len(few)
