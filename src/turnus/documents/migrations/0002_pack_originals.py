from django.db import migrations, models


class Migration(migrations.Migration):
    """Originals may be stored packed; those that are there stay as they are."""

    dependencies = [("documents", "0001_initial")]

    operations = [
        migrations.RenameField(model_name="original", old_name="content", new_name="stored"),
        migrations.AddField(
            model_name="original", name="packing", field=models.CharField(blank=True, max_length=8, default=""),
            preserve_default=False,
        ),
    ]
