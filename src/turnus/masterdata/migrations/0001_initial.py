import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_initial'),
        ('partners', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('street', models.CharField(max_length=80, verbose_name='Straße')),
                ('house_number', models.CharField(blank=True, max_length=12, verbose_name='Hausnummer')),
                ('addition', models.CharField(blank=True, max_length=80, verbose_name='Zusatz')),
                ('postal_code', models.CharField(max_length=10, verbose_name='PLZ')),
                ('city', models.CharField(max_length=60, verbose_name='Ort')),
                ('country', models.CharField(default='DE', max_length=2, verbose_name='Land')),
            ],
            options={
                'verbose_name': 'Adresse',
            },
        ),
        migrations.CreateModel(
            name='AddressEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.address')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('street', models.CharField(max_length=80, verbose_name='Straße')),
                ('house_number', models.CharField(blank=True, max_length=12, verbose_name='Hausnummer')),
                ('addition', models.CharField(blank=True, max_length=80, verbose_name='Zusatz')),
                ('postal_code', models.CharField(max_length=10, verbose_name='PLZ')),
                ('city', models.CharField(max_length=60, verbose_name='Ort')),
                ('country', models.CharField(default='DE', max_length=2, verbose_name='Land')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('number', models.CharField(max_length=20, verbose_name='Kundennummer')),
                ('kind', models.CharField(choices=[('person', 'Person'), ('company', 'Firma')], default='person', max_length=8, verbose_name='Art')),
                ('salutation', models.CharField(blank=True, choices=[('ms', 'Frau'), ('mr', 'Herr'), ('', 'ohne')], max_length=4, verbose_name='Anrede')),
                ('first_name', models.CharField(blank=True, max_length=60, verbose_name='Vorname')),
                ('name', models.CharField(max_length=100, verbose_name='Name / Firma')),
                ('born_on', models.DateField(blank=True, null=True, verbose_name='Geburtsdatum')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='E-Mail')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='Telefon')),
                ('address', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.address', verbose_name='Postanschrift')),
                ('is_household_customer', models.BooleanField(default=True, verbose_name='Haushaltskunde')),
                ('is_reseller', models.BooleanField(default=False, verbose_name='Wiederverkäufer')),
                ('deceased_on', models.DateField(blank=True, null=True, verbose_name='verstorben am')),
                ('insolvent_on', models.DateField(blank=True, null=True, verbose_name='Insolvenz eröffnet am')),
                ('note', models.TextField(blank=True, verbose_name='Hinweis')),
            ],
            options={
                'verbose_name': 'Kunde',
                'ordering': ['number'],
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['name'], name='customer_name_trgm', opclasses=['gin_trgm_ops'])],
                'constraints': [models.UniqueConstraint(fields=('client', 'number'), name='customer_number')],
            },
        ),
        migrations.CreateModel(
            name='CustomerEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.customer')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('number', models.CharField(max_length=20, verbose_name='Kundennummer')),
                ('kind', models.CharField(choices=[('person', 'Person'), ('company', 'Firma')], default='person', max_length=8, verbose_name='Art')),
                ('salutation', models.CharField(blank=True, choices=[('ms', 'Frau'), ('mr', 'Herr'), ('', 'ohne')], max_length=4, verbose_name='Anrede')),
                ('first_name', models.CharField(blank=True, max_length=60, verbose_name='Vorname')),
                ('name', models.CharField(max_length=100, verbose_name='Name / Firma')),
                ('born_on', models.DateField(blank=True, null=True, verbose_name='Geburtsdatum')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='E-Mail')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='Telefon')),
                ('address', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.address', verbose_name='Postanschrift')),
                ('is_household_customer', models.BooleanField(default=True, verbose_name='Haushaltskunde')),
                ('is_reseller', models.BooleanField(default=False, verbose_name='Wiederverkäufer')),
                ('deceased_on', models.DateField(blank=True, null=True, verbose_name='verstorben am')),
                ('insolvent_on', models.DateField(blank=True, null=True, verbose_name='Insolvenz eröffnet am')),
                ('note', models.TextField(blank=True, verbose_name='Hinweis')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_accounts', to='masterdata.customer')),
                ('iban', models.CharField(max_length=34, verbose_name='IBAN')),
                ('bic', models.CharField(blank=True, max_length=11, verbose_name='BIC')),
                ('holder', models.CharField(max_length=70, verbose_name='Kontoinhaber')),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'Bankverbindung',
                'indexes': [models.Index(fields=['client', 'iban'], name='masterdata__client__2fd978_idx')],
                'constraints': [models.UniqueConstraint(fields=('customer', 'iban'), name='one_iban_per_customer'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('entered_by__isnull', True), models.Q(('approved_by', models.F('entered_by')), _negated=True), _connector='OR'), name='bank_account_four_eyes')],
            },
        ),
        migrations.CreateModel(
            name='BankAccountEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.bankaccount')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.customer')),
                ('iban', models.CharField(max_length=34, verbose_name='IBAN')),
                ('bic', models.CharField(blank=True, max_length=11, verbose_name='BIC')),
                ('holder', models.CharField(max_length=70, verbose_name='Kontoinhaber')),
                ('entered_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('bank_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='masterdata.bankaccount')),
                ('reference', models.CharField(max_length=35, verbose_name='Mandatsreferenz')),
                ('signed_on', models.DateField(verbose_name='unterschrieben am')),
                ('scheme', models.CharField(choices=[('CORE', 'Basis'), ('B2B', 'Firmen')], default='CORE', max_length=4, verbose_name='Verfahren')),
                ('status', models.CharField(choices=[('active', 'aktiv'), ('blocked', 'gesperrt'), ('revoked', 'widerrufen')], default='active', max_length=8, verbose_name='Status')),
                ('blocked_reason', models.CharField(blank=True, max_length=120, verbose_name='Sperrgrund')),
                ('last_used_on', models.DateField(blank=True, null=True, verbose_name='zuletzt genutzt')),
            ],
            options={
                'verbose_name': 'Mandat',
                'constraints': [models.UniqueConstraint(fields=('client', 'reference'), name='mandate_reference')],
            },
        ),
        migrations.CreateModel(
            name='MandateEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.mandate')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('bank_account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.bankaccount')),
                ('reference', models.CharField(max_length=35, verbose_name='Mandatsreferenz')),
                ('signed_on', models.DateField(verbose_name='unterschrieben am')),
                ('scheme', models.CharField(choices=[('CORE', 'Basis'), ('B2B', 'Firmen')], default='CORE', max_length=4, verbose_name='Verfahren')),
                ('status', models.CharField(choices=[('active', 'aktiv'), ('blocked', 'gesperrt'), ('revoked', 'widerrufen')], default='active', max_length=8, verbose_name='Status')),
                ('blocked_reason', models.CharField(blank=True, max_length=120, verbose_name='Sperrgrund')),
                ('last_used_on', models.DateField(blank=True, null=True, verbose_name='zuletzt genutzt')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ContractAccount',
            fields=[
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('subaccount', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='contract_account', serialize=False, to='ledger.subaccount')),
                ('number', models.CharField(max_length=12, verbose_name='Vertragskonto')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contract_accounts', to='masterdata.customer')),
                ('payment_method', models.CharField(choices=[('direct_debit', 'Lastschrift'), ('transfer', 'Überweisung')], default='transfer', max_length=12, verbose_name='Zahlweg')),
                ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contract_accounts', to='masterdata.mandate')),
            ],
            options={
                'verbose_name': 'Vertragskonto',
                'constraints': [models.UniqueConstraint(fields=('client', 'number'), name='contract_account_number')],
            },
        ),
        migrations.CreateModel(
            name='ContractAccountEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.contractaccount')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('subaccount', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', serialize=False, to='ledger.subaccount')),
                ('number', models.CharField(max_length=12, verbose_name='Vertragskonto')),
                ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.customer')),
                ('payment_method', models.CharField(choices=[('direct_debit', 'Lastschrift'), ('transfer', 'Überweisung')], default='transfer', max_length=12, verbose_name='Zahlweg')),
                ('mandate', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.mandate')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='MarketLocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('market_location_id', models.CharField(max_length=11, verbose_name='MaLo-ID')),
                ('commodity', models.CharField(choices=[('electricity', 'Strom'), ('gas', 'Gas')], max_length=12, verbose_name='Sparte')),
                ('address', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.address', verbose_name='Lieferstelle')),
                ('state', models.CharField(choices=[('BW', 'Baden-Württemberg'), ('BY', 'Bayern'), ('BE', 'Berlin'), ('BB', 'Brandenburg'), ('HB', 'Bremen'), ('HH', 'Hamburg'), ('HE', 'Hessen'), ('MV', 'Mecklenburg-Vorpommern'), ('NI', 'Niedersachsen'), ('NW', 'Nordrhein-Westfalen'), ('RP', 'Rheinland-Pfalz'), ('SL', 'Saarland'), ('SN', 'Sachsen'), ('ST', 'Sachsen-Anhalt'), ('SH', 'Schleswig-Holstein'), ('TH', 'Thüringen')], max_length=2, verbose_name='Bundesland')),
                ('grid_operator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.marketpartner', verbose_name='Netzbetreiber')),
                ('metering_operator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.marketpartner', verbose_name='Messstellenbetreiber')),
                ('profile', models.CharField(blank=True, max_length=12, verbose_name='Lastprofil')),
                ('annual_forecast_kwh', models.PositiveIntegerField(blank=True, null=True, verbose_name='Jahresverbrauchsprognose (kWh)')),
                ('concession_fee_class', models.CharField(blank=True, max_length=40, verbose_name='KA-Klasse')),
                ('reading_cycle_month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Ablesemonat')),
            ],
            options={
                'verbose_name': 'Marktlokation',
                'ordering': ['market_location_id'],
                'constraints': [models.UniqueConstraint(fields=('client', 'market_location_id'), name='one_market_location'), models.CheckConstraint(condition=models.Q(('market_location_id__regex', '^\\d{11}$')), name='market_location_id_shape'), models.CheckConstraint(condition=models.Q(('reading_cycle_month__isnull', True), ('reading_cycle_month__range', (1, 12)), _connector='OR'), name='reading_cycle_is_month')],
            },
        ),
        migrations.CreateModel(
            name='MarketLocationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.marketlocation')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('market_location_id', models.CharField(max_length=11, verbose_name='MaLo-ID')),
                ('commodity', models.CharField(choices=[('electricity', 'Strom'), ('gas', 'Gas')], max_length=12, verbose_name='Sparte')),
                ('address', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.address', verbose_name='Lieferstelle')),
                ('state', models.CharField(choices=[('BW', 'Baden-Württemberg'), ('BY', 'Bayern'), ('BE', 'Berlin'), ('BB', 'Brandenburg'), ('HB', 'Bremen'), ('HH', 'Hamburg'), ('HE', 'Hessen'), ('MV', 'Mecklenburg-Vorpommern'), ('NI', 'Niedersachsen'), ('NW', 'Nordrhein-Westfalen'), ('RP', 'Rheinland-Pfalz'), ('SL', 'Saarland'), ('SN', 'Sachsen'), ('ST', 'Sachsen-Anhalt'), ('SH', 'Schleswig-Holstein'), ('TH', 'Thüringen')], max_length=2, verbose_name='Bundesland')),
                ('grid_operator', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partners.marketpartner', verbose_name='Netzbetreiber')),
                ('metering_operator', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partners.marketpartner', verbose_name='Messstellenbetreiber')),
                ('profile', models.CharField(blank=True, max_length=12, verbose_name='Lastprofil')),
                ('annual_forecast_kwh', models.PositiveIntegerField(blank=True, null=True, verbose_name='Jahresverbrauchsprognose (kWh)')),
                ('concession_fee_class', models.CharField(blank=True, max_length=40, verbose_name='KA-Klasse')),
                ('reading_cycle_month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Ablesemonat')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='MeteringLocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('metering_location_id', models.CharField(max_length=33, verbose_name='MeLo-ID')),
                ('market_location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='metering_locations', to='masterdata.marketlocation')),
            ],
            options={
                'verbose_name': 'Messlokation',
                'constraints': [models.UniqueConstraint(fields=('client', 'metering_location_id'), name='one_metering_location')],
            },
        ),
        migrations.CreateModel(
            name='MeteringLocationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.meteringlocation')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('metering_location_id', models.CharField(max_length=33, verbose_name='MeLo-ID')),
                ('market_location', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.marketlocation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Meter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('metering_location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meters', to='masterdata.meteringlocation')),
                ('number', models.CharField(max_length=20, verbose_name='Zählernummer')),
                ('installed', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='eingebaut')),
            ],
            options={
                'verbose_name': 'Zähler',
                'indexes': [models.Index(fields=['client', 'number'], name='masterdata__client__f8f759_idx')],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('client', '='), ('number', '='), ('metering_location', '='), ('installed', '&&')], name='meter_hangs_once')],
            },
        ),
        migrations.CreateModel(
            name='MeterEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.meter')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('metering_location', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.meteringlocation')),
                ('number', models.CharField(max_length=20, verbose_name='Zählernummer')),
                ('installed', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='eingebaut')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Register',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('meter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='registers', to='masterdata.meter')),
                ('obis_code', models.CharField(max_length=20, verbose_name='OBIS-Kennzahl')),
                ('digits', models.PositiveSmallIntegerField(default=6, verbose_name='Vorkommastellen')),
                ('decimals', models.PositiveSmallIntegerField(default=0, verbose_name='Nachkommastellen')),
                ('transformer_factor', models.DecimalField(decimal_places=3, default=1, max_digits=9, verbose_name='Wandlerfaktor')),
            ],
            options={
                'verbose_name': 'Zählwerk',
                'constraints': [models.UniqueConstraint(fields=('meter', 'obis_code'), name='one_register'), models.CheckConstraint(condition=models.Q(('transformer_factor__gt', 0)), name='transformer_factor_positive'), models.CheckConstraint(condition=models.Q(('digits__range', (1, 12))), name='register_digits')],
            },
        ),
        migrations.CreateModel(
            name='RegisterEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='masterdata.register')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('meter', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.meter')),
                ('obis_code', models.CharField(max_length=20, verbose_name='OBIS-Kennzahl')),
                ('digits', models.PositiveSmallIntegerField(default=6, verbose_name='Vorkommastellen')),
                ('decimals', models.PositiveSmallIntegerField(default=0, verbose_name='Nachkommastellen')),
                ('transformer_factor', models.DecimalField(decimal_places=3, default=1, max_digits=9, verbose_name='Wandlerfaktor')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='address',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_addressevent" ("addition", "city", "client_id", "country", "house_number", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "street") VALUES (NEW."addition", NEW."city", NEW."client_id", NEW."country", NEW."house_number", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."postal_code", NEW."street"); RETURN NULL;', hash='b6b3e644d8f0b893fc3503e00963d0852e3322a3', operation='INSERT', pgid='pgtrigger_insert_insert_01a40', table='masterdata_address', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='address',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_addressevent" ("addition", "city", "client_id", "country", "house_number", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "street") VALUES (NEW."addition", NEW."city", NEW."client_id", NEW."country", NEW."house_number", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."postal_code", NEW."street"); RETURN NULL;', hash='436c3ae8bd8961eafdaf275e02894a61d4aacd9b', operation='UPDATE', pgid='pgtrigger_update_update_76485', table='masterdata_address', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customer',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_customerevent" ("address_id", "born_on", "client_id", "deceased_on", "email", "first_name", "id", "insolvent_on", "is_household_customer", "is_reseller", "kind", "name", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "salutation") VALUES (NEW."address_id", NEW."born_on", NEW."client_id", NEW."deceased_on", NEW."email", NEW."first_name", NEW."id", NEW."insolvent_on", NEW."is_household_customer", NEW."is_reseller", NEW."kind", NEW."name", NEW."note", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."salutation"); RETURN NULL;', hash='ad8ff98897461f9002c2ba6c7bc5015fabaf491e', operation='INSERT', pgid='pgtrigger_insert_insert_56eda', table='masterdata_customer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customer',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_customerevent" ("address_id", "born_on", "client_id", "deceased_on", "email", "first_name", "id", "insolvent_on", "is_household_customer", "is_reseller", "kind", "name", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "salutation") VALUES (NEW."address_id", NEW."born_on", NEW."client_id", NEW."deceased_on", NEW."email", NEW."first_name", NEW."id", NEW."insolvent_on", NEW."is_household_customer", NEW."is_reseller", NEW."kind", NEW."name", NEW."note", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."salutation"); RETURN NULL;', hash='40c890032b95667c0e01f8a991c2c06fd13a7f87', operation='UPDATE', pgid='pgtrigger_update_update_c4a44', table='masterdata_customer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccount',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_bankaccountevent" ("approved_at", "approved_by_id", "bic", "client_id", "customer_id", "entered_by_id", "holder", "iban", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."approved_at", NEW."approved_by_id", NEW."bic", NEW."client_id", NEW."customer_id", NEW."entered_by_id", NEW."holder", NEW."iban", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='8cb48a66232c82bcaf98b22ccba035589e1c31ff', operation='INSERT', pgid='pgtrigger_insert_insert_31870', table='masterdata_bankaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankaccount',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_bankaccountevent" ("approved_at", "approved_by_id", "bic", "client_id", "customer_id", "entered_by_id", "holder", "iban", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."approved_at", NEW."approved_by_id", NEW."bic", NEW."client_id", NEW."customer_id", NEW."entered_by_id", NEW."holder", NEW."iban", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='9cee5ea821fbd5e27bce623c5ed9b0a97c8541a1', operation='UPDATE', pgid='pgtrigger_update_update_53849', table='masterdata_bankaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='mandate',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_mandateevent" ("bank_account_id", "blocked_reason", "client_id", "id", "last_used_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "scheme", "signed_on", "status") VALUES (NEW."bank_account_id", NEW."blocked_reason", NEW."client_id", NEW."id", NEW."last_used_on", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reference", NEW."scheme", NEW."signed_on", NEW."status"); RETURN NULL;', hash='a650825facea81389363fc6782d78930981c7ce7', operation='INSERT', pgid='pgtrigger_insert_insert_432ad', table='masterdata_mandate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='mandate',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_mandateevent" ("bank_account_id", "blocked_reason", "client_id", "id", "last_used_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "scheme", "signed_on", "status") VALUES (NEW."bank_account_id", NEW."blocked_reason", NEW."client_id", NEW."id", NEW."last_used_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reference", NEW."scheme", NEW."signed_on", NEW."status"); RETURN NULL;', hash='8860cb71591a3282ca8ac4dde79ac690a6d09357', operation='UPDATE', pgid='pgtrigger_update_update_ff5d2', table='masterdata_mandate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contractaccount',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_contractaccountevent" ("client_id", "customer_id", "mandate_id", "number", "payment_method", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subaccount_id") VALUES (NEW."client_id", NEW."customer_id", NEW."mandate_id", NEW."number", NEW."payment_method", _pgh_attach_context(), NOW(), \'insert\', NEW."subaccount_id", NEW."subaccount_id"); RETURN NULL;', hash='7d75b8cde5fe0447966bce4d6027d06c9b2920d4', operation='INSERT', pgid='pgtrigger_insert_insert_b1ec3', table='masterdata_contractaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contractaccount',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_contractaccountevent" ("client_id", "customer_id", "mandate_id", "number", "payment_method", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subaccount_id") VALUES (NEW."client_id", NEW."customer_id", NEW."mandate_id", NEW."number", NEW."payment_method", _pgh_attach_context(), NOW(), \'update\', NEW."subaccount_id", NEW."subaccount_id"); RETURN NULL;', hash='afced46ddb7508eade6d9e6458108d12c066ec5f', operation='UPDATE', pgid='pgtrigger_update_update_c0e10', table='masterdata_contractaccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='marketlocation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_marketlocationevent" ("address_id", "annual_forecast_kwh", "client_id", "commodity", "concession_fee_class", "grid_operator_id", "id", "market_location_id", "metering_operator_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile", "reading_cycle_month", "state") VALUES (NEW."address_id", NEW."annual_forecast_kwh", NEW."client_id", NEW."commodity", NEW."concession_fee_class", NEW."grid_operator_id", NEW."id", NEW."market_location_id", NEW."metering_operator_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."profile", NEW."reading_cycle_month", NEW."state"); RETURN NULL;', hash='b61b8b28345b9eb710b1047c1bd43f4c7e457ca0', operation='INSERT', pgid='pgtrigger_insert_insert_a43cd', table='masterdata_marketlocation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='marketlocation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_marketlocationevent" ("address_id", "annual_forecast_kwh", "client_id", "commodity", "concession_fee_class", "grid_operator_id", "id", "market_location_id", "metering_operator_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile", "reading_cycle_month", "state") VALUES (NEW."address_id", NEW."annual_forecast_kwh", NEW."client_id", NEW."commodity", NEW."concession_fee_class", NEW."grid_operator_id", NEW."id", NEW."market_location_id", NEW."metering_operator_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."profile", NEW."reading_cycle_month", NEW."state"); RETURN NULL;', hash='2a782165b774caa1de2636457696d556d8c0fea5', operation='UPDATE', pgid='pgtrigger_update_update_6e097', table='masterdata_marketlocation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meteringlocation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_meteringlocationevent" ("client_id", "id", "market_location_id", "metering_location_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."client_id", NEW."id", NEW."market_location_id", NEW."metering_location_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='a060b5ef94b319f8e0669128d26b2358f633177d', operation='INSERT', pgid='pgtrigger_insert_insert_77495', table='masterdata_meteringlocation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meteringlocation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_meteringlocationevent" ("client_id", "id", "market_location_id", "metering_location_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."client_id", NEW."id", NEW."market_location_id", NEW."metering_location_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='f42b0dd96abc65d3d741d5c5f66b44db84b94880', operation='UPDATE', pgid='pgtrigger_update_update_071b1', table='masterdata_meteringlocation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meter',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_meterevent" ("client_id", "id", "installed", "metering_location_id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."client_id", NEW."id", NEW."installed", NEW."metering_location_id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='9a3aa8b99c6446f44c86eb3d704f00a3d4186ed1', operation='INSERT', pgid='pgtrigger_insert_insert_3efeb', table='masterdata_meter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='meter',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_meterevent" ("client_id", "id", "installed", "metering_location_id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."client_id", NEW."id", NEW."installed", NEW."metering_location_id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='30c9021077213e1dc6bdfbe48c985cceaa29235c', operation='UPDATE', pgid='pgtrigger_update_update_74876', table='masterdata_meter', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='register',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "masterdata_registerevent" ("client_id", "decimals", "digits", "id", "meter_id", "obis_code", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "transformer_factor") VALUES (NEW."client_id", NEW."decimals", NEW."digits", NEW."id", NEW."meter_id", NEW."obis_code", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."transformer_factor"); RETURN NULL;', hash='aad8c3f1b95f89bc6238ee8c207380e220fbf013', operation='INSERT', pgid='pgtrigger_insert_insert_eabc1', table='masterdata_register', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='register',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "masterdata_registerevent" ("client_id", "decimals", "digits", "id", "meter_id", "obis_code", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "transformer_factor") VALUES (NEW."client_id", NEW."decimals", NEW."digits", NEW."id", NEW."meter_id", NEW."obis_code", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."transformer_factor"); RETURN NULL;', hash='36bc38ab93623499f5781bc6a8636c840b371f69', operation='UPDATE', pgid='pgtrigger_update_update_8cd57', table='masterdata_register', when='AFTER')),
        ),
    ]
