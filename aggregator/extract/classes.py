"""What the words in ``class`` and ``id`` say of an element. Tables, one line a theme; code elsewhere only looks words up."""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.extract.lexicon import lexicon

#: Never the article: whatever stands in such an element is left out unless it is most of the page.
FOREIGN = lexicon(
    """
    comment comments comm cmt cmts commentlist disqus reply replies respond discuss discussion guestbook
    feedback gentie tie pinglun liuyan remark related relate relates relation relevant recommend
    recommends recommended recommendation recommendations recom rec rcmd reco tuijian xiangguan xgyd
    xgwz xgnews morenews readmore similar alsolike guess share sharing shares social socials bdshare
    jiathis bshare fenxiang sns followus sidebar aside rail footer foot bottomnav copyright copyrights
    statement disclaimer mianze nav navbar navigation navi menu menus topnav topbar breadcrumb
    breadcrumbs crumb crumbs bread ad ads adv advert adverts advertisement advertising sponsor sponsored
    banner banners promo promos promotion gg guanggao newsletter subscribe subscription signup paywall
    login cookie cookies consent gdpr popup modal dialog overlay lightbox rank ranking ranklist hotlist
    hotnews paihang trending mostread mostpopular popular prevnext prenext pagenav pager pagination
    paging pages pagelist qrcode ewm erweima download appdownload tags taglist keywords
    """
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

_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=8192)
def words(name: str) -> frozenset[str]:
    """The words of a class or id: parts of each name, and the name as one word ("post_content": post, content, postcontent)."""
    found: set[str] = set()
    for token in name.split()[:12]:
        parts = [
            part for part in _SPLIT.split(_CAMEL.sub("-", token[:80]).lower()) if part and not part.isdigit()
        ]
        found.update(parts)
        found.add("".join(parts))
    return frozenset(found)
