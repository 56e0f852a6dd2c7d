"""M34: every contact stands on the right file."""

import pytest

import factories as make
from turnus.care import queries, services
from turnus.care.models import ContactNote
from turnus.system.models import AuditEntry

pytestmark = pytest.mark.django_db


def _new(customer, **changes):
    values = {"customer": customer, "channel": "phone_in", "identity": "full", "topic": "bill",
              "result": "Rechnung erklärt", "on_account": True, **changes}  # fmt: skip
    return services.NewContact(**values)


def _record(client, agent, new):
    return services.record_contact(client_id=client.pk, new=new, user=agent, at=make.NOW)


def test_agent_and_time_are_automatic():
    client = make.principal()
    agent = make.user("anna", client)
    note = _record(client, agent, _new(make.customer(client)))
    assert (note.agent, note.at, note.concerns) == (agent, make.NOW, "account")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"identity": ""}, "identity"), ({"topic": ""}, "topic"), ({"result": " "}, "result"),
     ({"channel": "brieftaube"}, "channel"), ({"on_account": False}, "contract")],
)  # fmt: skip
def test_what_every_note_needs(change, field):
    client = make.principal()
    agent = make.user("anna", client)
    with pytest.raises(services.IncompleteContact) as refused:
        _record(client, agent, _new(make.customer(client), **change))
    assert refused.value.field == field
    assert not ContactNote.objects.exists()


def test_contract_of_somebody_else_is_refused():
    client = make.principal()
    agent = make.user("anna", client)
    other = make.supply(client)
    with pytest.raises(services.IncompleteContact, match="gehört nicht"):
        _record(client, agent, _new(make.customer(client), contract=other.contract, on_account=False))


def test_a_moved_note_is_invisible_on_the_former_customer_and_leaves_a_trace():
    client = make.principal()
    agent, lead = make.user("anna", client), make.user("lea", client, "lead")
    wrong, right = make.customer(client), make.supply(client)
    note = _record(client, agent, _new(wrong))
    services.move_contact(note=note, to=right.customer, contract=right.contract, reason="Namensgleichheit",
                          user=lead, at=make.NOW)  # fmt: skip
    assert not queries.contacts_of(client_ids=[client.pk], customer_id=wrong.pk).exists()
    (moved,) = queries.contacts_of(client_ids=[client.pk], customer_id=right.customer.pk)
    (trace,) = moved.moves.all()
    assert (trace.from_customer, trace.user, trace.reason) == (wrong, lead, "Namensgleichheit")
    assert (moved.agent, moved.contract) == (agent, right.contract)
    assert AuditEntry.objects.filter(action="contact_moved", object_id=note.pk).count() == 1


def test_moving_needs_a_reason_and_another_customer():
    client = make.principal()
    agent = make.user("anna", client)
    customer = make.customer(client)
    note = _record(client, agent, _new(customer))
    for to, reason in ((make.customer(client), ""), (customer, "verwechselt")):
        with pytest.raises(services.IncompleteContact):
            services.move_contact(note=note, to=to, contract=None, reason=reason, user=agent, at=make.NOW)
