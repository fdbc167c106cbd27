"""What the words in ``class`` and ``id`` say of an element. Tables; code only looks words up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from aggregator.extract.lexicon import lexicon

#: Readers' words.
COMMENTS = lexicon(
    """
    comment comments comm cmt cmts commentlist commentslist disqus reply replies respond discuss discussion guestbook
    feedback gentie tie pinglun liuyan remark commentbox commentarea
    """
)

#: Other articles.
OTHERS = lexicon(
    """
    related relate relates relation relevant recommend recommends recommended recommendation recommendations recom rec
    rcmd reco tuijian xiangguan xgyd xgwz xgnews morenews readmore similar alsolike guess rank ranking ranklist hotlist
    hotnews paihang trending mostread mostpopular popular
    """
)

#: Never the article: whatever stands in such an element is left out unless it is most of the page.
FOREIGN = (
    COMMENTS
    | OTHERS
    | lexicon(
        """
    share sharing shares social socials bdshare jiathis bshare fenxiang sns followus sidebar aside rail footer
    foot bottomnav copyright copyrights statement disclaimer mianze nav navbar navigation navi menu menus topnav
    topbar breadcrumb breadcrumbs crumb crumbs bread ad ads adv advert adverts advertisement advertising sponsor
    sponsored banner banners promo promos promotion gg guanggao newsletter subscribe subscription signup paywall
    login cookie cookies consent gdpr popup modal dialog overlay lightbox prevnext prenext pagenav pager
    pagination paging pages pagelist qrcode ewm erweima download appdownload tags taglist keywords player
    videoplayer mplayer jwplayer vjs prism
    """
    )
)

#: Beside the article more often than of it: counts against, and alone proves nothing.
BESIDE = lexicon(
    """
    side right left widget widgets hot top10 toplist list lists box more extra tool tools toolbar info
    meta header head bottom tail editor author bio profile tag keyword help link links video gallery
    slide slider photo score vote like zan dashang reward donate feed feeds stock quote calendar weather
    """
)

#: Names that the systems which make pages give to the element of the body.
BODY = lexicon(
    """
    article articlebody articlecontent articletext articlecont articlebox articlecon articlemain
    articledetail artical artbody artcontent artcon arttext artibody content contents contenttext
    contentbody contentmain contentarea contenttxt contentbox con conbody cont maincontent main maintext
    mainbody maincon post postbody postcontent posttext entry entrycontent entrybody story storybody
    storytext storycontent newsbody newscontent newstext newscon newsdetail newsmain newstxt detail
    details detailcontent detailbody detailcon detailtext zhengwen neirong wenzhang text txt body
    bodytext textbody textcontent trseditor trs ueditor editorcontent editor richmedia richmediacontent
    richtext rich endtext fulltext blogcontent blogcont blog essay p402hide view vsb vsbcontent
    pagescontent ucapcontent foundercontent bbody bodycopy copy prose markdown
    """
)

#: Beginnings that say the same in whatever is joined to them: commentform, relatedlist.
_FOREIGN_STEMS = (
    "comment",
    "related",
    "recommend",
    "sharebar",
    "sharebox",
    "sidebar",
    "advert",
    "breadcrumb",
    "pinglun",
    "tuijian",
    "authorbio",
    "aboutauthor",
    "aboutthe",
    "modal",
    "videoplayer",
    "newsletter",
    "disqus",
    "copyright",
    "sharethis",
    "addtoany",
    "socialshare",
)

_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS = 3  # of a name, beyond which one of them says little of the whole: "has-no-sidebar-left"
_NAMES = 8  # of an element, beyond which they are switches of a script


@lru_cache(maxsize=8192)
def words(name: str) -> frozenset[str]:
    """The words of a class or id: the parts of each name, and each name as one word ("post_content": postcontent)."""
    found: set[str] = set()
    for parts in _split(name):
        found.update(parts)
        found.add("".join(parts))
    return frozenset(found)


@lru_cache(maxsize=8192)
def is_foreign(name: str) -> bool:
    """Whether a class or id says that the element is not of the article."""
    names = list(_split(name))
    if len(names) > _NAMES:
        return False
    return any(_is_foreign(parts) for parts in names)


def _is_foreign(parts: list[str]) -> bool:
    whole = "".join(parts)
    if whole in FOREIGN or whole.startswith(_FOREIGN_STEMS):
        return True
    return len(parts) <= _PARTS and not FOREIGN.isdisjoint(parts)


def _split(name: str) -> Iterator[list[str]]:
    for token in name.split()[: 2 * _NAMES]:
        parts = _SPLIT.split(_CAMEL.sub("-", token[:80]).lower())
        yield [part for part in parts if part and not part.isdigit()]
