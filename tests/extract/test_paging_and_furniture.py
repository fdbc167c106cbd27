"""The next page of an article, and lines that are not of it."""

from __future__ import annotations

import pytest

from aggregator.extract import extract_article
from aggregator.extract.furniture import is_furniture


@pytest.mark.parametrize(
    ("here", "link", "follows"),
    [
        ("https://e.cn/a/1.html", "<a href='1_2.html'>下一页</a>", True),
        ("https://e.cn/a/1_2.html", "<a href='1_3.html'>下一页</a>", True),
        ("https://e.cn/a/1_2.html", "<a href='1_1.html'>上一页</a>", False),
        ("https://e.cn/a/1.html", "<a href='1_1.html'>下页</a>", True),
        ("https://e.cn/a/1", "<a href='/a/1/2'>2</a>", True),
        ("https://e.cn/a/1", "<a rel='next' href='/a/1/page/2/'>…</a>", True),
        ("https://e.cn/a?id=7", "<a href='?id=7&amp;page=2'>Next</a>", True),
        ("https://e.cn/a?id=7&p=2", "<a href='?id=7&amp;p=3'>»</a>", True),
        ("https://e.cn/a/c_1001.html", "<a href='c_1002.html'>下一篇</a>", False),
        ("https://e.cn/a/tower.html", "<a rel='next' href='bridge.html'>Next post</a>", False),
        ("https://e.cn/a/1.html", "<a href='https://other.cn/a/1_2.html'>下一页</a>", False),
        ("https://e.cn/a/1.html", "<a href='javascript:next()'>下一页</a>", False),
    ],
)
def test_only_the_same_article_goes_on(here: str, link: str, follows: bool) -> None:
    found = extract_article(f"<meta charset='utf-8'><p>城东的旧水塔将改建成图书馆。</p>{link}".encode(), here)
    assert (found.next_page is not None) is follows


@pytest.mark.parametrize(
    "line",
    [
        "责任编辑：王大明",
        "（责编：王大明、李小红）",
        "[ 责任编辑: 王大明 ]",
        "原标题：水塔变书塔",
        "（原标题：水塔变书塔）",
        "来源：江畔晚报",
        "免责声明：本文仅代表作者个人观点，与本网无关。",
        "未经授权不得转载本网文章，违者必究。",
        "以上内容不构成投资建议，据此操作风险自担。",
        "分享到：微信 微博",
        "【打印】",
        "上一篇：河堤上的老榕树",
        "1 2 3 下一页",
        "点击：1024次",
        "扫描二维码关注我们",
        "返回搜狐，查看更多",
        "Advertisement",
        "Share this article",
        "Sign up for our newsletter",
        "© 2024 Riverside Post",
        "Read more: Night market opens",
    ],
)
def test_furniture_is_known(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "记者在编辑部见到了他，他说：来源不明的消息不要相信。",
        "原标题党的做法已经被禁止，网站必须写明消息来源。",
        "他分享了自己的经历。",
        "打印机的价格上涨了两成。",
        "下一页书翻开的时候，他睡着了。",
        "“责任编辑是个苦差事。”他笑着说。",
        "The editor said that she would share the source.",
        "Advertisement revenue fell by a third last year.",
        "Related work had been done before.",
    ],
)
def test_prose_is_not_furniture(line: str) -> None:
    assert not is_furniture(line)
