"""The same feeds through lemon24/reader; run by its own Python, in a folder that holds ``urls``."""

from pathlib import Path

from reader import make_reader  # type: ignore[import-not-found]  # of another environment


def main() -> None:
    reader = make_reader("reader.sqlite")
    for url in Path("urls").read_text().splitlines():
        reader.add_feed(url)
    reader.update_feeds(workers=10)
    assert reader.get_entry_counts().total, "nothing was read"


if __name__ == "__main__":
    main()
