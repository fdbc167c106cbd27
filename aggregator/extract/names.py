"""What a name of a person or of an outlet looks like."""

from __future__ import annotations

import re

from aggregator.extract.lexicon import lexicon

#: The family names of nearly all Chinese people; those of two characters apart.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "韦贾夏付傅方邹熊白孟秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤温常康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷"
    "詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司"
    "卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻"
    "苑迟邝官封谈匡鞠惠荆乐冀胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋"
    "劉陳楊黃趙吳孫馬鄭謝許韓鄧馮曾蕭蔣葉蘇呂盧鐘鍾譚陸範韋賈鄒閻龍陶賀顧錢嚴戴莊聶魯歐關蘭紀單塗駱藍游華盧邁羅張"
)
COMPOUND_SURNAMES = lexicon(
    "欧阳 上官 司马 诸葛 司徒 慕容 令狐 皇甫 尉迟 东方 夏侯 宇文 长孙 公孙 轩辕 歐陽 諸葛 司馬"
)

#: Names of sections, which portals set where a name might stand. Those that no family name begins do no harm.
SECTIONS = lexicon(
    "国际 国内 国外 国学 国防 國際 國內 时政 时事 时评 时尚 時政 "
    "時事 時評 文化 文学 文教 文史 文旅 文娱 文艺 文摘 房产 房地产 "
    "滚动 要闻 财经 金融 经济 商业 产业 股票 基金 证券 科技 科学 "
    "互联网 数码 汽车 游戏 娱乐 体育 足球 篮球 教育 健康 军事 社会 "
    "法治 法制 法律 历史 旅游 美食 生活 家居 女性 母婴 情感 观点 "
    "评论 社论 专栏 专题 深度 原创 图片 视频 直播 港澳 台湾 华人 "
    "侨务 侨界 海外 全球 世界 环球 地方 本地 城市 农业 农村 三农 "
    "能源 环保 气象 交通 航空 党建 理论 人事 反腐 政务 政策 公告 "
    "通知 动态 资讯 快讯 头条 推荐 热点 热门 综合 其他 其它 首页 "
    "正文 新闻 方圆 万象 高校 高考 高教 高端 高层 读书 图书 书画 "
    "艺术 收藏 摄影 宏观 公司 行业 市场 理财 保险 银行 商机 左右 "
    "权威 项目 双语 安全 应急 车市 车讯 乐活 养生 食品 医疗 医药 "
    "时讯 时空 江湖 古今 民生 民族 宗教 关注 "
)

_HAN_NAME = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,8}(?:·[\u3400-\u9fff]{1,8}){1,3}")
_OUTLET = re.compile(
    r"(?:网|报|社|台|新闻|日报|晚报|早报|时报|周报|电视|广播|周刊|杂志|客户端|频道|集团|在线|公众号|卫视|传媒|"
    r"快讯|资讯|综合|发布|视频|"
    r"报道|出版社|研究院|学院|大学|办公室|办事处|委员会|委|局|部|厅|处|院|协会|公司|中心|支部|之声|网站|財經|"
    r"報|網|電視)$"
    r"|[A-Z]{3,}|\.(?:com|cn|net|org)\b",
    re.IGNORECASE,
)

#: What stands where a name should, and is none.
_NOBODY = re.compile(
    r"^(?:未知|佚名|匿名|不详|无|暂无|本站|本网|本报|本报讯|本站原创|原创|网络|互联网|网友|来源网络|管理员|"
    r"admin|administrator|root|editor|staff|"
    r"搜索|登录|注册|分享|评论|首页|作者|来源|编辑|小编|责任编辑|本文|转载|关注|收藏|举报|阅读|点击|查看|更多|"
    r"正文|字号|打印|订阅|null|undefined|"
    r"none|unknown|guest|user|微信|微博|qq空间|手机|客户端|app|新闻|视频|图片|专题|整理|综合|摘要|导语|"
    r"核心提示|时间|日期|浏览|人气|字体|发布|更新|返回|收起|展开|推荐|点赞|目录|广告|"
    r"link copied!?|copy link|reddit|facebook|twitter|instagram|pinterest|linkedin|whatsapp|telegram|"
    r"see full bio|view profile|read more|follow|share|posts?|by|about|contact|author|login|sign in)$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:[、,，;；&/]|\s+and\s+|\s+和\s+)(?![^(（]*[)）])")
_ID = re.compile(
    r"(?i)^\d+\s|\.(?:com|net|org)$|\w\.\w+\.\w|\b(?:min(?:ute)?s?|read|share|facebook|twitter)\b|"
    r"^[A-Za-z]{0,3}[_-]?\d+$|\d{4,}|https?:|www\.|@|[{}<>=|]"
)


def is_chinese_person(name: str) -> bool:
    """Two to four characters that begin with a family name, or a foreign name with its dot."""
    if not _HAN_NAME.fullmatch(name) or _OUTLET.search(name):
        return False
    return "·" in name or name[0] in SURNAMES or name[:2] in COMPOUND_SURNAMES


def may_be_chinese(name: str) -> bool:
    """As a Chinese name is written, whatever it begins with: enough where a label says that it is one."""
    return _HAN_NAME.fullmatch(name) is not None and not _OUTLET.search(name)


def is_outlet(name: str) -> bool:
    return _OUTLET.search(name) is not None


def is_name(name: str) -> bool:
    """May be the name of somebody or something: letters, short, no placeholder, no identifier."""
    return (
        2 <= len(name) <= 40
        and not _NOBODY.match(name)
        and not _ID.search(name)
        and re.search(r"[^\W\d_]", name) is not None
    )


def split_names(value: str) -> list[str]:
    """Names in a row; a space between Chinese names separates, one in a Western name does not.

    What stands in brackets behind a name, as its agency, is one with it.
    """
    parts = _BETWEEN.split(value)
    names: list[str] = []
    for part in parts:
        spaced = part.split()
        chinese = len(spaced) > 1 and all(re.fullmatch(r"[\u3400-\u9fff·]{2,4}", name) for name in spaced)
        names.extend(spaced if chinese else [" ".join(spaced)])
    return [name for name in names if name]
