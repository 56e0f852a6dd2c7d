import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('documents', '0001_initial'),
        ('masterdata', '0001_initial'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='MeterReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('register', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='masterdata.register', verbose_name='Zählwerk')),
                ('date', models.DateField(verbose_name='Stand 00:00 am')),
                ('value', models.DecimalField(decimal_places=4, max_digits=16, verbose_name='Zählerstand')),
                ('origin', models.CharField(choices=[('grid', 'Netz-/Messstellenbetreiber'), ('customer', 'Kunde'), ('remote', 'Fernauslesung'), ('estimate', 'Schätzung')], max_length=10, verbose_name='Herkunft')),
                ('quality', models.CharField(choices=[('true', 'wahrer Wert'), ('substitute', 'Ersatzwert'), ('provisional', 'vorläufiger Wert'), ('estimate', 'geschätzt')], max_length=12, verbose_name='Güte')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='Version')),
                ('is_current', models.BooleanField(default=True, verbose_name='gültig')),
                ('is_blocked', models.BooleanField(default=False, verbose_name='gesperrt')),
                ('blocked_reason', models.CharField(blank=True, max_length=240, verbose_name='Sperrgrund')),
                ('decision', models.CharField(blank=True, choices=[('released', 'freigegeben'), ('rejected', 'verworfen')], max_length=8, verbose_name='Entscheidung')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(null=True, verbose_name='entschieden')),
                ('document_at', models.DateTimeField(verbose_name='Nachrichtendatum')),
                ('superseded_at', models.DateTimeField(null=True, verbose_name='ersetzt')),
                ('original', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.original')),
                ('taken_at', models.DateTimeField(verbose_name='übernommen')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'Zählerstand',
                'ordering': ['register', 'date', 'version'],
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['client', 'superseded_at'], name='reading_superseded'), django.contrib.postgres.indexes.BrinIndex(fields=['taken_at'], name='reading_taken_at')],
                'constraints': [models.UniqueConstraint(fields=('register', 'date', 'version'), name='reading_version'), models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('register', 'date'), name='one_current_reading'), models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='reading_not_negative'), models.CheckConstraint(condition=models.Q(('is_blocked', False), models.Q(('blocked_reason', ''), _negated=True), _connector='OR'), name='blocked_reading_has_reason'), models.CheckConstraint(condition=models.Q(('is_blocked', False), ('is_current', False), _connector='OR'), name='blocked_reading_does_not_count')],
            },
        ),
        migrations.CreateModel(
            name='IntervalSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('market_location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interval_series', to='masterdata.marketlocation')),
                ('metering_location', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='interval_series', to='masterdata.meteringlocation')),
                ('obis_code', models.CharField(max_length=20, verbose_name='OBIS-Kennzahl')),
                ('unit', models.CharField(default='kWh', max_length=8, verbose_name='Einheit')),
                ('minutes', models.PositiveSmallIntegerField(default=15, verbose_name='Raster (Minuten)')),
                ('is_gas_day', models.BooleanField(default=False, verbose_name='Gastag (06–06 Uhr)')),
            ],
            options={
                'verbose_name': 'Lastgang',
                'constraints': [models.UniqueConstraint(fields=('client', 'market_location', 'metering_location', 'obis_code', 'minutes'), name='one_series', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('minutes__in', (15, 60))), name='series_minutes')],
            },
        ),
        migrations.CreateModel(
            name='IntervalDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('series', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='metering.intervalseries')),
                ('day', models.DateField(verbose_name='Tag')),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('is_current', models.BooleanField(default=True)),
                ('scale', models.PositiveSmallIntegerField(default=3)),
                ('values', models.BinaryField()),
                ('status', models.BinaryField()),
                ('total', models.DecimalField(decimal_places=6, max_digits=18, verbose_name='Summe')),
                ('missing', models.PositiveSmallIntegerField(default=0, verbose_name='fehlend')),
                ('substitutes', models.PositiveSmallIntegerField(default=0, verbose_name='Ersatzwerte')),
                ('is_put_together', models.BooleanField(default=False, verbose_name='aus mehreren Lieferungen')),
                ('document_at', models.DateTimeField(verbose_name='Nachrichtendatum')),
                ('superseded_at', models.DateTimeField(null=True, verbose_name='ersetzt')),
                ('original', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.original')),
                ('taken_at', models.DateTimeField(verbose_name='übernommen')),
            ],
            options={
                'verbose_name': 'Lastgangtag',
                'indexes': [models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['client', 'superseded_at'], name='interval_superseded'), django.contrib.postgres.indexes.BrinIndex(fields=['taken_at'], name='interval_taken_at')],
                'constraints': [models.UniqueConstraint(fields=('series', 'day', 'version'), name='interval_day_version'), models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('series', 'day'), name='one_current_interval_day'), models.CheckConstraint(condition=models.Q(('scale__lte', 6)), name='interval_scale')],
            },
        ),
        migrations.CreateModel(
            name='GasQuality',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('market_location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gas_quality', to='masterdata.marketlocation')),
                ('kind', models.CharField(choices=[('calorific_value', 'Brennwert'), ('conversion_factor', 'Zustandszahl')], max_length=20, verbose_name='Art')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='gültig')),
                ('value', models.DecimalField(decimal_places=6, max_digits=10, verbose_name='Wert')),
                ('quality', models.CharField(choices=[('true', 'wahrer Wert'), ('substitute', 'Ersatzwert'), ('provisional', 'vorläufiger Wert'), ('estimate', 'geschätzt')], max_length=12, verbose_name='Güte')),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('is_current', models.BooleanField(default=True)),
                ('cut_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cuts', to='metering.gasquality')),
                ('document_at', models.DateTimeField(verbose_name='Nachrichtendatum')),
                ('superseded_at', models.DateTimeField(null=True, verbose_name='ersetzt')),
                ('original', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.original')),
                ('taken_at', models.DateTimeField(verbose_name='übernommen')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'Gasbeschaffenheit',
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_current', True)), expressions=[('market_location', '='), ('kind', '='), ('valid', '&&')], name='one_gas_quality_at_a_time'), models.CheckConstraint(condition=models.Q(('value__gt', 0)), name='gas_quality_positive')],
            },
        ),
        migrations.CreateModel(
            name='EnergyAmount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('market_location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='energy_amounts', to='masterdata.marketlocation')),
                ('metering_location', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.meteringlocation')),
                ('kind', models.CharField(choices=[('measured', 'Energiemenge'), ('delivery_note', 'Lieferschein'), ('allocated', 'Allokation'), ('balanced', 'bilanzierte Menge'), ('peak', 'Leistungsmaximum'), ('before_supply', 'vor Lieferbeginn'), ('profile', 'Profil- oder Summenzeitreihe')], max_length=14, verbose_name='Art')),
                ('obis_code', models.CharField(max_length=35, verbose_name='OBIS-Kennzahl / Produkt')),
                ('starts_at', models.DateTimeField(verbose_name='von')),
                ('ends_at', models.DateTimeField(verbose_name='bis')),
                ('value', models.DecimalField(decimal_places=6, max_digits=18, verbose_name='Menge')),
                ('unit', models.CharField(max_length=8, verbose_name='Einheit')),
                ('quality', models.CharField(choices=[('true', 'wahrer Wert'), ('substitute', 'Ersatzwert'), ('provisional', 'vorläufiger Wert'), ('estimate', 'geschätzt')], max_length=12, verbose_name='Güte')),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('is_current', models.BooleanField(default=True)),
                ('document_at', models.DateTimeField(verbose_name='Nachrichtendatum')),
                ('superseded_at', models.DateTimeField(null=True, verbose_name='ersetzt')),
                ('original', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.original')),
                ('taken_at', models.DateTimeField(verbose_name='übernommen')),
            ],
            options={
                'verbose_name': 'Energiemenge',
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('market_location', 'metering_location', 'kind', 'obis_code', 'starts_at', 'ends_at'), name='one_current_amount', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('ends_at__gte', models.F('starts_at'))), name='amount_period')],
            },
        ),
        migrations.CreateModel(
            name='ValueRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('kind', models.CharField(choices=[('reading', 'Zählerstand'), ('intervals', 'Lastgang'), ('gas_quality', 'Brennwert und Zustandszahl')], max_length=12, verbose_name='Art')),
                ('key', models.CharField(max_length=120)),
                ('market_location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='value_requests', to='masterdata.marketlocation')),
                ('register', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.register')),
                ('series', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='metering.intervalseries')),
                ('period', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='Zeit')),
                ('reason', models.CharField(max_length=240, verbose_name='Grund')),
                ('doubted_value', models.DecimalField(decimal_places=4, max_digits=16, null=True, verbose_name='bezweifelter Wert')),
                ('due_on', models.DateField(verbose_name='Antwort bis')),
                ('requested_at', models.DateTimeField(verbose_name='angelegt')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='gesendet')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='beantwortet')),
            ],
            options={
                'verbose_name': 'Werteanforderung',
                'indexes': [models.Index(condition=models.Q(('answered_at__isnull', True)), fields=['client', 'due_on'], name='open_value_request')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at__isnull', True)), fields=('client', 'key'), name='one_open_value_request')],
            },
        ),
    ]
