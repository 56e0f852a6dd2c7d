import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('documents', '0001_initial'),
        ('masterdata', '0001_initial'),
        ('partners', '0001_initial'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Interchange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('direction', models.CharField(choices=[('in', 'eingegangen'), ('out', 'ausgegangen')], default='in', max_length=3, verbose_name='Richtung')),
                ('original', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interchanges', to='documents.original')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=255, verbose_name='Datei')),
                ('sender', models.CharField(blank=True, max_length=35, verbose_name='Absender')),
                ('receiver', models.CharField(blank=True, max_length=35, verbose_name='Empfänger')),
                ('reference', models.CharField(blank=True, max_length=35, verbose_name='Referenz')),
                ('charset', models.CharField(blank=True, max_length=10)),
                ('is_test', models.BooleanField(default=False, verbose_name='Testdatei')),
                ('offset', models.BigIntegerField(default=0)),
                ('end', models.BigIntegerField(default=0)),
                ('state', models.CharField(choices=[('taken_in', 'angenommen'), ('reference_reused', 'Referenz mehrfach verwendet'), ('damaged', 'beschädigt'), ('not_edifact', 'keine EDIFACT-Datei')], default='taken_in', max_length=16, verbose_name='Status')),
                ('findings', models.JSONField(default=list)),
                ('message_count', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(null=True, verbose_name='erstellt')),
                ('received_at', models.DateTimeField(verbose_name='eingegangen')),
                ('answers', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers_to', to='market.interchange', verbose_name='antwortet auf')),
            ],
            options={
                'verbose_name': 'Übertragungsdatei',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('original', 'position'), name='interchange_once'), models.UniqueConstraint(condition=models.Q(('state', 'taken_in'), models.Q(('reference', ''), _negated=True)), fields=('client', 'direction', 'sender', 'receiver', 'reference'), name='interchange_reference_once')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('interchange', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='market.interchange')),
                ('position', models.PositiveIntegerField(verbose_name='Nr.')),
                ('reference', models.CharField(blank=True, max_length=35, verbose_name='Nachrichtenreferenz')),
                ('type', models.CharField(blank=True, max_length=12, verbose_name='Typ')),
                ('version', models.CharField(blank=True, max_length=12, verbose_name='Version')),
                ('pid', models.CharField(blank=True, max_length=12, verbose_name='Prüfidentifikator')),
                ('document_number', models.CharField(blank=True, max_length=70, verbose_name='Dokumentennummer')),
                ('document_at', models.DateTimeField(null=True, verbose_name='Nachrichtendatum')),
                ('process', models.CharField(blank=True, max_length=80, verbose_name='Vorgang')),
                ('partner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.marketpartner', verbose_name='Marktpartner')),
                ('location_text', models.CharField(blank=True, max_length=70, verbose_name='Lokation laut Nachricht')),
                ('market_location', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='masterdata.marketlocation', verbose_name='Marktlokation')),
                ('offset', models.BigIntegerField(default=0)),
                ('end', models.BigIntegerField(default=0)),
                ('state', models.CharField(choices=[('received', 'eingegangen'), ('processed', 'verarbeitet'), ('case', 'in Klärung'), ('rejected', 'fehlerhaft'), ('sent', 'gesendet')], default='received', max_length=10, verbose_name='Status')),
                ('findings', models.JSONField(default=list)),
                ('outcome', models.TextField(blank=True, verbose_name='Ergebnis')),
                ('case_key', models.CharField(blank=True, max_length=200)),
                ('values_found', models.PositiveIntegerField(default=0, verbose_name='Werte')),
                ('values_stored', models.PositiveIntegerField(default=0, verbose_name='übernommen')),
                ('received_at', models.DateTimeField(verbose_name='eingegangen')),
                ('processed_at', models.DateTimeField(null=True, verbose_name='verarbeitet')),
            ],
            options={
                'verbose_name': 'Marktnachricht',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['client', 'state', 'type'], name='market_mess_client__0c2a38_idx'), models.Index(fields=['client', 'received_at'], name='market_mess_client__64dcc5_idx'), models.Index(fields=['market_location', 'received_at'], name='message_location'), models.Index(fields=['client', 'location_text'], name='message_location_text'), models.Index(condition=models.Q(('case_key', ''), _negated=True), fields=['client', 'case_key'], name='message_case')],
                'constraints': [models.UniqueConstraint(fields=('interchange', 'position'), name='message_once')],
            },
        ),
        migrations.CreateModel(
            name='Acknowledgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('kind', models.CharField(choices=[('CONTRL', 'Syntaxbestätigung (CONTRL)'), ('APERAK', 'Anwendungsbestätigung (APERAK)')], max_length=6)),
                ('interchange', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acknowledgements', to='market.interchange')),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='acknowledgements', to='market.message')),
                ('due_at', models.DateTimeField(verbose_name='fällig')),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='acknowledges', to='market.interchange')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='beantwortet')),
            ],
            options={
                'verbose_name': 'Bestätigung',
                'indexes': [models.Index(condition=models.Q(('answered_at__isnull', True)), fields=['client', 'due_at'], name='ack_open')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'interchange', 'message'), name='one_acknowledgement', nulls_distinct=False)],
            },
        ),
    ]
