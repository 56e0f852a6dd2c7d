import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('code', models.CharField(max_length=20, verbose_name='Kürzel')),
                ('name', models.CharField(max_length=80, verbose_name='Name')),
                ('commodity', models.CharField(choices=[('electricity', 'Strom'), ('gas', 'Gas')], max_length=12, verbose_name='Sparte')),
                ('is_default_supply', models.BooleanField(default=False, verbose_name='Grundversorgung')),
                ('minimum_term_months', models.PositiveSmallIntegerField(default=0, verbose_name='Mindestlaufzeit (Monate)')),
                ('notice_weeks', models.PositiveSmallIntegerField(default=4, verbose_name='Kündigungsfrist (Wochen)')),
                ('bonus_gross', models.DecimalField(decimal_places=2, default=0, max_digits=8, verbose_name='Bonus brutto (€)')),
                ('bonus_after_months', models.PositiveSmallIntegerField(default=12, verbose_name='Bonus nach Monaten')),
            ],
            options={
                'verbose_name': 'Produkt',
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('client', 'code'), name='product_code')],
            },
        ),
        migrations.CreateModel(
            name='ProductEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='products.product')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('code', models.CharField(max_length=20, verbose_name='Kürzel')),
                ('name', models.CharField(max_length=80, verbose_name='Name')),
                ('commodity', models.CharField(choices=[('electricity', 'Strom'), ('gas', 'Gas')], max_length=12, verbose_name='Sparte')),
                ('is_default_supply', models.BooleanField(default=False, verbose_name='Grundversorgung')),
                ('minimum_term_months', models.PositiveSmallIntegerField(default=0, verbose_name='Mindestlaufzeit (Monate)')),
                ('notice_weeks', models.PositiveSmallIntegerField(default=4, verbose_name='Kündigungsfrist (Wochen)')),
                ('bonus_gross', models.DecimalField(decimal_places=2, default=0, max_digits=8, verbose_name='Bonus brutto (€)')),
                ('bonus_after_months', models.PositiveSmallIntegerField(default=12, verbose_name='Bonus nach Monaten')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='products.product')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='gültig')),
                ('energy_ct_per_kwh', models.DecimalField(decimal_places=5, max_digits=10, verbose_name='Arbeitspreis (ct/kWh netto)')),
                ('base_eur_per_year', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='Grundpreis (€/Jahr netto)')),
                ('announced_on', models.DateField(blank=True, null=True, verbose_name='mitgeteilt am')),
            ],
            options={
                'verbose_name': 'Preis',
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('product', '='), ('valid', '&&')], name='one_price_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='PriceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='products.price')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('product', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='products.product')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='gültig')),
                ('energy_ct_per_kwh', models.DecimalField(decimal_places=5, max_digits=10, verbose_name='Arbeitspreis (ct/kWh netto)')),
                ('base_eur_per_year', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='Grundpreis (€/Jahr netto)')),
                ('announced_on', models.DateField(blank=True, null=True, verbose_name='mitgeteilt am')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EnergyMix',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('year', models.PositiveSmallIntegerField(verbose_name='Jahr')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='products.product')),
                ('shares', models.JSONField(verbose_name='Anteile (%)')),
                ('co2_g_per_kwh', models.DecimalField(decimal_places=1, max_digits=7, verbose_name='CO₂ (g/kWh)')),
                ('radioactive_mg_per_kwh', models.DecimalField(decimal_places=3, max_digits=7, verbose_name='radioaktiver Abfall (mg/kWh)')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'year', 'product'), name='one_energy_mix', nulls_distinct=False)],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "products_productevent" ("bonus_after_months", "bonus_gross", "client_id", "code", "commodity", "id", "is_default_supply", "minimum_term_months", "name", "notice_weeks", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."bonus_after_months", NEW."bonus_gross", NEW."client_id", NEW."code", NEW."commodity", NEW."id", NEW."is_default_supply", NEW."minimum_term_months", NEW."name", NEW."notice_weeks", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='4e0851ccefa6fd62549a12721fe511ee3882d456', operation='INSERT', pgid='pgtrigger_insert_insert_1fd97', table='products_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "products_productevent" ("bonus_after_months", "bonus_gross", "client_id", "code", "commodity", "id", "is_default_supply", "minimum_term_months", "name", "notice_weeks", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."bonus_after_months", NEW."bonus_gross", NEW."client_id", NEW."code", NEW."commodity", NEW."id", NEW."is_default_supply", NEW."minimum_term_months", NEW."name", NEW."notice_weeks", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='3f700dfd35d24c8c1f2f6df73d7ffc19187949fe', operation='UPDATE', pgid='pgtrigger_update_update_18d15', table='products_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='price',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "products_priceevent" ("announced_on", "base_eur_per_year", "client_id", "energy_ct_per_kwh", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "valid") VALUES (NEW."announced_on", NEW."base_eur_per_year", NEW."client_id", NEW."energy_ct_per_kwh", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."product_id", NEW."valid"); RETURN NULL;', hash='9c29a5070f7ffc6bfddc7d0be3c0f152c05fda28', operation='INSERT', pgid='pgtrigger_insert_insert_c8e21', table='products_price', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='price',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "products_priceevent" ("announced_on", "base_eur_per_year", "client_id", "energy_ct_per_kwh", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "valid") VALUES (NEW."announced_on", NEW."base_eur_per_year", NEW."client_id", NEW."energy_ct_per_kwh", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."product_id", NEW."valid"); RETURN NULL;', hash='e59ab245013e359c5a1794b612690f2ed48239cc', operation='UPDATE', pgid='pgtrigger_update_update_acbcd', table='products_price', when='AFTER')),
        ),
    ]
