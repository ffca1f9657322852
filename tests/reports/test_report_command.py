"""`manage.py report`: the same figures for a terminal and for programs."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from orders.reports.tables import Column, Kind, Table, as_csv
from orders.reports.terminal import table_text, width_of
from tests import factories

from .world import at, make_sale

pytestmark = pytest.mark.django_db
DAY = at("2014-11-05T04:00")
NOVEMBER = ("--from", "2014-11-01", "--to", "2014-11-30", "--by", "month")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("report", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def sales():
    place = factories.make_dealership(name="=cmd()", name_local="", code="house-a")
    make_sale(place, DAY, delivered_at=DAY)
    make_sale(place, DAY, channel="direct")
    make_sale(place, DAY, channel="offline_to_online", delivered_at=DAY, total="300000.00")
    make_sale(place, DAY, channel="offline", delivered_at=DAY)


TABLE = """\
Channels · CN · 2014-11-01 – 2014-11-30 · Asia/Shanghai

Whole period
Channel            Placed  Share of placed  Delivered  Share of delivered   Revenue  Share of revenue
-----------------  ------  ---------------  ---------  ------------------  --------  ----------------
Online to offline       1           25.0 %          1              33.3 %  ¥100,000            20.0 %
Offline to online       1           25.0 %          1              33.3 %  ¥300,000            60.0 %
O2O, both ways          2           50.0 %          2              66.7 %  ¥400,000            80.0 %
All online              1           25.0 %          0               0.0 %        ¥0             0.0 %
In the showroom         1           25.0 %          1              33.3 %  ¥100,000            20.0 %
All                     4          100.0 %          3             100.0 %  ¥500,000           100.0 %

By month
"""


def test_the_table_is_read_in_a_terminal(sales):
    assert run("channels", *NOVEMBER).startswith(TABLE)


def test_csv_is_rfc_4180_with_and_without_a_mark(sales):
    text = run("channels", *NOVEMBER, "--format", "csv")
    assert text.split("\r\n")[:2] == [
        "period,channel,placed,placed_share,delivered,delivered_share,revenue_CNY,revenue_CNY_share",
        "2014-11-01,online_to_offline,1,0.2500,1,0.3333,100000.00,0.2000",
    ]
    assert run("channels", *NOVEMBER, "--format", "csv", "--bom") == "\ufeff" + text
    assert run("channels", *NOVEMBER, "--format", "csv", "--table", "total").startswith("channel,placed,")


def test_json_has_keys_of_its_own_whatever_the_language(sales):
    data = json.loads(run("channels", *NOVEMBER, "--format", "json"))
    with translation.override("zh-hans"):
        chinese = json.loads(run("channels", *NOVEMBER, "--format", "json"))
    assert data["tables"] == chinese["tables"]
    assert list(data)[:6] == ["report", "market", "time_zone", "from", "to", "by"]
    assert data["tables"]["channels"][0] == {
        "period": "2014-11-01",
        "channel": "online_to_offline",
        "placed": 1,
        "placed_share": 0.25,
        "delivered": 1,
        "delivered_share": 0.3333,
        "revenue_CNY": "100000.00",
        "revenue_CNY_share": 0.2,
    }


def test_no_cell_is_run_by_a_spreadsheet(sales):
    rows = list(csv.DictReader(io.StringIO(run("dealers", *NOVEMBER, "--format", "csv"), newline="")))
    assert rows[0]["name"] == "'=cmd()"


def test_quotes_commas_and_lines_survive():
    text = 'a "b", c\nd'
    table = Table("x", "X", [Column("name", "Name", Kind.TEXT)], [{"name": text}])
    assert list(csv.reader(io.StringIO(as_csv(table, has_mark=False), newline=""))) == [["name"], [text]]


def test_chinese_takes_two_columns_and_nothing_moves_the_cursor():
    assert [width_of(text) for text in ("abc", "北京", "ｗ", "é", "e\u0301", "¥1")] == [3, 4, 2, 1, 1, 2]
    columns = [Column("name", "名称", Kind.TEXT), Column("number", "N")]
    rows = [{"name": "北京", "number": 7}, {"name": "a\x1b[2Jb", "number": 12}]
    assert table_text(Table("x", "X", columns, rows), is_named=False).splitlines() == [
        "名称     N",
        "------  --",
        "北京     7",
        "a [2Jb  12",
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("channels", "--from", "2014-02-30"), "Write a day like 2014-11-22: 2014-02-30"),
        (("channels", "--from", "2014-02-03", "--to", "2014-02-01"), "The period ends before it begins."),
        (("channels", "--market", "XX"), "Unknown market: XX"),
        (("campaign",), "Name the campaign: --campaign SLUG"),
        (("campaign", "--campaign", "none"), "Unknown campaign: none"),
        (("funnel", "--campaign", "none"), "Only the report of a campaign takes --campaign."),
        (("channels", "--format", "csv", "--table", "x"), "Choose one of these tables: total, channels"),
    ],
)
def test_what_cannot_be_reported_is_said_in_one_line(arguments, reason):
    factories.make_market()
    with pytest.raises(CommandError, match=reason) as refusal:
        run(*arguments)
    assert refusal.value.returncode == 2
