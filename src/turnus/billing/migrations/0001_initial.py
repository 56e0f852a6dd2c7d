import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('contracts', '0001_initial'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Bill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bills', to='contracts.supplycontract')),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.run')),
                ('kind', models.CharField(choices=[('periodic', 'Turnusabrechnung'), ('interim', 'Zwischenabrechnung'), ('final', 'Schlussrechnung'), ('cancellation', 'Storno'), ('correction', 'Korrekturrechnung')], default='periodic', max_length=12, verbose_name='Art')),
                ('state', models.CharField(choices=[('excepted', 'ausgesteuert'), ('released', 'freigegeben'), ('rejected', 'abgelehnt')], max_length=8, verbose_name='Status')),
                ('number', models.CharField(max_length=20, null=True, verbose_name='Rechnungsnummer')),
                ('period', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='Abrechnungszeitraum')),
                ('kwh', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='Verbrauch (kWh)')),
                ('net', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='netto')),
                ('gross', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='brutto')),
                ('instalments', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='erhaltene Abschläge')),
                ('balance', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='Saldo')),
                ('is_estimated', models.BooleanField(default=False, verbose_name='geschätzt')),
                ('vat', models.JSONField()),
                ('instalments_vat', models.JSONField(default=list)),
                ('contained', models.JSONField(default=list)),
                ('co2', models.JSONField(null=True)),
                ('input', models.JSONField()),
                ('checks', models.JSONField(default=list)),
                ('exceptions', models.JSONField(default=list)),
                ('instalment_keys', models.JSONField(default=list)),
                ('bill_date', models.DateField(null=True, verbose_name='Rechnungsdatum')),
                ('due_date', models.DateField(null=True, verbose_name='fällig am')),
                ('prepared_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('prepared_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision_reason', models.TextField(blank=True, verbose_name='Begründung')),
                ('open_item_id', models.BigIntegerField(null=True)),
                ('corrects', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='billing.bill')),
                ('is_cancelled', models.BooleanField(default=False, verbose_name='storniert')),
            ],
            options={
                'verbose_name': 'Rechnung',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'released'), _negated=True), fields=['client', 'state', 'id'], name='bill_undecided'), models.Index(fields=['run', 'state'], name='billing_bil_run_id_daaa9a_idx')],
                'constraints': [models.UniqueConstraint(fields=('client', 'number'), name='bill_number'), models.CheckConstraint(condition=models.Q(models.Q(('number__isnull', False), ('state', 'released')), models.Q(models.Q(('state', 'released'), _negated=True), ('number__isnull', True)), _connector='OR'), name='bill_numbered_when_released'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), ('prepared_by__isnull', True), models.Q(('decided_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='bill_four_eyes'), models.CheckConstraint(condition=models.Q(('balance', django.db.models.expressions.CombinedExpression(models.F('gross'), '-', models.F('instalments')))), name='bill_balance'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('kind', 'cancellation'), _negated=True), ('is_cancelled', False)), expressions=[('contract', '='), ('period', '&&')], name='period_billed_once')],
            },
        ),
        migrations.CreateModel(
            name='BillLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('bill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.bill')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('period', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('kwh', models.DecimalField(decimal_places=3, max_digits=14, null=True)),
                ('unit_price', models.DecimalField(decimal_places=5, max_digits=12, null=True)),
                ('net', models.DecimalField(decimal_places=2, max_digits=12)),
                ('vat_percent', models.DecimalField(decimal_places=2, max_digits=5)),
                ('working', models.JSONField()),
            ],
            options={
                'ordering': ['bill_id', 'position'],
                'constraints': [models.UniqueConstraint(fields=('bill', 'position'), name='one_line_per_position')],
            },
        ),
        migrations.CreateModel(
            name='InstalmentPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instalment_plans', to='contracts.supplycontract')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='gültig')),
                ('gross', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='Abschlag brutto')),
                ('count', models.PositiveSmallIntegerField(verbose_name='Anzahl')),
                ('vat_percent', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='USt %')),
                ('reason', models.CharField(max_length=120, verbose_name='Anlass')),
                ('working', models.JSONField()),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'Abschlagsplan',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('gross__gt', 0), ('count__range', (1, 12))), name='instalment_positive'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('contract', '='), ('valid', '&&')], name='one_plan_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Instalment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='billing.instalmentplan')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='contracts.supplycontract')),
                ('key', models.CharField(max_length=40)),
                ('due_date', models.DateField(verbose_name='fällig am')),
                ('gross', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='brutto')),
                ('vat_percent', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='USt %')),
                ('state', models.CharField(choices=[('planned', 'geplant'), ('requested', 'angefordert'), ('lapsed', 'abgerechnet'), ('cancelled', 'entfallen')], default='planned', max_length=9, verbose_name='Status')),
                ('bill', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled_instalments', to='billing.bill')),
            ],
            options={
                'verbose_name': 'Abschlag',
                'ordering': ['due_date', 'id'],
                'indexes': [models.Index(fields=['client', 'state', 'due_date'], name='billing_ins_client__9d6ab1_idx'), models.Index(fields=['contract', 'due_date'], name='billing_ins_contrac_0ad08e_idx')],
                'constraints': [models.UniqueConstraint(fields=('client', 'key'), name='instalment_key')],
            },
        ),
    ]
