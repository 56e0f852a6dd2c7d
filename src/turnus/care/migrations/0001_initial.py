import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('contracts', '0001_initial'),
        ('masterdata', '0001_initial'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_notes', to='masterdata.customer')),
                ('concerns', models.CharField(choices=[('contract', 'Vertrag'), ('account', 'Konto insgesamt')], max_length=8, verbose_name='Betrifft')),
                ('contract', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contact_notes', to='contracts.supplycontract', verbose_name='Vertrag')),
                ('channel', models.CharField(choices=[('phone_in', 'Anruf eingehend'), ('phone_out', 'Anruf ausgehend'), ('email', 'E-Mail'), ('letter', 'Brief'), ('portal', 'Portal'), ('chat', 'Chat'), ('personal', 'persönlich')], max_length=10, verbose_name='Kanal')),
                ('identity', models.CharField(choices=[('not_verified', 'nicht geprüft – keine Auskunft'), ('basic', 'Name und Kundennummer'), ('full', 'zusätzlich Geburtsdatum, Zählernummer oder Anschrift'), ('authorised', 'Bevollmächtigte Person, Vollmacht liegt vor')], max_length=12, verbose_name='Identität')),
                ('topic', models.CharField(choices=[('bill', 'Rechnung'), ('instalment', 'Abschlag'), ('payment', 'Zahlung und Bankverbindung'), ('reading', 'Zählerstand'), ('move', 'Ein- und Auszug'), ('product', 'Tarif und Vertrag'), ('dunning', 'Mahnung'), ('master_data', 'Stammdaten'), ('complaint', 'Beschwerde'), ('other', 'Sonstiges')], max_length=12, verbose_name='Thema')),
                ('text', models.TextField(blank=True, verbose_name='Notiz')),
                ('result', models.TextField(verbose_name='Ergebnis')),
                ('at', models.DateTimeField(verbose_name='Zeitpunkt')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Bearbeitung')),
            ],
            options={
                'verbose_name': 'Kontaktnotiz',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['customer', '-at'], name='care_contac_custome_284a59_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('concerns', 'contract'), ('contract__isnull', False)), models.Q(('concerns', 'account'), ('contract__isnull', True)), _connector='OR'), name='contact_concerns_contract_or_account'), models.CheckConstraint(condition=models.Q(('result', ''), _negated=True), name='contact_has_result')],
            },
        ),
        migrations.CreateModel(
            name='ContactMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('note', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='care.contactnote')),
                ('from_customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.customer')),
                ('to_customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.customer')),
                ('reason', models.TextField(verbose_name='Grund')),
                ('at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'Umzug einer Kontaktnotiz',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('from_customer', models.F('to_customer')), _negated=True), name='contact_moves_elsewhere')],
            },
        ),
    ]
