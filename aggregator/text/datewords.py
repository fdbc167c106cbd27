"""The words that dates are written with, as data.

All are compared in lower case after NFKC, a final stop left out.
"""

from __future__ import annotations

#: Month names and abbreviations, January first; languages one after another where they differ.
_MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro январь января янв januari styczeń stycznia",
    "february feb febr februar février févr fev febrero febbraio fevereiro февраль февраля фев februari lutego",
    "march mar märz mär mrz mars marzo março март марта мар maart marca",
    "april apr avril avr abril abr aprile апрель апреля апр kwietnia",
    "may mai mayo maggio mag maio май мая mei maja",
    "june jun juni juin junio giugno giu junho июнь июня июн czerwca",
    "july jul juli juillet juil julio luglio lug julho июль июля июл lipca",
    "august aug août aout agosto ago август августа авг augustus sierpnia",
    "september sep sept septembre septiembre settembre set setembro сентябрь сентября сен сент września",
    "october oct oktober okt octobre octubre ottobre ott outubro out октябрь октября окт października",
    "november nov novembre noviembre novembro ноябрь ноября ноя нояб listopada",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro декабрь декабря дек grudnia",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}

#: Names that are everyday words of other languages: with a day alone they name no month ("out 10").
UNCLEAR_MONTHS = frozenset(
    {"may", "mar", "set", "out", "ago", "mai", "mag", "gen", "dic", "lug", "maart", "maja"}
)

#: Zone names of RFC 822 and of the news; minutes east of UTC. Of ambiguous ones the reading that newspapers
#: mean. CST is not among them: it is China's or Central time, as the source's zone tells.
ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0,
    "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "et": -300,
    "akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180, "brt": -180, "art": -180,
    "bst": 60, "west": 60, "cet": 60, "mez": 60, "met": 60, "cest": 120, "mesz": 120, "mest": 120,
    "eet": 120, "sast": 120, "eest": 180, "msk": 180, "trt": 180, "ist": 330, "pkt": 300, "npt": 345,
    "ict": 420, "wib": 420, "hkt": 480, "sgt": 480, "myt": 480, "pht": 480, "awst": 480, "bjt": 480,
    "jst": 540, "kst": 540, "acst": 570, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
CHINA_MINUTES = 480
CENTRAL_MINUTES = -360
#: Zones in whose newspapers CST is China Standard Time, and 10/24 is month and day.
CHINESE_ZONES = frozenset(
    f"Asia/{city}"
    for city in (
        "Shanghai", "Chongqing", "Chungking", "Harbin", "Urumqi", "Kashgar", "Beijing",
        "Hong_Kong", "Macau", "Macao", "Taipei", "Singapore", "Kuala_Lumpur",
    )
) | {"PRC", "ROC", "Hongkong", "Singapore"}  # fmt: skip

#: Words for a part of the day → whether twelve hours are added to an hour before noon.
PERIODS = {
    "凌晨": False, "清晨": False, "早晨": False, "早上": False, "早间": False, "上午": False, "午前": False,
    "오전": False,
    "中午": True, "下午": True, "午后": True, "午後": True, "傍晚": True, "晚上": True, "晚间": True,
    "晚": True, "오후": True,
}  # fmt: skip

#: Units of "3 hours ago" → seconds. Months and years are left out: they do not name a day.
UNITS = {
    "秒": 1, "秒钟": 1, "second": 1, "sec": 1, "s": 1,
    "分": 60, "分钟": 60, "分鐘": 60, "minute": 60, "min": 60, "m": 60,
    "小时": 3600, "小時": 3600, "个小时": 3600, "個小時": 3600, "钟头": 3600, "hour": 3600, "hr": 3600, "h": 3600,
    "天": 86400, "日": 86400, "day": 86400, "d": 86400,
    "周": 604800, "週": 604800, "星期": 604800, "个星期": 604800, "week": 604800, "wk": 604800, "w": 604800,
}  # fmt: skip
COUNTS = {
    "半": 0.5,
    "一": 1,
    "两": 2,
    "兩": 2,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "a": 1,
    "an": 1,
    "one": 1,
}

#: Words for a day → days before today.
DAYS = {
    "今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "昨晚": 1, "yesterday": 1, "前天": 2, "前日": 2,
    "大前天": 3,
}  # fmt: skip
JUST_NOW = ("刚刚", "剛剛", "刚才", "just now")

#: Words that stand before the date of publication.
LABELS = (
    "发布时间", "发布日期", "发表时间", "发表日期", "发稿时间", "发布", "发表", "刊发", "发稿", "时间", "日期", "更新",
    "發布", "發表", "發佈", "時間", "published", "posted", "publié", "veröffentlicht", "date", "updated",
    "опубликовано",
)  # fmt: skip
#: Words before dates that are not the document's own.
STRANGERS = (
    "今天是", "今日是", "现在是", "版权", "copyright", "©", "有效期", "截止", "截至", "出生", "成立于", "备案",
    "注册时间",
    "加入时间", "登录", "since", "expires", "deadline", "born",
)  # fmt: skip

#: Digits of dates written out.
CHINESE_DIGITS = {digit: value for value, digits in enumerate(
    ("〇零○", "一", "二", "三", "四", "五", "六", "七", "八", "九")
) for digit in digits}  # fmt: skip
