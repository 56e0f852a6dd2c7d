"""Bulk import, customer to reading: what is good goes in, what is bad is named, twice is once."""

from datetime import date
from decimal import Decimal

import pytest

import factories as make
from turnus.contracts.models import SupplyContract
from turnus.lib.csv_table import UnreadableTable
from turnus.masterdata.models import BankAccount, ContractAccount, Customer, Mandate, MarketLocation, Register
from turnus.metering.models import MeterReading
from turnus.products.models import Price
from turnus.system import imports
from turnus.system.models import AuditEntry
from turnus.worklist.models import Approval
from turnus.worklist.services import decide

pytestmark = pytest.mark.django_db
A, B, GAS = (make.market_location_id(n) for n in (9001, 9002, 9003))
MELO = {m: f"DE00000045127{m:0>20}" for m in (A, B, GAS)}

CUSTOMERS = """kundennummer;anrede;vorname;name;strasse;hausnummer;plz;ort;email
K1;Frau;Erika;Müller;Lindenweg;4 a;45127;Essen;erika@example.org
K2;;;Bäckerei Groß GmbH;Ring;1;45127;Essen;
"""
BANK_ACCOUNTS = """kundennummer;iban;kontoinhaber;mandatsreferenz;unterschrieben_am
K1;DE02 1203 0000 0000 2020 51;Erika Müller;M1;01.12.2024
"""
LOCATIONS = f"""marktlokation;sparte;strasse;plz;ort;bundesland;netzbetreiber;lastprofil;\
jahresprognose_kwh;ka_klasse;ablesemonat;messlokation;zaehlernummer;eingebaut_am;ausgebaut_am;wandlerfaktor
{A};Strom;Lindenweg;45127;Essen;NW;9900000000001;H0;3.500;Tarifkunde;12;{MELO[A]};1ALT;01.01.2020;15.05.2025;
{A};Strom;Lindenweg;45127;Essen;NW;9900000000001;H0;3.500;Tarifkunde;12;{MELO[A]};1NEU;15.05.2025;;
{B};Strom;Ring;45127;Essen;NW;9900000000001;G0;20000;Tarifkunde;12;{MELO[B]};1WDL;01.01.2020;;40
"""
PRODUCTS = "produkt;name;sparte\nP1;Treue Strom;Strom\nG1;Treue Gas;Gas\n"
PRICES = """produkt;gueltig_ab;arbeitspreis_ct_kwh;grundpreis_eur_jahr
P1;01.07.2025;26,10;132,00
P1;01.01.2025;24,80;120,00
"""
CONTRACTS = f"""vertragsnummer;kundennummer;marktlokation;produkt;lieferbeginn;mandatsreferenz
V1;K1;{A};P1;01.01.2025;M1
V2;K2;{B};P1;01.01.2025;
"""
READINGS = """zaehlernummer;datum;stand
1ALT;01.01.2025;12345
1ALT;15.05.2025;13742
1NEU;15.05.2025;3
"""
FILES = {
    "customers": CUSTOMERS,
    "bank_accounts": BANK_ACCOUNTS,
    "market_locations": LOCATIONS,
    "products": PRODUCTS,
    "prices": PRICES,
    "contracts": CONTRACTS,
    "readings": READINGS,
}


def _run(client, kind, content, user=None, **options):
    return imports.run(
        kind=kind, client_id=client.pk, content=content.encode("cp1252"), name=f"{kind}.csv",
        user=user, at=make.NOW, **options,
    )  # fmt: skip


@pytest.fixture
def client():
    make.grid_operator()
    return make.principal()


def _fill(client, *kinds):
    clerk = make.user("anna", client)
    for kind in kinds or FILES:
        report = _run(client, kind, FILES[kind], user=clerk)
        assert not report.errors, report.errors
    return clerk


def test_a_whole_principal_from_seven_files(client):
    _fill(client)
    contract = SupplyContract.objects.get(number="V1")
    assert (contract.state, contract.customer.full_name, contract.contract_account.mandate.reference) == (
        "active", "Erika Müller", "M1",
    )  # fmt: skip
    assert Register.objects.get(meter__number="1WDL").transformer_factor == 40
    prices = [(p.valid.upper, p.energy_ct_per_kwh) for p in Price.objects.order_by("valid")]
    assert prices == [(date(2025, 7, 1), Decimal("24.8")), (None, Decimal("26.1"))]
    assert MeterReading.objects.count() == 3
    assert ContractAccount.objects.count() == 2


def test_the_same_files_again_change_nothing(client):
    clerk = _fill(client)
    before = AuditEntry.objects.count(), Approval.objects.count()
    for kind, content in FILES.items():
        report = _run(client, kind, content, user=clerk)
        assert (report.new, report.changed, len(report.errors)) == (0, 0, 0), kind
        assert report.unchanged == report.rows
    assert (AuditEntry.objects.count(), Approval.objects.count()) == before


def test_imported_bank_accounts_wait_for_a_second_person(client):
    _fill(client, "customers", "bank_accounts")
    assert BankAccount.objects.get().approved_at is None
    assert Mandate.objects.get().status == "blocked"
    lead = make.user("lea", client, "lead")
    decide(approval=Approval.objects.get(), approve=True, user=lead, at=make.NOW, reason="Datei geprüft")
    assert (BankAccount.objects.get().approved_by, Mandate.objects.get().status) == (lead, "active")


def test_a_missing_column_is_named_and_nothing_imported(client):
    with pytest.raises(UnreadableTable, match="fehlt die Spalte „plz“"):
        _run(client, "customers", CUSTOMERS.replace(";plz", ";postleitzahl"))
    assert not Customer.objects.exists()


def test_a_dry_run_writes_nothing_but_reports_all(client):
    report = _run(client, "customers", CUSTOMERS, dry_run=True)
    assert (report.new, report.dry_run, Customer.objects.count()) == (2, True, 0)


@pytest.mark.parametrize(
    ("kind", "row", "column", "cause"),
    [
        ("customers", "K3;Frau;Eva;Neu;Weg;1;451;Essen;", "plz", "fünf Ziffern"),
        ("customers", "K3;Frau;Eva;Neu;Weg;1;45127;Essen;kein@", "email", "E-Mail"),
        ("customers", "K1;Frau;Eva;Neu;Weg;1;45127;Essen;", "kundennummer", "schon in der Datei"),
        ("bank_accounts", "K1;DE02120300000000202052;E;M2;01.12.2024", "iban", "Prüfziffer"),
        ("bank_accounts", "K9;DE02120300000000202051;E;M2;01.12.2024", "kundennummer", "gibt es nicht"),
        ("bank_accounts", "K2;DE02500105170137075030;E;M1;01.12.2024", "mandatsreferenz", "anderen Bank"),
        ("bank_accounts", "K2;DE02500105170137075030;E;M3;", "unterschrieben_am", "braucht sein Datum"),
        ("products", "P9;Wasser;Wasser", "sparte", "gibt es hier nicht"),
        ("prices", "P9;01.01.2025;1,00;1,00", "produkt", "gibt es nicht"),
        ("contracts", f"V3;K2;{GAS};P1;01.01.2025;", "marktlokation", "gibt es nicht"),
        ("contracts", f"V3;K2;{A};P1;01.01.2026;", "lieferbeginn", "schon unter Vertrag V1"),
        ("contracts", f"V3;K2;{B};P1;01.01.2019;", "aktiv", "Preis des Produkts"),
        ("contracts", f"V3;K2;{B};G1;01.01.2019;", "produkt", "verschiedene Sparten"),
        ("contracts", f"V3;K2;{B};P1;01.01.2025;M1", "mandatsreferenz", "anderen Kunden"),
        ("readings", "9XYZ;01.01.2025;1", "zaehlernummer", "gibt es nicht"),
        ("readings", "1NEU;01.01.2025;1", "datum", "kein solches"),
        ("readings", "1NEU;16.05.2025;1.234", "stand", "Mehrdeutig"),
    ],
)
def test_a_bad_row_is_named_and_takes_no_other_with_it(client, kind, row, column, cause):
    order = list(FILES)
    clerk = _fill(client, *order[: order.index(kind)]) if order.index(kind) else None
    good = FILES[kind].count("\n") - 1
    report = _run(client, kind, FILES[kind] + row + "\n", user=clerk)
    (error,) = report.errors
    assert (error.row, error.column) == (good + 2, column)
    assert cause in error.cause
    assert error.remedy
    assert (report.new, report.refused) == (good, 1)


def test_a_wrong_check_digit_leaves_the_rest_alone(client):
    wrong = A[:10] + str((int(A[10]) + 1) % 10)
    report = _run(client, "market_locations", LOCATIONS + LOCATIONS.splitlines()[3].replace(B, wrong) + "\n")
    assert [(e.row, e.column) for e in report.errors] == [(5, "marktlokation")]
    assert MarketLocation.objects.count() == 2


def test_a_changed_row_changes_its_fields_and_empty_cells_leave_them(client):
    _fill(client, "customers")
    again = "kundennummer;vorname;name;strasse;plz;ort\nK1;;Meier;Neue Allee;45130;Essen\n"
    report = _run(client, "customers", again)
    assert (report.changed, report.new) == (1, 0)
    customer = Customer.objects.get(number="K1")
    assert (customer.full_name, customer.email) == ("Erika Meier", "erika@example.org")
    assert (customer.address.street, customer.address.house_number) == ("Neue Allee", "4 a")


def test_a_running_price_is_not_changed_by_a_file(client):
    _fill(client, "products", "prices")
    report = _run(client, "prices", PRICES.replace("26,10", "29,90"))
    assert [e.column for e in report.errors] == ["arbeitspreis_ct_kwh"]
    assert Price.objects.order_by("valid").last().energy_ct_per_kwh == Decimal("26.1")


def test_a_draft_may_have_gaps(client):
    _fill(client, "customers", "market_locations", "products")
    content = (
        CONTRACTS.replace(";M1", ";")
        .replace("mandatsreferenz", "aktiv")
        .replace("01.01.2025;", "01.01.2025;nein")
    )
    assert not _run(client, "contracts", content).errors
    assert set(SupplyContract.objects.values_list("state", flat=True)) == {"draft"}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_has_a_template_it_reads_itself(client, kind):
    content = imports.template_of(kind)
    report = imports.run(
        kind=kind, client_id=client.pk, content=content, name="t.csv", user=None, at=make.NOW, dry_run=True
    )
    unreadable = [e for e in report.errors if "gibt es nicht" not in e.cause]
    assert not unreadable
    assert report.rows == 1
