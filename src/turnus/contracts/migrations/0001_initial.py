import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('masterdata', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('products', '0001_initial'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SupplyContract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('number', models.CharField(max_length=20, verbose_name='Vertragsnummer')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='masterdata.customer')),
                ('contract_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='masterdata.contractaccount')),
                ('market_location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='masterdata.marketlocation')),
                ('supply', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='Lieferzeit')),
                ('state', models.CharField(choices=[('draft', 'Entwurf'), ('active', 'aktiv'), ('ended', 'beendet')], default='draft', max_length=8, verbose_name='Status')),
                ('signed_on', models.DateField(blank=True, null=True, verbose_name='abgeschlossen am')),
            ],
            options={
                'verbose_name': 'Liefervertrag',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('client', 'number'), name='contract_number'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state', 'draft'), _negated=True), expressions=[('market_location', '='), ('supply', '&&')], name='one_supply_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='SupplyContractEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='contracts.supplycontract')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('number', models.CharField(max_length=20, verbose_name='Vertragsnummer')),
                ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.customer')),
                ('contract_account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.contractaccount')),
                ('market_location', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='masterdata.marketlocation')),
                ('supply', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='Lieferzeit')),
                ('state', models.CharField(choices=[('draft', 'Entwurf'), ('active', 'aktiv'), ('ended', 'beendet')], default='draft', max_length=8, verbose_name='Status')),
                ('signed_on', models.DateField(blank=True, null=True, verbose_name='abgeschlossen am')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ContractCondition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conditions', to='contracts.supplycontract')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='gültig')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='products.product')),
                ('reason', models.CharField(blank=True, max_length=120, verbose_name='Anlass')),
            ],
            options={
                'verbose_name': 'Vertragsbedingung',
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('contract', '='), ('valid', '&&')], name='one_condition_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='ContractConditionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='contracts.contractcondition')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('contract', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contracts.supplycontract')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='gültig')),
                ('product', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='products.product')),
                ('reason', models.CharField(blank=True, max_length=120, verbose_name='Anlass')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='supplycontract',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "contracts_supplycontractevent" ("client_id", "contract_account_id", "customer_id", "id", "market_location_id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_on", "state", "supply") VALUES (NEW."client_id", NEW."contract_account_id", NEW."customer_id", NEW."id", NEW."market_location_id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."signed_on", NEW."state", NEW."supply"); RETURN NULL;', hash='15b397281f30f31a4d75f226442135304ae6a758', operation='INSERT', pgid='pgtrigger_insert_insert_7df47', table='contracts_supplycontract', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='supplycontract',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "contracts_supplycontractevent" ("client_id", "contract_account_id", "customer_id", "id", "market_location_id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_on", "state", "supply") VALUES (NEW."client_id", NEW."contract_account_id", NEW."customer_id", NEW."id", NEW."market_location_id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."signed_on", NEW."state", NEW."supply"); RETURN NULL;', hash='ba47f962ae6e0ddb2e3c23629aaa833fbf1cf229', operation='UPDATE', pgid='pgtrigger_update_update_bf90d', table='contracts_supplycontract', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contractcondition',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "contracts_contractconditionevent" ("client_id", "contract_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "reason", "valid") VALUES (NEW."client_id", NEW."contract_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."product_id", NEW."reason", NEW."valid"); RETURN NULL;', hash='29bd449adf22ae9b0240a4f7e171d6565b71a978', operation='INSERT', pgid='pgtrigger_insert_insert_a6c88', table='contracts_contractcondition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contractcondition',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "contracts_contractconditionevent" ("client_id", "contract_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "reason", "valid") VALUES (NEW."client_id", NEW."contract_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."product_id", NEW."reason", NEW."valid"); RETURN NULL;', hash='93904be7ae9d36dd65d156f77799ce4b0afe99fc', operation='UPDATE', pgid='pgtrigger_update_update_f6961', table='contracts_contractcondition', when='AFTER')),
        ),
    ]
