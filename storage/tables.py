"""The tables. A change here needs a migration; a test holds the two equal."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from storage.columns import Enclosures, Key, Moment, Names, Notes

metadata = MetaData()

#: A source's record (storage.model.SourceRecord), its place in the configuration, and who has claimed it.
source = Table(
    "source",
    metadata,
    Column("id", Key, primary_key=True),
    Column("configured_url", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("health", Text, nullable=False),
    Column("etag", LargeBinary),
    Column("last_modified", LargeBinary),
    Column("body_hash", LargeBinary),
    Column("next_poll", Moment, nullable=False),
    Column("next_poll_reason", Text, nullable=False),
    Column("hold_until", Moment),
    Column("last_poll", Moment),
    Column("last_success", Moment),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("polls", Integer, nullable=False),
    Column("not_modified", Integer, nullable=False),
    Column(
        "articles", Integer, nullable=False
    ),  # kept in step by the store: counting a million rows is not free
    Column("memory", Notes, nullable=False),
    Column("position", Integer),  # among the configured sources; NULL: not configured any more
    Column("token", BigInteger, nullable=False),
    Column("owner", Text),  # NULL: free
    Column("lease_until", Moment),
    Column("site", Key, nullable=False, server_default=""),  # of ``url``, as storage.sites.site_of writes it
)
Index("source_next_poll", source.c.next_poll, source.c.id)
Index("source_site", source.c.site)
Index("source_url", source.c.url, source.c.position)

#: What is learnt about a source that only some polls need.
note = Table(
    "note",
    metadata,
    Column("source", Key, ForeignKey("source.id"), primary_key=True),
    Column("name", Key, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

#: Sites that are to be left alone.
site_hold = Table(
    "site_hold",
    metadata,
    Column("site", Key, primary_key=True),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
)

#: What sites ask of robots (storage.model.RobotsRecord).
robots = Table(
    "robots",
    metadata,
    Column("site", Key, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("status", Integer),
    Column("body", LargeBinary, nullable=False),
)
Index("robots_expires", robots.c.expires)

#: Agreements with hubs (storage.model.Subscription).
subscription = Table(
    "subscription",
    metadata,
    Column("token", Key, primary_key=True),
    Column("source", Key, ForeignKey("source.id"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("hub", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("last_push", Moment),
    Column("pushes", Integer, nullable=False),
    Column("error", Text),
)
Index("subscription_source", subscription.c.source, subscription.c.token)

#: To whom our own hub brings feeds (storage.model.HubSubscription).
hub_subscription = Table(
    "hub_subscription",
    metadata,
    Column("callback", Key, primary_key=True),
    Column("topic", Key, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("lease_until", Moment, nullable=False),
    Column("delivered", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Moment),
    Column("failing_since", Moment),
    Column("error", Text),
)

#: An article (storage.model.Article). The long columns stand last: who skips them does not load them.
article = Table(
    "article",
    metadata,
    Column("uid", Key, primary_key=True),
    Column("source", Key, nullable=False),
    Column("date", Moment, nullable=False),  # Article.date, to sort by
    Column("first_seen", Moment, nullable=False),
    Column("published", Moment),
    Column("updated", Moment),
    Column("expired", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("story", Key, nullable=False),
    Column("copy_of", Key),
    Column("text_hash", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("language", Text),
    Column("title", Text, nullable=False),
    Column("sections", Names, nullable=False),  # in the order of the configuration; placement is its index
    Column("authors", Names, nullable=False),
    Column("breadcrumb", Names, nullable=False),
    Column("labels", Names, nullable=False),
    Column("tags", Names, nullable=False),
    Column("image", Text),
    Column("site", Text),
    Column("origin", Text),
    Column("enclosures", Enclosures, nullable=False),
    Column("summary", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("search_head", Text, nullable=False),  # title and summary, folded
    Column("search_body", Text, nullable=False),  # text, folded
)
# Not unique: a source may use one guid for many articles, and several sources bring one address or one text.
Index("article_guid", article.c.source, article.c.guid)
Index("article_canonical_url", article.c.canonical_url)
Index("article_url", article.c.url)
Index("article_text_hash", article.c.text_hash)
Index("article_date", article.c.date.desc(), article.c.uid)
Index("article_source_date", article.c.source, article.c.date.desc(), article.c.uid)

# Most articles are alone in their stories, and a row at a random place of an index is a page more to be written.
_COPIES: Final = Index("article_copy_of", article.c.copy_of, sqlite_where=text("copy_of IS NOT NULL"))
_TOLD_TOGETHER: Final = Index("article_story", article.c.story, sqlite_where=text("story <> uid"))
# What retention has done with is not gone through again. Text: an index's condition must not have bound values.
_STANDING: Final = Index(
    "article_first_seen",
    article.c.first_seen,
    article.c.uid,
    sqlite_where=text("expired IS 0"),
)


def of_postgresql() -> None:
    """Say what only PostgreSQL understands. Said above, SQLAlchemy would import its dialect for every SQLite."""
    for index in (_COPIES, _TOLD_TOGETHER):
        index.dialect_kwargs["postgresql_where"] = index.dialect_options["sqlite"]["where"]
    _STANDING.dialect_kwargs["postgresql_where"] = text("expired IS false")


#: Which article stands in which section, in the order in which a section is read.
placement = Table(
    "placement",
    metadata,
    Column("uid", Key, ForeignKey("article.uid"), primary_key=True),
    Column("section", Key, primary_key=True),
    Column("date", Moment, nullable=False),
)
Index("placement_section_date", placement.c.section, placement.c.date.desc(), placement.c.uid)

#: What deduplication decided (storage.model.Decision), in the order of arrival.
decision = Table(
    "decision",
    metadata,
    Column("id", Integer().with_variant(BigInteger, "postgresql"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("uid", Key, nullable=False),
    Column("source", Key, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("of", Key),
    Column("similarity", Float, nullable=False),
    Column("clause", Text, nullable=False),
)
Index("decision_uid", decision.c.uid, decision.c.at, decision.c.id)

#: Texts that stand for stories (storage.transactions.Sketches): near copies are found by the hashes they share.
sketch = Table(
    "sketch",
    metadata,
    # Never given twice: postings of a text that is indexed no more may stay a while.
    Column("number", Integer().with_variant(BigInteger, "postgresql"), primary_key=True),
    Column("uid", Key, nullable=False),
    Column("at", Moment, nullable=False),
    Column("filled", Integer, nullable=False),
    sqlite_autoincrement=True,
)
Index("sketch_uid", sketch.c.uid, unique=True)

#: Some thirty rows a text. No row names its text back: they go by age, in passes over the whole.
posting = Table(
    "posting",
    metadata,
    Column("hash", Integer, primary_key=True, autoincrement=False),  # 32 bits, signed
    Column("sketch", Integer().with_variant(BigInteger, "postgresql"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

#: Articles about the same that are no copies; each pair stands there both ways round.
kin = Table(
    "kin",
    metadata,
    Column("uid", Key, primary_key=True),
    Column("other", Key, primary_key=True),
    Column("similarity", Float, nullable=False),
    sqlite_with_rowid=False,
)

#: What is learnt from all articles together.
learnt = Table(
    "learnt",
    metadata,
    Column("name", Key, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

#: Stories that articles were taken out of by hand (storage.model.Separation).
apart = Table(
    "apart",
    metadata,
    Column("story", Key, primary_key=True),
    Column("uid", Key, primary_key=True),
    Column("source", Key, nullable=False),
    Column("at", Moment, nullable=False),
)

#: What articles mean (storage.model.Meaning), for as long as copies of them are looked for.
meaning = Table(
    "meaning",
    metadata,
    # Never given twice: who has read the codes up to one reads on from there.
    Column("number", Integer().with_variant(BigInteger, "postgresql"), primary_key=True),
    Column("uid", Key, nullable=False),
    Column("encoder", Key, nullable=False),
    Column("date", Moment, nullable=False),
    Column("check", BigInteger, nullable=False),
    Column("code", LargeBinary, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index("meaning_uid", meaning.c.uid, unique=True)
Index("meaning_date", meaning.c.date)

#: How often a section changed, and up to where it is published.
section = Table(
    "section",
    metadata,
    Column("id", Key, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("published", Integer, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
)
