"""Readings: the list, one location with a picture of its consumption, and entering a reading."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from turnus.clients.access import STAFF, StaffRequest, may, mine, page, require
from turnus.masterdata.models import MarketLocation, Register
from turnus.metering import services
from turnus.metering.forms import DayForm, ReadingFilter, ReadingForm
from turnus.metering.models import GasQuality, IntervalDay, MeterReading
from turnus.metering.pictures import consumptions, day_picture, month_picture, reading_picture
from turnus.metering.records import NewReading, Outcome
from turnus.metering.services import EnteredReading
from turnus.metering.views.requests import tabs
from turnus.system import clock
from turnus.ui.pages import Action, Page, render_list
from turnus.ui.tables import Badge, Column, Empty, Table

ONE_DAY = timedelta(days=1)
QUALITIES = {"true": "ok", "substitute": "warn", "provisional": "info", "estimate": "warn"}
OUTCOMES = {
    Outcome.STORED: (messages.SUCCESS, "Der Zählerstand ist übernommen."),
    Outcome.KEPT: (messages.INFO, "Gespeichert; ein besserer Wert gilt weiter."),
    Outcome.UNCHANGED: (messages.INFO, "Dieser Zählerstand war schon bekannt."),
    Outcome.BLOCKED: (messages.WARNING, "Gespeichert, aber gesperrt, bis jemand entscheidet."),
}
LOCATION = "register.meter.metering_location.market_location"


def _state(row: MeterReading) -> Badge:
    if row.withdrawn_at:
        return Badge("storniert")
    if row.is_blocked:
        return Badge("gesperrt", "bad")
    return Badge("gültig", "ok") if row.is_current else Badge("ersetzt")


def _columns(*, with_location: bool) -> list[Column]:
    columns = [
        Column("Zähler", "register.meter.number", second="register.obis_code"),
        Column("Stand 00:00 am", "date", "date", sort="date"),
        Column("Zählerstand", "value", "decimal"),
        Column(
            "Güte",
            lambda row: Badge(row.get_quality_display(), QUALITIES[row.quality]),
            second="get_origin_display",
        ),
        Column("Zustand", _state, second=lambda row: row.blocked_reason or None),
    ]
    if with_location:
        columns.append(Column("übernommen", "taken_at", "moment", sort="taken_at"))
        columns.insert(0, Column("Marktlokation", f"{LOCATION}.market_location_id"))
    return columns


@page()
def readings(request: StaffRequest) -> HttpResponse:
    filters = ReadingFilter(request)
    known = MeterReading.objects.select_related("register__meter__metering_location__market_location")
    table = Table(
        request,
        filters.apply(mine(request, known)),
        _columns(with_location=True),
        row_url=lambda row: reverse(
            "metering:location", args=[row.register.meter.metering_location.market_location_id]
        ),
        row_css=lambda row: "bad-row" if row.is_blocked else "" if row.is_current else "dim",
        sort="-id",
        empty=Empty("Noch kein Messwert. Nachrichten der Messstellenbetreiber bringen sie taggleich."),
    )
    return render_list(request, Page("Messwerte", tabs=tabs("readings")), table, filters=filters)


@page()
def reading(request: StaffRequest, pk: int) -> HttpResponse:
    """Where a reading is named (a case, an audit entry): its location."""
    one = get_object_or_404(MeterReading.objects.select_related("register__meter__metering_location"), pk=pk)
    return redirect("metering:location", one.register.meter.metering_location.market_location_id)


@page()
def location(request: StaffRequest, pk: int) -> HttpResponse:
    """One location: picture of consumption, readings with quality, gas quality, entry."""
    one = get_object_or_404(MarketLocation.objects.select_related("address", "client"), pk=pk)
    return _show(request, one, _form(request, one))


def _form(request: StaffRequest, one: MarketLocation) -> ReadingForm:
    registers = list(
        Register.objects.filter(meter__metering_location__market_location=one)
        .select_related("meter")
        .order_by("-meter__installed", "obis_code")
    )
    return ReadingForm(request.POST or None, registers=registers)


def _show(
    request: StaffRequest, one: MarketLocation, form: ReadingForm, doubt: EnteredReading | None = None
) -> HttpResponse:
    rows = list(
        MeterReading.objects.filter(register__meter__metering_location__market_location=one)
        .select_related("register__meter")
        .order_by("-date", "-version")[:500]
    )
    unit = "kWh" if one.commodity == "electricity" else "m³"
    found = consumptions(rows)
    table = Table(
        request,
        rows,
        _columns(with_location=False),
        row_css=lambda row: "bad-row" if row.is_blocked else "" if row.is_current else "dim",
        per_page=20,
        empty=Empty("Noch kein Zählerstand."),
    )
    periods = Table(
        request,
        found[::-1],
        [
            Column("von", "start", "date"),
            Column("bis", lambda row: row.end - ONE_DAY, "date"),
            Column("Tage", "days", "number"),
            Column(f"Verbrauch {unit}", "amount", "number"),
            Column("je Tag", "per_day", "number", places=2),
            Column("", lambda row: Badge("geschätzt", "warn") if row.is_estimated else ""),
        ],
        per_page=10,
        prefix="p",
        empty=Empty("Für einen Verbrauch braucht es zwei Zählerstände."),
    )
    shown = Page(
        f"Messwerte {one.market_location_id}",
        sub=f"{one.get_commodity_display()} · {one.address} · {one.client.name}",
        crumbs=[("Messwerte", reverse("metering:readings"))],
        actions=[Action("Marktlokation", reverse("masterdata:marketlocation", args=[one.pk]), icon="house")],
    )
    context: dict[str, Any] = {
        "page": shown,
        "one": one,
        "unit": unit,
        "table": table,
        "periods": periods,
        "picture": reading_picture(found, unit) if found else "",
        "months": month_picture(one.pk, clock.today()),
        **_profile(request, one),
        "gas": list(GasQuality.objects.filter(market_location=one, is_current=True).order_by("-valid")[:24]),
        "form": form if may(request, one.client_id, STAFF) else None,
        "last": rows[0] if rows else None,
        "doubt": doubt,
    }
    status = 422 if doubt or (form.is_bound and not form.is_valid()) else 200
    return render(request, "metering/location.html", context, status=status)


def _profile(request: StaffRequest, one: MarketLocation) -> dict[str, Any]:
    """The load profile of the day asked for by ?tag=, else of the last one, with its neighbours."""
    days = IntervalDay.objects.filter(series__market_location=one, is_current=True).order_by("day", "pk")
    form = DayForm(request.GET or None)
    wanted = form.cleaned_data["tag"] if form.is_valid() else None
    shown = (days.filter(day=wanted) if wanted else days.reverse()).select_related("series").first()
    if shown is None:
        return {"profile": "", "day_form": form}
    return {
        "profile": day_picture(shown),
        "profile_day": shown,
        "day_form": form,
        "day_before": days.filter(day__lt=shown.day).values_list("day", flat=True).last(),
        "day_after": days.filter(day__gt=shown.day).values_list("day", flat=True).first(),
    }


@page(*STAFF)
def enter(request: StaffRequest, pk: int) -> HttpResponse:
    """Store one reading. What looks wrong is asked about first, with the reasons, and not stored yet."""
    one = get_object_or_404(MarketLocation.objects.select_related("address", "client"), pk=pk)
    require(request, one.client_id, STAFF)
    form = _form(request, one)
    if request.method != "POST" or not form.is_valid():
        return _show(request, one, form)
    data = form.cleaned_data
    new = NewReading(
        register_id=int(data["register"]),
        date=data["date"],
        value=data["value"],
        origin=data["origin"],
        quality=data["quality"],
    )
    entered = services.enter_reading(
        client_id=one.client_id,
        reading=new,
        user=request.user,
        at=clock.now(),
        confirmed=request.POST.get("confirmed") == "1",
    )
    if entered.stored is None:
        return _show(request, one, form, entered)
    outcome = entered.stored
    if outcome.outcome is Outcome.REFUSED:
        form.add_error("value", outcome.reason)
        return _show(request, one, form)
    level, text = OUTCOMES[outcome.outcome]
    messages.add_message(request, level, f"{text} {outcome.reason}".strip())
    return redirect("metering:location", pk)
