"""What the labels of encodings mean, and the characters by which a right decoding is known from a wrong one.

Labels follow the Encoding Standard (encoding.spec.whatwg.org): a label names the superset that browsers use, so gb2312
is gb18030 and iso-8859-1 is windows-1252. Python's own gb2312 and gbk codecs would give other characters for · and —.
"""

from __future__ import annotations

#: Python codec → labels.
_LABELS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8 utf-8-sig",
    "gb18030": (
        "gb18030 gb2312 gbk gb_2312-80 gb_2312 x-gbk chinese csgb2312 cp936 ms936 windows-936 iso-ir-58 "
        "csiso58gb231280 euc-cn gb18030-2022 gb2312-80 hz-gb-2312"
    ),
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5 cp950 ms950 big5-eten big5hkscs",
    "cp932": "shift_jis shift-jis sjis x-sjis windows-31j ms_kanji csshiftjis ms932 cp932",
    "euc_jp": "euc-jp x-euc-jp cseucpkdfmtjapanese eucjp",
    "cp949": "euc-kr euckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean windows-949 cp949 cseuckr uhc",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "koi8_r": "koi8-r koi8 koi koi8_r cskoi8r",
    "cp1252": "windows-1252 cp1252 iso-8859-1 iso8859-1 latin1 l1 ascii us-ascii x-cp1252 iso_8859-1 ansi_x3.4-1968",
    "koi8_u": "koi8-u koi8-ru",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1253": "windows-1253 cp1253 x-cp1253",
    "cp1254": "windows-1254 cp1254 iso-8859-9 latin5 x-cp1254",
    "cp1255": "windows-1255 cp1255 x-cp1255",
    "cp1256": "windows-1256 cp1256 x-cp1256",
    "cp1257": "windows-1257 cp1257 x-cp1257",
    "cp1258": "windows-1258 cp1258 x-cp1258",
    "cp874": "windows-874 tis-620 iso-8859-11 dos-874",
    "cp866": "ibm866 cp866 866",
    "iso8859_2": "iso-8859-2 latin2 l2 iso8859-2",
    "iso8859_3": "iso-8859-3 latin3",
    "iso8859_4": "iso-8859-4 latin4",
    "iso8859_5": "iso-8859-5 cyrillic",
    "iso8859_6": "iso-8859-6 arabic",
    "iso8859_7": "iso-8859-7 greek greek8",
    "iso8859_8": "iso-8859-8 hebrew iso-8859-8-i",
    "iso8859_10": "iso-8859-10 latin6",
    "iso8859_13": "iso-8859-13",
    "iso8859_14": "iso-8859-14",
    "iso8859_15": "iso-8859-15 latin-9 latin9",
    "iso8859_16": "iso-8859-16",
    "mac_roman": "macintosh x-mac-roman",
    "mac_cyrillic": "x-mac-cyrillic",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2 csunicode",
    "utf-16-be": "utf-16be unicodefffe",
    "utf-32-le": "utf-32 utf-32le ucs-4",
    "utf-32-be": "utf-32be",
}
CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}

#: Tried on every document that is not UTF-8; of two that fit equally well the former is taken.
UNLABELLED = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1252", "cp1251", "koi8_r")

#: The characters that most of any Chinese text consists of, in both forms, and the commonest kanji that
#: differ.
COMMON_HAN = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政"
    "美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件"
    "计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔每越连历"
    "服风影府网元版首页闻源编辑责评图片推荐京香港台湾广警消息昨示這個們來為國說時會對發後裡還進過動學經麼"
    "沒現當開從實軍無與長機關點業將兩間問應戰頭體見產題話內給門員處義認條氣爾變總電數報結務場計資統區隊決"
    "馬書則聽卻達強難權設記類據邊張該規萬覺術領確傳師觀讓識帶導爭運筆連歷風網頁聞輯責評論圖薦灣廣東聯絡專"
    "屬標誌係嘅喺唔咗佢哋啲気発経済県議選挙売際円億対応調査催試総臣協関"
)

#: Which script a codec is for decides by which characters its decoding is judged.
SCRIPTS = {
    "gb18030": "chinese",
    "big5hkscs": "chinese",
    "cp932": "japanese",
    "euc_jp": "japanese",
    "cp949": "korean",
    **dict.fromkeys(("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic"), "cyrillic"),
    **dict.fromkeys(("cp1253", "cp1255", "cp1256", "cp874", "iso8859_6", "iso8859_7", "iso8859_8"), "other"),
}  # all the rest: "latin"
