from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_initial")]
    operations = [
        migrations.AddField(
            model_name="journal",
            name="leg_count",
            field=models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
    ]
