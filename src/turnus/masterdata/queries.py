"""Conditions by which lists find customers and places, quick under row-level security."""

from typing import TypeVar

from django.db import connection
from django.db.models import Q, QuerySet

from turnus.masterdata.models import Customer, MarketLocation, Meter, MeteringLocation
from turnus.ui.filters import FEW, any_of

M = TypeVar("M", Customer, MarketLocation)
MOST_WORDS = 5


def customers_like(text: str) -> list[int] | None:
    """Keys of the customers in whose name every word occurs or whose number it begins.

    None if there are more than `FEW`. Only principals that the connection may see are searched.
    """
    with connection.cursor() as cursor:
        wanted = " ".join(text.replace("\0", "").split()[:MOST_WORDS])
        cursor.execute("SELECT turnus_customers_like(%s, %s)", [wanted, FEW + 1])
        found = [row[0] for row in cursor.fetchall()]
    return found if len(found) <= FEW else None


def of_customers_like(text: str, path: str = "") -> Q:
    """A condition on rows that reach a customer over `path` ("" for customers themselves).

    Every word of the text must occur in first name or name, or begin the customer number.
    """
    found = customers_like(text)
    if found is not None:
        return Q(**{f"{path}__in" if path else "pk__in": found})
    prefix = f"{path}__" if path else ""
    condition = Q()
    for word in text.split()[:MOST_WORDS]:
        condition &= (
            Q(**{f"{prefix}name__icontains": word})
            | Q(**{f"{prefix}first_name__icontains": word})
            | Q(**{f"{prefix}number__istartswith": word})
        )
    return condition


def locations_like(rows: QuerySet[MarketLocation], text: str) -> QuerySet[MarketLocation]:
    """Market locations whose number, or that of a metering location or meter at it, begins so."""
    value = text.upper()
    meters = Meter.objects.filter(number__begins=value).values("metering_location__market_location")
    places = MeteringLocation.objects.filter(metering_location_id__begins=value).values("market_location")
    return any_of(rows, Q(market_location_id__begins=value), Q(pk__in=places), Q(pk__in=meters))


def in_city(rows: QuerySet[M], city: str) -> QuerySet[M]:
    """Rows whose address lies in a city that begins so, whatever the capitals."""
    return any_of(rows, Q(address__city_key__begins=city.upper()))
