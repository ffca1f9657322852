"""The reports at the desk: chart, the same figures as tables, and as files."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from catalog.models import Campaign
from dealers.models import Dealership
from o2o_platform.interface.access import REPORT_PARTS, Access
from o2o_platform.markets.models import Market

from ..reports import NAMES, Ask, BadRequest, By, Report, ask_for, build
from ..reports.tables import Table, as_csv, as_json

FIELDS = ("market", "from", "to", "by", "campaign")
SHOWN = 200
CAMPAIGNS = 50
# From these lengths on (days) a line is a week, a month.
WEEKS_FROM, MONTHS_FROM = 62, 400
FORMATS = ("", "csv", "json")
BY_NAMES = {By.DAY: _lazy("Day"), By.WEEK: _lazy("Week"), By.MONTH: _lazy("Month")}


def show_report(request: HttpRequest, name: str, *, site: AdminSite) -> HttpResponse:
    """A page, or with `format` a file. A manager's figures are those of the own dealerships; nonsense is a 400."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    access = Access.of(request)
    if not access.plays(REPORT_PARTS):
        raise PermissionDenied
    if name not in NAMES:
        raise Http404
    asked = Asked(request, name, access.places(REPORT_PARTS))
    context = {**site.each_context(request), "title": NAMES[name], "name": name, "is_own": asked.places is not None}
    try:
        ask = asked.ask()
        report = build(name, ask) if ask else None
        if asked.format and report:
            return _file(report, asked)
    except BadRequest as refusal:
        context |= asked.form | {"problem": str(refusal)}
        return TemplateResponse(request, "admin/reports/report.html", context, status=400)
    return TemplateResponse(request, "admin/reports/report.html", context | asked.form | _shown(report, ask))


class Asked:
    """What the address asks for, with sensible values where it says nothing."""

    def __init__(self, request: HttpRequest, name: str, places: frozenset[int] | None) -> None:
        self.places, self.name = places, name
        self.values = {key: request.GET.get(key, "").strip() for key in FIELDS}
        self.format, self.table = request.GET.get("format", ""), request.GET.get("table", "")
        self.markets = _markets(places)
        if not self.values["market"] and self.markets and name != "campaign":
            self.values["market"] = _default([market.pk for market in self.markets])
        self.campaigns: list[Campaign] = _campaigns(self.markets) if name == "campaign" else []
        if name != "campaign":
            self.values["campaign"] = ""
        elif not self.values["campaign"] and self.campaigns:
            self.values["campaign"] = self.campaigns[0].slug

    def ask(self) -> Ask | None:
        """None where there is no campaign to report on. Raises BadRequest."""
        if self.format not in FORMATS:
            raise BadRequest(_("There are files as csv and json."))
        if self.name == "campaign" and not self.values["campaign"]:
            return None
        values = {key: self.values[key] for key in ("market", "campaign")}
        days = {"first": self.values["from"], "last": self.values["to"]}
        by = self.values["by"] or _fitting(ask_for(**values, **days, by=By.MONTH).period.moments)
        ask = ask_for(**values, **days, by=by, places=self.places)
        self.values |= {"market": ask.market.pk, "by": ask.period.by.value}
        self.values |= {"from": ask.period.first.isoformat(), "to": ask.period.last.isoformat()}
        return ask

    @property
    def form(self) -> dict[str, Any]:
        return {
            "values": self.values,
            "markets": self.markets,
            "campaigns": self.campaigns,
            "lengths": [(by.value, label) for by, label in BY_NAMES.items()] if self.name == "channels" else [],
            "shortcuts": [] if self.name == "campaign" else self._shortcuts(),
        }

    def _shortcuts(self) -> list[tuple[str, str]]:
        """Label and address of the periods people ask for most."""
        zone = next((market.zone for market in self.markets if market.pk == self.values["market"]), None)
        today = timezone.now().astimezone(zone or timezone.get_current_timezone()).date()
        year = today.replace(month=1, day=1)
        spans: list[tuple[str, date, date]] = [
            (_("7 days"), today - timedelta(days=6), today),
            (_("30 days"), today - timedelta(days=29), today),
            (_("This month"), today.replace(day=1), today),
            (_("This year"), year, today),
            (_("Last year"), year.replace(year=year.year - 1), year - timedelta(days=1)),
        ]
        market = self.values["market"]
        return [
            (label, "?" + urlencode({"market": market, "from": first.isoformat(), "to": last.isoformat()}))
            for label, first, last in spans
        ]


def _markets(places: frozenset[int] | None) -> list[Market]:
    """All of them for staff; those of the own dealerships for their managers."""
    if places is None:
        return list(Market.objects.all())
    own = Dealership.objects.filter(pk__in=places).values("market")
    return list(Market.objects.filter(pk__in=own))


def _default(codes: list[str]) -> str:
    return settings.DEFAULT_MARKET if settings.DEFAULT_MARKET in codes else codes[0]


def _campaigns(markets: list[Market]) -> list[Campaign]:
    """Those that began, the latest first."""
    begun = Campaign.objects.filter(market__in=markets, is_published=True, starts_at__lte=timezone.now())
    return list(begun.order_by("-starts_at", "-pk")[:CAMPAIGNS])


def _fitting(moments: tuple) -> str:
    days = (moments[1] - moments[0]).days
    return By.MONTH if days > MONTHS_FROM else By.WEEK if days > WEEKS_FROM else By.DAY


def _shown(report: Report | None, ask: Ask | None) -> dict[str, Any]:
    if report is None or ask is None:
        return {"report": None}
    query = {"market": report.market, "from": ask.period.first, "to": ask.period.last, "by": ask.period.by.value}
    query |= {"campaign": ask.campaign} if ask.campaign else {}
    return {
        "report": report,
        "zone": ask.period.zone.key,
        "chart": json.dumps(report.chart, ensure_ascii=False) if report.chart and report.chart["labels"] else "",
        "json_url": "?" + urlencode(query | {"format": "json"}),
        "tables": [_page_table(table, query) for table in report.tables],
    }


def _page_table(table: Table, query: dict[str, Any]) -> dict[str, Any]:
    """The first lines for the page; the file has them all."""
    rows = [{"is_sum": row.get("is_sum"), "cells": _cells(table, row)} for row in table.rows[:SHOWN]]
    url = "?" + urlencode(query | {"format": "csv", "table": table.key})
    return {"table": table, "rows": rows, "left": max(0, len(table.rows) - SHOWN), "csv_url": url}


def _cells(table: Table, row: dict[str, Any]) -> list[tuple[str, bool]]:
    return list(zip(table.cells(row), [column.is_figure for column in table.columns], strict=True))


def _file(report: Report, asked: Asked) -> HttpResponse:
    """CSV begins with a byte order mark, so that Excel reads it as UTF-8."""
    if asked.format == "json":
        response = HttpResponse(as_json(report), content_type="application/json; charset=utf-8")
    else:
        table = report.table(asked.table)
        if table is None:
            raise BadRequest(_("This report has no such table."))
        response = HttpResponse(as_csv(table, has_mark=True), content_type="text/csv; charset=utf-8")
    period = report.period
    name = f"{report.name}-{report.market}-{period.first}-{period.last}.{asked.format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
