"""Small print: paragraphs that speak of the site, its rights and its rules. They are prose, and no article."""

from __future__ import annotations

import re

#: One theme a line, each in the languages in which it was met.
_THEMES = (
    r"版[权權]所有|著作[权權][归歸]|未[经經].{0,14}(?:授[权權]|[许許]可|允[许許]|同意).{0,16}(?:不得|禁止|[严嚴]禁|[请請]勿|"
    r"[谢謝][绝絕]|[转轉][载載])",
    r"[转轉][载載].{0,6}(?:[请請]|[须須]|[务務]必)?注明|建立[镜鏡]像|[书書]面授[权權]|著作[权權]法|信息网络传播权|无断转载|無断転載",
    r"不代表.{0,14}(?:立[场場]|[观觀][点點]|意见|意見)|[仅僅]代表.{0,14}(?:[观觀][点點]|立[场場])|不[构構]成.{0,6}投[资資]建[议議]|"
    r"投[资資]有[风風][险險]",
    r"[举舉][报報](?:[电電][话話]|[邮郵]箱|[热熱][线線])|不良信息|ICP[备備证證]|公网安备|备案[号號]|(?:[许許]可[证證]|执照).{0,6}[:：]",
    r"(?:提供信息存储|信息发布平台|免责声明|隐私政策|隱私政策|用户协议|服务条款|服務條款)",
    r"all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    r"все права защищены|(?:copyright|©|\(c\))\s*(?:©|\(c\))?\s*(?:19|20)\d\d",
    r"privacy (?:policy|notice|statement)|terms (?:of (?:use|service)|and conditions)|cookie (?:policy|settings)|"
    r"(?:uses?|using|accept|all) cookies|datenschutz(?:erklärung|bestimmungen)|politique de confidentialité|"
    r"política de privacidad",
    r"(?:sign up|subscribe).{0,40}newsletter|email address will not be published|required fields are marked|"
    r"by (?:signing up|subscribing|submitting|clicking|continuing)\b",
)
_SMALLPRINT = re.compile("|".join(_THEMES), re.IGNORECASE)
_LONGEST = 600  #: characters of a paragraph that is nothing but small print


def is_smallprint(text: str) -> bool:
    return len(text) <= _LONGEST and _SMALLPRINT.search(text) is not None
