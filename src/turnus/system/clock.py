"""The one place that knows what day it is. Only views, jobs and commands ask it.

A demo or a training installation sets a business date, so that its figures do not depend on the
day somebody looks at them.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from turnus.system.models import BusinessDate

BERLIN = ZoneInfo("Europe/Berlin")


def today() -> date:
    """The business date: the one set for this installation, else the calendar day in Berlin."""
    fixed = BusinessDate.objects.values_list("day", flat=True).first()
    return fixed or timezone.now().astimezone(BERLIN).date()


def now() -> datetime:
    """The present moment, on the business date where one is set."""
    moment = timezone.now().astimezone(BERLIN)
    fixed = BusinessDate.objects.values_list("day", flat=True).first()
    return moment.replace(year=fixed.year, month=fixed.month, day=fixed.day) if fixed else moment


def set_business_date(day: date | None) -> None:
    """Fix the business date of the whole installation, or (None) follow the calendar again."""
    BusinessDate.objects.all().delete()
    if day is not None:
        BusinessDate.objects.create(id=1, day=day)
