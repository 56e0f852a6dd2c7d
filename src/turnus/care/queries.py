"""Read notes of contacts."""

from collections.abc import Sequence

from django.db.models import QuerySet

from turnus.care.models import ContactNote


def contacts_of(*, client_ids: Sequence[int], customer_id: int) -> QuerySet[ContactNote]:
    """Notes that stand at a customer now, newest first, with agent, contract and trace."""
    return (
        ContactNote.objects.filter(client_id__in=client_ids, customer_id=customer_id)
        .select_related("agent", "contract")
        .prefetch_related("moves__from_customer", "moves__user")
    )
