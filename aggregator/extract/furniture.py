"""Lines that stand in a body and are not of the article: a table of phrases, and how a body is cleared of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregator.extract.clean import Piece
from aggregator.extract.title import bare

#: A line that is furniture wherever it stands, whole. One theme a line.
_ANYWHERE = (
    r"[\[【（(]?\s*(?:本文|文章|新闻)?\s*(?:责任编辑|责任编缉|责任校对|責任編輯|责编|值班编辑|网络编辑|"
    r"执行编辑|页面编辑|文字编辑|编辑部|编审|审核|校审|值班主任|值班总编|初审|复审|终审|一审|二审|"
    r"三审)\s*[:：丨|/／].{0,60}",
    r"[\[【（(]?\s*(?:编辑|編輯|小编|编校|校对|监制|总监制|主编|排版|美编|统筹|审读|审校|制作|出品|"
    r"策划)\s*[:：丨|/／].{1,40}",
    r"[（(【\[]?\s*(?:本文)?(?:原标题|原題|原文标题|原文題目|原题|新闻标题)\s*[:：].{1,120}",
    r"[（(【\[]?\s*(?:本文|文章|新闻|稿件|图片|信息|内容|资料)?\s*(?:来源|來源|转自|转载自|稿源|出处)\s*[:：丨|"
    r"｜].{1,50}",
    r"[（(【\[]?\s*(?:原文|本文|文章)?(?:链接|地址|网址|原文链接)\s*[:：]\s*\S{0,200}",
    r"[（(【\[]?(?:免责声明|免責聲明|版权声明|郑重声明|特别声明|风险提示|风险揭示|特别提示|声明|法律声明|"
    r"侵权声明)[】\]）)]?\s*[:：].{0,400}",
    r".{0,20}(?:未经(?:授权|许可|书面|本网|本报|本站).{0,30}(?:不得|禁止|严禁|谢绝)).{0,120}",
    r".{0,40}(?:版权归(?:原)?作者|版权属于|版权所有|著作权归|转载请注明|转载请联系|转载请标明|侵权请联系|"
    r"请联系删除|联系我们删除|如有侵权|如涉及侵权|涉及版权问题).{0,160}",
    r".{0,30}(?:仅代表作者(?:本人|个人)?观点|不代表.{0,12}(?:立场|观点)|不构成(?:任何)?投资(?:建议|依据|操作)|"
    r"据此操作.{0,6}风险自担).{0,120}",
    r"(?:点击|扫描|长按|识别|扫码|扫一扫|微信扫).{0,30}(?:二维码|关注|下载|加入|订阅|查看更多|进入专题).{0,40}",
    r".{0,12}(?:关注|搜索|添加|订阅)(?:我们|本|官方|同名)?.{0,16}(?:微信)?公众号.{0,40}",
    r"(?:更多|获取更多|了解更多|查看更多|想看更多|阅读更多).{0,24}(?:请|点击|关注|下载|尽在|敬请|资讯|内容|"
    r"新闻|精彩).{0,40}",
    r"(?:打开|下载|安装).{0,10}(?:APP|app|客户端).{0,30}",
    r".{0,40}(?:扫描|扫码|长按|识别).{0,10}二维码.{0,40}",
    r".{0,120}【点击.{2,8}】.{0,30}|.{0,30}【下载(?:地址|链接|APP)?】.{0,10}",
    r"[\d、.\s]{0,4}回复【?.{1,20}(?:查看|查询|获取|了解|领取|看看).{0,30}|点击菜单栏.{0,40}|.{0,20}点(?:个|【|"
    r"“)?(?:在看|赞).{0,20}",
    r"(?:更多)?相关(?:资讯|内容|新闻|信息).{0,6}(?:请|敬请)?关注.{0,30}|\S{2,10}(?:公众号|官方微博|官方微信)",
    r"返回(?:首页|列表|顶部|上一页|目录|搜狐).{0,16}",
    r"(?:分享|收藏|打印|举报|纠错|关闭|评论|点赞|转发|赞|赏|打赏|推荐|复制链接|字号|字体|大|中|小|放大|缩小|"
    r"听新闻|语音播报|分享到|分享至|关闭窗口|打印本页|我要评论|我要纠错)(?:[\s:：|/、+-]*(?:分享|收藏|打印|"
    r"举报|纠错|关闭|评论|点赞|转发|赞|朋友圈|微信|微博|QQ空间|QQ|新浪微博|腾讯微博|大|中|小|窗口|本页|到|至|"
    r"字号|字体|T|A))*[\s:：\d]*",
    r"[【\[（(]?\s*(?:我要)?(?:纠错|举报|打印|关闭|收藏|返回|评论)(?:文章|本页|窗口)?\s*[】\]）)]?",
    r"(?:上|下)一(?:篇|条|页|则|章|个)(?:\s*[:：>»].{0,80}|\s.{0,80})?|(?:上|下)页|末页|尾页|首页|阅读下一篇\s*[:：]?.{0,60}",
    r"(?:[\d\s.…<>«»‹›|\[\]]|上一页|下一页|上页|下页|首页|末页|尾页|共\d+页|第\d+页|prev(?:ious)?|next|page)+",
    r"(?:点击|浏览|阅读|访问|人气|查看)(?:次数|量|数)?\s*[:：]\s*\d*\s*(?:次)?",
    r"(?:标签|关键词|关键字|tags?|话题|专题)\s*[:：].{0,120}",
    r"[（(]?(?:完|本文完|全文完|未完待续)[）)]?",
    r"bild vergrößern|springe zum rezept.{0,30}|(?:jump to|print) recipe.{0,30}|agrandir|lire aussi.{0,120}|"
    r"lesen sie auch.{0,120}|mehr zum thema.{0,80}",
    r"(?:展开|收起|阅读|查看|展开阅读|点击展开|点击查看)(?:全文|全部|更多|剩余.{0,6})?\s*[>»▼∨↓]*|展开\s*收起",
    r"advertisement|anzeige|publicité|publicidad|广告|廣告|推广|赞助内容|story continues below|"
    r"article continues (?:below|after).{0,40}|continue reading.{0,40}",
    r"(?:share|tweet|pin|email|print|save|copy link|facebook|twitter|whatsapp|linkedin|reddit|pinterest|"
    r"telegram|share this.{0,30}|share on.{0,30}|follow us.{0,40}|like this:?|loading\.{0,3})",
    r"(?:read more|read also|also read|see also|related|more on this|recommended|you may also like|"
    r"don't miss)\s*[:：].{0,160}",
    r"(?:sign up|subscribe|get the latest|join our).{0,60}(?:newsletter|inbox|updates|channel|whatsapp|"
    r"telegram).{0,80}",
    r"(?:this article (?:was )?(?:originally|first) (?:appeared|published)).{0,160}",
    r"\d{1,2}:\d\d\s*/\s*\d{1,2}:\d\d|play video|视频加载中.{0,10}|您的浏览器.{0,30}|加载中\.*|正在加载.{0,6}|"
    r"图片加载中.{0,6}",
    r"(?:©|copyright|\(c\)).{0,120}|all rights reserved.{0,60}",
    r"[\s\W_]+",
)

#: The heading of a list of other articles, or of comments: what follows it to the end of the body is not of the article
#: when it is links or short lines.
_ENDING = re.compile(
    r"(?:[【\[▼■●◆*#★]|\s)*(?:(?:更多)?(?:相关|延伸|拓展|扩展|推荐|热门|精彩|往期|最新|猜你|更多|今日|其他|其它|编辑)"
    r"(?:新闻|阅读|文章|推荐|资讯|报道|专题|内容|链接|评论|话题|回顾|搜索|喜欢|精选|热点|热文|视频|图片|产品|"
    r"下载|主题|帖子)(?:推荐|列表|链接)?"
    r"|相关|推荐|猜你喜欢|你可能(?:也|还|会)?(?:感)?(?:喜欢|兴趣).{0,8}|网友评论|最新评论|全部评论|热门评论|"
    r"评论区|发表评论|用户评论|参与评论|我要评论"
    r"|related (?:articles?|posts?|stories|news|content|links|topics?|reading).{0,20}|more (?:from|on|in|"
    r"stories|news|articles).{0,60}"
    r"|you (?:may|might) (?:also )?(?:like|be interested).{0,30}|recommended(?: for you| reading| stories)?|"
    r"read (?:more|next)|see also|further reading"
    r"|(?:\d+ )?comments?(?: \(\d+\))?|leave a (?:reply|comment).{0,20}|post a comment|most (?:read|popular)|"
    r"trending(?: now)?|up next"
    r"|share this.{0,30}|about the author.{0,30}|references|sources?|tags?|"
    r"filed under.{0,60})(?:[】\]:：▼\s>»…]|\(\d+\))*",
    re.IGNORECASE,
)

_OTHERS = re.compile(
    r"相关|推荐|延伸|更多|热门|related|recommended|more from|also like|comments?", re.IGNORECASE
)
_DOTS = re.compile(r"(?<=[\u3400-\u9fff])[\s·・•|/]+(?=[\u3400-\u9fff])")

#: Only at the head of a body: date, source and counters that a template puts between title and text.
_HEAD = re.compile(
    r".{0,40}(?:(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}).{0,60}"
    r"|(?:作者|来源|來源|记者|文|编辑|发布|时间|日期|发布时间|更新时间|浏览|点击|阅读)\s*[:：/／].{0,60}"
    r"|(?:by|posted|published|written by|updated|last updated)\b.{0,80}|\d{1,2}:\d\d(?::\d\d)?|\d+\s*(?:次|"
    r"阅读|评论|views?|comments?|min read|minutes? read)"
    r"|原创|首发|.{0,20}(?:字号|字体|朗读|收听|听全文|大中小).{0,20}",
    re.IGNORECASE,
)

#: Only at the end: who wrote it, in brackets or after a label.
_TAIL = re.compile(
    r"[\[【（(]?\s*(?:作者|文|记者|图|文字|摄影|撰文|撰稿|供稿|图片|编辑|编译|翻译|来源|责编|编|校|审|监制|"
    r"通讯员|审核|总监制|监\s*制|审\s*读|排版|作者|编辑|值班)\s*[:：/／丨|｜]?.{0,40}[\]】）)]?"
    r"|[\[【（(].{0,30}(?:报道|记者|编辑|综合|来源|供稿|摄|报|网|社|讯)[^。]{0,20}[\]】）)]|[\[\]】【（）()]",
)

_FURNITURE = re.compile("|".join(f"(?:{pattern})" for pattern in _ANYWHERE), re.IGNORECASE)
_LONGEST = 420
_DIALOGUE = re.compile(r"[“”「」\"]")


def is_furniture(line: str) -> bool:
    """The line as a whole is one of the table."""
    return len(line) <= _LONGEST and _FURNITURE.fullmatch(line) is not None


#: What a line below a picture says when it is its caption.
_CAPTION = re.compile(
    r".{0,160}(?:摄影?|供图|截图|资料图片?|配图|示意图|效果图|图源|图片来源|视觉中国|图虫|东方IC|新华社发|"
    r"中新社发|社记者.{1,8})[)）】\]。]?$"
    r"|[▲△▼↑↓◎].{1,120}|.{0,10}(?:图片?|图为|上图|下图|图注|图说)\s*[:：丨|／/].{1,120}|图为.{1,120}|"
    r"[（(].{0,30}(?:图|摄|供图|截图|图片).{0,30}[）)]"
    r"|.{0,200}\b(?:photo|image|picture|credit|photograph|courtesy|getty images|reuters|afp|ap photo|"
    r"shutterstock|unsplash|alamy)\b.{0,60}",
    re.IGNORECASE,
)


def _captioned(found: Iterable[Piece]) -> list[Piece]:
    """A short line right below a picture that reads like a caption becomes one."""
    kept: list[Piece] = []
    for piece in found:
        above = kept[-1] if kept else None
        if above and above.tag == "img" and piece.tag == "p" and _is_caption(piece.text):
            piece = replace(piece, tag="figcaption", around=above.around)
        kept.append(piece)
    return kept


def _is_caption(line: str) -> bool:
    return len(line) <= 160 and _CAPTION.fullmatch(line) is not None


def clear(found: Sequence[Piece], title: str, repeated: Iterable[str] = ()) -> list[Piece]:
    """The body without its furniture. ``repeated``: breadcrumb, date line and the like, which its head may show."""
    kept = [piece for piece in found if not is_furniture(piece.text) or not piece.text]
    kept = _headless(kept, title, {bare(line) for line in repeated if bare(line)})
    kept = _tailless(_ended(kept))
    return _captioned(_without_empty_headings(kept))


def _headless(found: list[Piece], title: str, repeated: set[str]) -> list[Piece]:
    """Drops title, date line and breadcrumb from before the first paragraph; pictures there stay."""
    wanted, head = bare(title), 0
    dropped: set[int] = set()
    for at, piece in enumerate(found[:12]):
        if not piece.text:
            continue
        text = bare(piece.text)
        if (text and (text == wanted or text in repeated)) or (
            len(piece.text) < 100 and _HEAD.fullmatch(piece.text)
        ):
            dropped.add(at)
            head = at
        elif len(piece.text) > 24:
            break
    return [piece for at, piece in enumerate(found) if at not in dropped or at > head]


def _ended(found: list[Piece]) -> list[Piece]:
    """Cuts at the heading of a list of other articles, when a list follows, or little beside what stands before."""
    said = 0
    total = sum(len(piece.text) for piece in found)
    for at, piece in enumerate(found):
        if at and len(piece.text) < 40 and _ENDING.fullmatch(_DOTS.sub("", piece.text)):
            rest = total - said - len(piece.text)
            if _is_list(found[at + 1 :]) or (_OTHERS.search(piece.text) and rest < 0.4 * said):
                return found[:at]
        said += len(piece.text)
    return found


def _is_list(rest: Sequence[Piece]) -> bool:
    texts = [piece for piece in rest if piece.text]
    lines = [piece for piece in texts if len(piece.text) < 60 or piece.linked > 0.5 * len(piece.text)]
    return len(lines) >= 0.8 * len(texts)


def _tailless(found: list[Piece]) -> list[Piece]:
    end = len(found)
    for at in range(len(found) - 1, max(len(found) - 8, 0), -1):
        text, tag = found[at].text, found[at].tag
        if (
            not text
            or (len(text) < 60 and _TAIL.fullmatch(text) and not _DIALOGUE.search(text))
            or tag in ("h2", "h3", "h4")
        ):
            continue
        if len(text) < 60 and found[at].linked > 0.8 * len(text):
            continue
        end = at + 1
        break
    else:
        return found
    return [piece for at, piece in enumerate(found) if at < end or not piece.text]


def _without_empty_headings(found: list[Piece]) -> list[Piece]:
    """A heading with nothing below it heads something that was left out."""
    while found and found[-1].tag in ("h2", "h3", "h4"):
        found = found[:-1]
    return list(found)
