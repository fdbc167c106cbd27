"""Dates: what newspapers write, and what must not be believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.dates import find_date, parse_date

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2024, 10, 25, 4, 0, tzinfo=UTC)  # noon of the 25th in Shanghai


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        # ISO 8601
        ("2024-10-24", "2024-10-23 16:00"),
        ("2024-10-24T09:00:00Z", "2024-10-24 09:00"),
        ("2024-10-24t09:00:00z", "2024-10-24 09:00"),
        ("2024-10-24T09:00:00.123456+08:00", "2024-10-24 01:00"),
        ("2024-10-24T09:00:00,5+0800", "2024-10-24 01:00"),
        ("2024-10-24T09:00+08", "2024-10-24 01:00"),
        ("2024-10-24T09+08", "2024-10-24 01:00"),
        ("2024-10-24T09:00:00−05:00", "2024-10-24 14:00"),
        ("2024-10-24T09:00-05:00", "2024-10-24 14:00"),
        ("2024-10-24T09:00:00-0000", "2024-10-24 09:00"),
        ("2024-10-24T0900Z", "2024-10-24 09:00"),
        ("20241024T090000Z", "2024-10-24 09:00"),
        ("20241024T090000+0800", "2024-10-24 01:00"),
        ("2024-10-24Z", "2024-10-24 00:00"),
        ("2024-10-24+08:00", "2024-10-23 16:00"),
        ("2024-298T09:00Z", "2024-10-24 09:00"),
        ("2024-W43-4", "2024-10-23 16:00"),
        ("2024W434T09:00Z", "2024-10-24 09:00"),
        ("2024-10-24T24:00:00Z", "2024-10-25 00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31 23:59:59"),
        ("2024-10-24T09:00:00+08:00[Asia/Shanghai]", "2024-10-24 01:00"),
        # without separators
        ("20241024", "2024-10-23 16:00"),
        ("202410240900", "2024-10-24 01:00"),
        ("20241024090000", "2024-10-24 01:00"),
        # with spaces, slashes, stops
        ("2024-10-24 09:00:00", "2024-10-24 01:00"),
        ("2024-10-24 9:00", "2024-10-24 01:00"),
        ("2024/10/24 09:00", "2024-10-24 01:00"),
        ("2024/10/24 8:05", "2024-10-24 00:05"),
        ("2024.10.24 09:00:00", "2024-10-24 01:00"),
        ("2024 10 / 24", "2024-10-23 16:00"),
        ("2024-10-24 09:00:00.0", "2024-10-24 01:00"),
        ("2024-10-24 09:00:00 +0800 CST", "2024-10-24 01:00"),
        ("2024-10-24 09:00:00 +0000 UTC", "2024-10-24 09:00"),
        ("2024-10-24 09:00 (GMT+8)", "2024-10-24 01:00"),
        # RFC 822 and its relatives
        ("Thu, 24 Oct 2024 09:00:00 +0800", "2024-10-24 01:00"),
        ("Thu, 24 Oct 2024 09:00:00 GMT", "2024-10-24 09:00"),
        ("Thu, 24 Oct 2024 09:00:00 EST", "2024-10-24 14:00"),
        ("Thu, 24 Oct 2024 09:00:00 PDT", "2024-10-24 16:00"),
        ("Thu, 24 Oct 2024 09:00:00 CEST", "2024-10-24 07:00"),
        ("Thu, 24 Oct 2024 09:00:00 JST", "2024-10-24 00:00"),
        ("Thu, 24 Oct 2024 09:00:00 GMT+8", "2024-10-24 01:00"),
        ("Thu, 24 Oct 2024 09:00:00 GMT+0800", "2024-10-24 01:00"),
        ("Thu, 24 Oct 2024 09:00:00 UTC+08:00", "2024-10-24 01:00"),
        ("Thu, 24 Oct 2024 09:00:00 UTC-3", "2024-10-24 12:00"),
        ("Thu, 24 Oct 24 09:00 GMT", "2024-10-24 09:00"),
        ("Thursday, 24-Oct-24 09:00:00 GMT", "2024-10-24 09:00"),
        ("24 Oct 2024 09:00:00 Z", "2024-10-24 09:00"),
        ("Mon, 24 Oct 2024 09:00:00 GMT", "2024-10-24 09:00"),  # the weekday is wrong
        ("Thu, 24 October 2024 9:5:1 GMT", "2024-10-24 09:05:01"),
        ("Thu, Oct 24 2024 02:02:33 PM", "2024-10-24 06:02:33"),
        ("Thu Oct 24 09:00:00 CST 2024", "2024-10-24 01:00"),
        ("Thu Oct 24 09:00:00 2024", "2024-10-24 01:00"),
        ("Thu Oct 24 2024 09:00:00 GMT+0800 (中国标准时间)", "2024-10-24 01:00"),
        ("mer, 16 nov 2022 00:38:15 +0100", "2022-11-15 23:38:15"),
        # for people
        ("October 24, 2024 9:05 am", "2024-10-24 01:05"),
        ("Oct. 24, 2024, 9:05 p.m.", "2024-10-24 13:05"),
        ("Thursday, October 24th, 2024 at 12:05 am", "2024-10-23 16:05"),
        ("24 Oct 2024", "2024-10-23 16:00"),
        ("24th of October 2024", "2024-10-23 16:00"),
        ("Sept 5, 2024", "2024-09-04 16:00"),
        ("09:05 BST, 24 October 2024", "2024-10-24 08:05"),
        ("9:05 AM 24 October 2024", "2024-10-24 01:05"),
        ("Published: 24 October 2024", "2024-10-23 16:00"),
        ("24. Oktober 2024, 09:05 Uhr", "2024-10-24 01:05"),
        ("24.10.2024, 9.05 Uhr", "2024-10-24 01:05"),
        ("24 octobre 2024 à 09h05", "2024-10-24 01:05"),
        ("24 de octubre de 2024 9:05", "2024-10-24 01:05"),
        ("24 октября 2024 г. 09:05", "2024-10-24 01:05"),
        ("24/10/2024, 09:05 GMT+7", "2024-10-24 02:05"),
        ("10/24/2024 9:05 PM", "2024-10-24 13:05"),
        ("05/05/2024", "2024-05-04 16:00"),
        # Chinese, Japanese, Korean
        ("2024年10月24日", "2024-10-23 16:00"),
        ("2024年10月24日 09:00", "2024-10-24 01:00"),
        ("2024 年 10 月 24 日 09:00", "2024-10-24 01:00"),
        ("2024年10月24日09时05分30秒", "2024-10-24 01:05:30"),
        ("2024年10月24日上午9时05分", "2024-10-24 01:05"),
        ("2024年10月24日 下午3:05", "2024-10-24 07:05"),
        ("2024年10月24日下午3点半", "2024-10-24 07:30"),
        ("2024年10月24日晚8点", "2024-10-24 12:00"),
        ("2024年10月24日中午12点", "2024-10-24 04:00"),
        ("2024年10月24日凌晨0点10分", "2024-10-23 16:10"),
        ("2024年10月24日 星期四 09:00", "2024-10-24 01:00"),
        ("2024-10-24 周四 09:00", "2024-10-24 01:00"),
        ("２０２４－１０－２４　０９：００", "2024-10-24 01:00"),
        ("发布时间：2024-10-24 09:00", "2024-10-24 01:00"),
        ("2024-10-24国际", "2024-10-23 16:00"),
        ("二〇二四年十月二十四日", "2024-10-23 16:00"),
        ("二零二四年十月廿四日", "2024-10-23 16:00"),
        ("二○二四年十二月三十一号", "2024-12-30 16:00"),
        ("2024年10月24日(木) 09:00", "2024-10-24 01:00"),
        ("2024년 10월 24일 오전 9:05", "2024-10-24 01:05"),
        ("北京时间2024年10月24日 09:00", "2024-10-24 01:00"),
        # seconds since 1970
        ("1729731600", "2024-10-24 01:00"),
        ("1729731600000", "2024-10-24 01:00"),
        (" \n2024-10-24\t09:00 ", "2024-10-24 01:00"),
    ],
)
def test_a_date_is_read(text: str, utc: str) -> None:
    assert parse_date(text, zone=SHANGHAI, now=NOW) == at(utc)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("10-24 08:05", "2024-10-24 00:05"),
        ("10/24 08:05", "2024-10-24 00:05"),
        ("10月24日", "2024-10-23 16:00"),
        ("10月24日 08:05", "2024-10-24 00:05"),
        ("12月31日", "2023-12-30 16:00"),  # the next one is ahead
        ("Oct 24", "2024-10-23 16:00"),
        ("24 Oct, 09:05", "2024-10-24 01:05"),
        ("刚刚", "2024-10-25 04:00"),
        ("30秒前", "2024-10-25 03:59:30"),
        ("5分钟前", "2024-10-25 03:55"),
        ("半小时前", "2024-10-25 03:30"),
        ("2小时前", "2024-10-25 02:00"),
        ("两个小时前", "2024-10-25 02:00"),
        ("3天前", "2024-10-22 04:00"),
        ("1周前", "2024-10-18 04:00"),
        ("今天 08:05", "2024-10-25 00:05"),
        ("昨天 12:30", "2024-10-24 04:30"),
        ("昨天", "2024-10-23 16:00"),
        ("前天 下午3:00", "2024-10-23 07:00"),
        ("3 hours ago", "2024-10-25 01:00"),
        ("an hour ago", "2024-10-25 03:00"),
        ("5 mins ago", "2024-10-25 03:55"),
        ("yesterday at 9:05 pm", "2024-10-24 13:05"),
        ("Just now", "2024-10-25 04:00"),
    ],
)
def test_a_relative_date_needs_to_know_the_time(text: str, utc: str) -> None:
    assert parse_date(text, zone=SHANGHAI, now=NOW) == at(utc)
    assert parse_date(text, zone=SHANGHAI) is None


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "  ",
        "hello",
        "国际",
        "2024",
        "2024-10",
        "2024年",
        "2024年10月",
        "October 2024",
        "04/05/2024",  # April or May
        "04-05-2024",
        "24-10-24",
        "2024-02-30",
        "2024-13-01",
        "2023-02-29",
        "2024-10-32",
        "2024-367",
        "2024-W54-1",
        "2024-10-24 25:00",
        "2024-10-24 09:61",
        "2024-10-24 13:05 pm",
        "2024-10-24T24:01:00Z",
        "Thu, 24 Oct 2024 09:00:00 +9900",
        "1969-12-31T23:59:59Z",
        "1970-01-01",
        "1989-12-31T12:00:00Z",
        "0001-01-01T00:00:00Z",
        "2027-06-01",  # more than two years ahead
        "9999-12-31T23:59:59Z",
        "0",
        "946684799999999",
        "民国113年10月24日",
        "113年10月24日",
        "2024-10-24 至 2024-10-26",
        "2024-10-24 09:00-10:30",
        "3个月前",
        "2 years ago",
        "12:30",
        "No. 5",
        "out 10",
        "may 5",
        "12345678",
        "13800138000",
        "2024-10-24" * 50,
    ],
)
def test_a_doubtful_date_is_none(text: str | None) -> None:
    assert parse_date(text, zone=SHANGHAI, now=NOW) is None


@pytest.mark.parametrize(
    ("zone", "chinese", "utc"),
    [
        (SHANGHAI, None, "2024-10-24 01:00"),
        (ZoneInfo("Asia/Taipei"), None, "2024-10-24 01:00"),
        (ZoneInfo("Asia/Hong_Kong"), None, "2024-10-24 01:00"),
        (CHICAGO, None, "2024-10-24 15:00"),
        (BERLIN, None, "2024-10-24 15:00"),
        (BERLIN, True, "2024-10-24 01:00"),
        (SHANGHAI, False, "2024-10-24 15:00"),
    ],
)
def test_cst_is_chinas_time_in_chinese_papers_and_central_time_elsewhere(
    zone: ZoneInfo, chinese: bool | None, utc: str
) -> None:
    assert parse_date("Thu, 24 Oct 2024 09:00:00 CST", zone=zone, chinese=chinese) == at(utc)


@pytest.mark.parametrize("text", ["2024-07-01 12:00", "2024年7月1日 12:00", "Mon, 1 Jul 2024 12:00:00"])
def test_a_date_without_zone_is_in_that_of_its_source(text: str) -> None:
    assert parse_date(text, zone=BERLIN) == at("2024-07-01 10:00")
    assert parse_date(text.replace("7", "1").replace("Jul", "Jan"), zone=BERLIN) == at("2024-01-01 11:00")


def test_an_unknown_zone_says_no_more_than_none() -> None:
    assert parse_date("Thu, 24 Oct 2024 09:00:00 XYZ", zone=BERLIN) == at("2024-10-24 07:00")


def test_month_and_day_without_year_are_not_guessed_outside_china() -> None:
    assert parse_date("10-11 08:05", zone=BERLIN, now=NOW) is None


def test_without_the_time_a_date_may_lie_anywhere_up_to_2100() -> None:
    assert parse_date("2099-01-01", zone=SHANGHAI) == at("2098-12-31 16:00")
    assert parse_date("2101-01-01T12:00:00Z", zone=SHANGHAI) is None


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-10-24国际", "2024-10-23 16:00"),
        ("发布时间：2024年10月24日 09:00 来源：某报 浏览次数：1234", "2024-10-24 01:00"),
        ("今天是2024年10月25日 星期五 首页 2024-10-24 08:00 来源：某报", "2024-10-24 00:00"),
        ("学校成立于1998年9月1日 发布日期:2024-10-24", "2024-10-23 16:00"),
        ("第20241023001号 2024/10/24", "2024-10-23 16:00"),
        ("2024-10-20 2024-10-24 09:00", "2024-10-24 01:00"),
        ("Posted on October 24, 2024 by the editors | 12 comments", "2024-10-23 16:00"),
        ("来源：某报 昨天 12:30", "2024-10-24 04:30"),
        ("05/06/2024 or rather 2024-10-24", "2024-10-23 16:00"),  # the doubtful one is passed over
        ("版权所有 © 2020-10-24 2024-10-24", "2024-10-23 16:00"),
    ],
)
def test_the_date_in_a_text_is_the_labelled_or_the_timed_or_the_first(text: str, utc: str) -> None:
    assert find_date(text, zone=SHANGHAI, now=NOW) == at(utc)


@pytest.mark.parametrize(
    "text", ["", None, "没有日期的一句话", "电话13800138000，价格12.50元", "2024年的秋天"]
)
def test_a_text_without_date_has_none(text: str | None) -> None:
    assert find_date(text, zone=SHANGHAI, now=NOW) is None


def test_words_of_a_story_are_not_its_date() -> None:
    story = (
        "市图书馆今天宣布，从十二月起延长开放时间。馆长昨天对记者说，三天前才得到批准，10月20日的会上还没有人提到。"
        * 3
    )
    assert find_date(story, zone=SHANGHAI, now=NOW) is None


@given(st.integers(631_324_800, 1_767_225_600), st.integers(-840, 840))  # 1990-01-03 to 2026
def test_what_is_printed_in_standard_form_is_read_back(epoch: int, minutes: int) -> None:
    moment = datetime.fromtimestamp(epoch, timezone(timedelta(minutes=minutes)))
    expected = moment.astimezone(UTC)
    for text in (moment.isoformat(), moment.isoformat(" "), format_datetime(moment)):
        assert parse_date(text, zone=SHANGHAI, now=NOW) == expected
        # The long way comes to the same.
        assert find_date(f"发布时间: {text}", zone=SHANGHAI, now=NOW) == expected


@given(st.text(max_size=80) | st.text("0123456789年月日时分-/: 前今昨天上下午TZ+GMTOctober,", max_size=40))
def test_no_text_makes_it_raise_and_what_it_reads_is_utc_and_plausible(text: str) -> None:
    for moment in (
        parse_date(text, zone=SHANGHAI, now=NOW),
        find_date(text, zone=BERLIN, now=NOW),
        parse_date(text, zone=CHICAGO),
    ):
        assert moment is None or (moment.tzinfo is UTC and 1989 <= moment.year <= 2101)
