"""The configuration of the demo: an ordinary feeds.yaml over the newsstand's addresses."""

from __future__ import annotations

_TEMPLATE = """\
# The demo's configuration, as `aggregator run --demo` made it: an ordinary feeds.yaml.
site:
  title: 云港时报
  description: 由一座虚构的报摊汇成的样报
  language: zh-CN
  timezone: Asia/Shanghai
  id_domain: demo.example,2026

defaults:
  interval: 30s
  allow_private: [127.0.0.0/8]   # the newsstand stands on this machine

sources:
  - {{id: harbour, url: "{stand}/harbour/rss.xml"}}
  - {{id: north, url: "{stand}/north/rss.xml"}}             # GB18030 that calls itself gb2312, dates without a zone
  - {{id: nanping, url: "{stand}/nanping/atom.xml", interval: 5s}}   # copies in Traditional characters, a little later
  - {{id: meridian, url: "{stand}/meridian/atom.xml", section: English}}
  - {{id: fieldnotes, url: "{stand}/fieldnotes/feed.json", section: English}}
  - {{id: wire, url: "{stand}/wire/rss.xml", interval: 5s, section: 滚动}}   # changes while you watch
  - {{id: radio, url: "{stand}/radio/rss.xml", name: 旧港广播}}              # fails
  - {{id: portal-guoji, url: "{stand}/portal/guoji/"}}      # a portal without a feed: section pages, no selectors
  - {{id: portal-caijing, url: "{stand}/portal/caijing/"}}
  - {{id: portal-keji, url: "{stand}/portal/keji/"}}

sections:
  - {{id: world, title: 国际}}
  - {{id: business, title: 财经}}
  - {{id: tech, title: 科技}}
  - {{id: culture, title: 文化, script: [hans, hant]}}   # in both scripts
  - {{id: wire, title: 滚动, limit: 30}}
  - {{id: english, title: English, language: en}}
  - {{id: all, title: 全部, include: ["*"], limit: 100}}

output: {{dir: public}}
storage: {{url: "sqlite:///demo.db"}}
server: {{listen: "{listen}"}}
"""


def demo_config(stand: str, listen: str) -> str:
    """feeds.yaml for a newsstand at ``stand`` (no slash at the end), served at ``listen``."""
    return _TEMPLATE.format(stand=stand, listen=listen)
