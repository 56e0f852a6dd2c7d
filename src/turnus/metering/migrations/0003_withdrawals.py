from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0002_pack_originals'),
        ('masterdata', '0001_initial'),
        ('metering', '0002_request_follow_up'),
        ('system', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='energyamount',
            name='is_withdrawal',
            field=models.BooleanField(db_default=False, default=False, verbose_name='Rückzug'),
        ),
        migrations.AddField(
            model_name='energyamount',
            name='withdrawn_at',
            field=models.DateTimeField(null=True, verbose_name='zurückgezogen'),
        ),
        migrations.AddField(
            model_name='gasquality',
            name='is_withdrawal',
            field=models.BooleanField(db_default=False, default=False, verbose_name='Rückzug'),
        ),
        migrations.AddField(
            model_name='gasquality',
            name='withdrawn_at',
            field=models.DateTimeField(null=True, verbose_name='zurückgezogen'),
        ),
        migrations.AddField(
            model_name='intervalday',
            name='withdrawn_at',
            field=models.DateTimeField(null=True, verbose_name='zurückgezogen'),
        ),
        migrations.AddField(
            model_name='meterreading',
            name='is_withdrawal',
            field=models.BooleanField(db_default=False, default=False, verbose_name='Rückzug'),
        ),
        migrations.AddField(
            model_name='meterreading',
            name='withdrawn_at',
            field=models.DateTimeField(null=True, verbose_name='zurückgezogen'),
        ),
        migrations.AddConstraint(
            model_name='energyamount',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('is_current', False), _connector='OR'), name='withdrawn_amount_does_not_count'),
        ),
        migrations.AddConstraint(
            model_name='gasquality',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('is_current', False), _connector='OR'), name='withdrawn_gas_quality_does_not_count'),
        ),
        migrations.AddConstraint(
            model_name='meterreading',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('is_current', False), _connector='OR'), name='withdrawn_reading_does_not_count'),
        ),
    ]
