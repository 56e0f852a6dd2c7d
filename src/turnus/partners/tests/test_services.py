"""Market partners are public: one row per code number, checked and audited."""

import pytest

import factories as make
from turnus.partners import services
from turnus.system.changes import InvalidInput
from turnus.system.models import AuditEntry

pytestmark = pytest.mark.django_db
VALUES = {"market_partner_id": "9900123456789", "name": "Netz Rhein", "role": "grid_operator"}


def test_code_number_and_form_are_checked():
    client = make.principal()
    made = services.create_market_partner(client_id=client.pk, values=VALUES, user=None, at=make.NOW)
    for change in ({}, {"market_partner_id": "99001"}, {"market_partner_id": "9900123456790", "email": "x"}):
        with pytest.raises(InvalidInput):
            services.create_market_partner(
                client_id=client.pk, values={**VALUES, **change}, user=None, at=make.NOW
            )
    assert services.update_market_partner(
        client_id=client.pk, partner=made, values={"phone": "0201 1"}, user=None, at=make.NOW
    )
    assert AuditEntry.objects.get(action="changed").details == {"phone": ["", "0201 1"]}
