import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
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
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('clerk', 'Sachbearbeitung'), ('lead', 'Teamleitung'), ('principal', 'Auftraggeber'), ('machine', 'Maschine')], max_length=10, verbose_name='Rolle')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'user'), name='one_membership')],
            },
        ),
        migrations.CreateModel(
            name='BookedService',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('service', models.CharField(max_length=3, verbose_name='Baustein')),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='gültig')),
            ],
            options={
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('client', '='), ('service', '='), ('valid', '&&')], name='service_booked_once')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalThreshold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('kind', models.CharField(max_length=30, verbose_name='Art')),
                ('role', models.CharField(choices=[('clerk', 'Sachbearbeitung'), ('lead', 'Teamleitung'), ('principal', 'Auftraggeber'), ('machine', 'Maschine')], max_length=10, verbose_name='Rolle')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='Grenze (€)')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'kind', 'role'), name='one_threshold'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='threshold_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('name', models.CharField(max_length=60)),
                ('value', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'name'), name='one_setting')],
            },
        ),
        migrations.CreateModel(
            name='HouseBank',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('iban', models.CharField(max_length=34, verbose_name='IBAN')),
                ('bic', models.CharField(blank=True, max_length=11, verbose_name='BIC')),
                ('bank_name', models.CharField(blank=True, max_length=80, verbose_name='Bank')),
                ('holder', models.CharField(max_length=70, verbose_name='Inhaber')),
                ('creditor_id', models.CharField(max_length=35, verbose_name='Gläubiger-ID')),
                ('ledger_account', models.CharField(default='1200', max_length=8, verbose_name='Sachkonto')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'iban'), name='one_house_bank')],
            },
        ),
        migrations.CreateModel(
            name='Letterhead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('company', models.CharField(max_length=120, verbose_name='Firma')),
                ('street', models.CharField(max_length=120, verbose_name='Straße und Hausnummer')),
                ('postal_code', models.CharField(max_length=5, verbose_name='PLZ')),
                ('city', models.CharField(max_length=80, verbose_name='Ort')),
                ('register_court', models.CharField(max_length=80, verbose_name='Registergericht')),
                ('register_number', models.CharField(max_length=40, verbose_name='Registernummer')),
                ('managing_directors', models.CharField(max_length=200, verbose_name='Geschäftsführung')),
                ('tax_number', models.CharField(max_length=40, verbose_name='Steuernummer')),
                ('vat_id', models.CharField(blank=True, max_length=20, verbose_name='USt-IdNr.')),
                ('hotline', models.CharField(max_length=40, verbose_name='Telefon')),
                ('email', models.EmailField(max_length=254, verbose_name='E-Mail')),
                ('web', models.CharField(max_length=120, verbose_name='Internet')),
                ('colour', models.CharField(default='#1b4b72', max_length=7, verbose_name='Farbe')),
                ('logo_svg', models.TextField(blank=True, verbose_name='Logo (SVG)')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client',), name='one_letterhead')],
            },
        ),
    ]
