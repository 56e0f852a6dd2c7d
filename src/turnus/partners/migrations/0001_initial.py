from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='MarketPartner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('market_partner_id', models.CharField(max_length=13, unique=True, verbose_name='Marktpartner-ID')),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('role', models.CharField(choices=[('grid_operator', 'Netzbetreiber'), ('metering_operator', 'Messstellenbetreiber'), ('supplier', 'Lieferant'), ('balance_responsible_party', 'Bilanzkreisverantwortlicher'), ('market_area_manager', 'Marktgebietsverantwortlicher'), ('other', 'Sonstiger')], max_length=30, verbose_name='Rolle')),
                ('commodity', models.CharField(blank=True, max_length=12, verbose_name='Sparte')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='E-Mail')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='Telefon')),
                ('street', models.CharField(blank=True, max_length=120, verbose_name='Straße')),
                ('postal_code', models.CharField(blank=True, max_length=5, verbose_name='PLZ')),
                ('city', models.CharField(blank=True, max_length=80, verbose_name='Ort')),
            ],
            options={
                'verbose_name': 'Marktpartner',
                'ordering': ['name'],
            },
        ),
    ]
