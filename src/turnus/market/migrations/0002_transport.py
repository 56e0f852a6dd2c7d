from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0002_pack_originals'),
        ('market', '0001_initial'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='acknowledgement',
            name='escalated_at',
            field=models.DateTimeField(null=True, verbose_name='in Klärung seit'),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='is_refusal',
            field=models.BooleanField(default=False, verbose_name='Abweisung'),
        ),
        migrations.AddField(
            model_name='interchange',
            name='sent_at',
            field=models.DateTimeField(null=True, verbose_name='gesendet'),
        ),
        migrations.AddField(
            model_name='interchange',
            name='staged_at',
            field=models.DateTimeField(null=True, verbose_name='bereitgelegt'),
        ),
        migrations.AddField(
            model_name='interchange',
            name='transport',
            field=models.CharField(blank=True, choices=[('waiting', 'wartet auf Versand'), ('sent', 'gesendet'), ('acknowledged', 'bestätigt'), ('refused', 'abgewiesen')], max_length=12, verbose_name='Versand'),
        ),
        # Until now nothing carried files out: all of them wait, and nobody owes an answer to them yet.
        migrations.RunSQL(
            "UPDATE market_interchange SET transport = 'waiting' WHERE direction = 'out'; "
            "DELETE FROM market_acknowledgement a USING market_interchange i "
            "WHERE i.id = a.interchange_id AND i.direction = 'out' AND a.answered_at IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='message',
            name='state',
            field=models.CharField(choices=[('received', 'eingegangen'), ('processed', 'verarbeitet'), ('case', 'in Klärung'), ('rejected', 'fehlerhaft'), ('sent', 'ausgehend')], default='received', max_length=10, verbose_name='Status'),
        ),
        migrations.AddIndex(
            model_name='interchange',
            index=models.Index(condition=models.Q(('transport', 'waiting')), fields=['client', 'id'], name='interchange_waiting'),
        ),
        migrations.AddConstraint(
            model_name='interchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('direction', 'in'), ('transport', '')), models.Q(('direction', 'out'), models.Q(('transport', ''), _negated=True)), _connector='OR'), name='outgoing_has_transport'),
        ),
        migrations.AddConstraint(
            model_name='interchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('transport', 'sent'), _negated=True), models.Q(('sent_at__isnull', False), ('staged_at__isnull', False)), _connector='OR'), name='sent_file_was_staged'),
        ),
    ]
