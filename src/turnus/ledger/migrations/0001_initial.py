import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('number', models.CharField(max_length=8, verbose_name='Konto')),
                ('name', models.CharField(max_length=80, verbose_name='Bezeichnung')),
                ('kind', models.CharField(choices=[('asset', 'Aktiva'), ('liability', 'Passiva'), ('income', 'Ertrag'), ('expense', 'Aufwand'), ('statistical', 'statistisch')], max_length=12)),
                ('is_control', models.BooleanField(default=False, verbose_name='Mitbuchkonto')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('client', 'number'), name='account_number')],
            },
        ),
        migrations.CreateModel(
            name='Subaccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('number', models.CharField(max_length=12, verbose_name='Personenkonto')),
                ('kind', models.CharField(choices=[('debtor', 'Debitor'), ('creditor', 'Kreditor')], default='debtor', max_length=8)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'kind', 'number'), name='subaccount_number')],
            },
        ),
        migrations.CreateModel(
            name='AccountRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('item', models.CharField(max_length=40)),
                ('division', models.CharField(blank=True, max_length=12)),
                ('vat_percent', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'item', 'division', 'vat_percent'), name='one_rule', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='PostingPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('month', models.CharField(max_length=7, verbose_name='Monat')),
                ('is_locked', models.BooleanField(default=False, verbose_name='gesperrt')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'month'), name='one_period')],
            },
        ),
        migrations.CreateModel(
            name='Journal',
            fields=[
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(null=True, verbose_name='Belegnummer')),
                ('idem_key', models.CharField(max_length=120)),
                ('payload_sha', models.CharField(max_length=64)),
                ('leg_count', models.PositiveSmallIntegerField()),
                ('posting_date', models.DateField(verbose_name='Buchungsdatum')),
                ('document_date', models.DateField(verbose_name='Belegdatum')),
                ('month', models.CharField(max_length=7, verbose_name='Periode')),
                ('kind', models.CharField(max_length=40, verbose_name='Vorgang')),
                ('reference', models.CharField(blank=True, max_length=60, verbose_name='Referenz')),
                ('text', models.CharField(blank=True, max_length=120, verbose_name='Buchungstext')),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='ledger.journal')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'posting_date'], name='ledger_jour_client__665341_idx'), models.Index(fields=['client', 'reference'], name='ledger_jour_client__d10fd3_idx')],
                'constraints': [models.UniqueConstraint(fields=('client', 'idem_key'), name='journal_idempotent')],
            },
        ),
        migrations.CreateModel(
            name='Leg',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('journal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='ledger.journal')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='ledger.account')),
                ('subaccount', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='ledger.subaccount')),
                ('amount_cents', models.BigIntegerField()),
                ('vat_percent', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('text', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('subaccount__isnull', False)), fields=['subaccount', 'id'], name='leg_subaccount')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_cents', 0), _negated=True), name='leg_not_zero')],
            },
        ),
    ]
