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
            name='Original',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('media_type', models.CharField(max_length=80)),
                ('name', models.CharField(max_length=255)),
                ('content', models.BinaryField()),
                ('stored_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'sha256'), name='original_once')],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('number', models.CharField(max_length=30, verbose_name='Nummer')),
                ('kind', models.CharField(max_length=40, verbose_name='Art')),
                ('title', models.CharField(max_length=200, verbose_name='Titel')),
                ('original', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.original')),
                ('data', models.JSONField(default=dict)),
                ('customer_number', models.CharField(blank=True, max_length=30, verbose_name='Kunde')),
                ('object_kind', models.CharField(blank=True, max_length=60)),
                ('object_id', models.BigIntegerField(null=True)),
                ('state', models.CharField(choices=[('created', 'erzeugt'), ('dispatched', 'versendet'), ('returned', 'zurückgekommen'), ('cancelled', 'zurückgezogen')], default='created', max_length=12, verbose_name='Status')),
                ('channel', models.CharField(choices=[('letter', 'Brief'), ('email', 'E-Mail'), ('portal', 'Portal')], default='letter', max_length=8, verbose_name='Versandweg')),
                ('created_at', models.DateTimeField()),
                ('dispatched_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'Dokument',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['client', 'customer_number'], name='documents_d_client__c2871a_idx'), models.Index(fields=['client', 'object_kind', 'object_id'], name='documents_d_client__230bc2_idx'), models.Index(fields=['client', 'state', 'kind'], name='documents_d_client__93370f_idx')],
                'constraints': [models.UniqueConstraint(fields=('client', 'kind', 'number'), name='document_number')],
            },
        ),
    ]
