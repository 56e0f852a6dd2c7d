from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('masterdata', '0001_initial'),
        ('metering', '0001_initial'),
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='valuerequest',
            name='escalated_at',
            field=models.DateTimeField(null=True, verbose_name='in Klärung seit'),
        ),
        migrations.AddField(
            model_name='valuerequest',
            name='reference',
            field=models.CharField(blank=True, max_length=35, verbose_name='Anforderung'),
        ),
        migrations.AddField(
            model_name='valuerequest',
            name='reminded_at',
            field=models.DateTimeField(null=True, verbose_name='erinnert'),
        ),
        migrations.AddField(
            model_name='valuerequest',
            name='reminder_due_on',
            field=models.DateField(null=True, verbose_name='Antwort auf die Erinnerung bis'),
        ),
        migrations.AddField(
            model_name='valuerequest',
            name='reminder_reference',
            field=models.CharField(blank=True, max_length=35, verbose_name='Erinnerung'),
        ),
        migrations.AddConstraint(
            model_name='valuerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reminded_at__isnull', True), ('reminder_due_on__isnull', True)), models.Q(('reminded_at__isnull', False), ('reminder_due_on__isnull', False), ('sent_at__isnull', False)), _connector='OR'), name='reminder_after_request'),
        ),
    ]
