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
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('number', models.CharField(max_length=20, verbose_name='Nummer')),
                ('kind', models.CharField(max_length=60, verbose_name='Art')),
                ('service', models.CharField(max_length=3, verbose_name='Baustein')),
                ('key', models.CharField(max_length=200)),
                ('title', models.CharField(max_length=200, verbose_name='Titel')),
                ('reason', models.TextField(verbose_name='Grund')),
                ('object_kind', models.CharField(blank=True, max_length=60)),
                ('object_id', models.BigIntegerField(null=True)),
                ('object_label', models.CharField(blank=True, max_length=120, verbose_name='Objekt')),
                ('details', models.JSONField(default=dict)),
                ('occurrences', models.PositiveIntegerField(default=1, verbose_name='Vorkommen')),
                ('state', models.CharField(choices=[('open', 'offen'), ('waiting', 'wartet'), ('done', 'erledigt')], default='open', max_length=8, verbose_name='Status')),
                ('priority', models.SmallIntegerField(choices=[(1, 'hoch'), (2, 'normal'), (3, 'niedrig')], default=2, verbose_name='Priorität')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to=settings.AUTH_USER_MODEL, verbose_name='Zuständig')),
                ('due_on', models.DateField(null=True, verbose_name='fällig')),
                ('opened_at', models.DateTimeField(verbose_name='eröffnet')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='erledigt am')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.TextField(blank=True, verbose_name='Ergebnis')),
            ],
            options={
                'verbose_name': 'Klärungsfall',
                'ordering': ['priority', 'due_on', 'id'],
                'indexes': [models.Index(fields=['client', 'state', 'priority', 'due_on'], name='worklist_ca_client__206c18_idx'), models.Index(fields=['client', 'object_kind', 'object_id'], name='worklist_ca_client__6a6898_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'done'), _negated=True), fields=('client', 'key'), name='one_open_case_per_cause'), models.UniqueConstraint(fields=('client', 'number'), name='case_number'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'done')), models.Q(models.Q(('state', 'done'), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='case_closed_when_done')],
            },
        ),
        migrations.CreateModel(
            name='CaseNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='worklist.case')),
                ('at', models.DateTimeField()),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('text', models.TextField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='system.principal', verbose_name='Auftraggeber')),
                ('kind', models.CharField(max_length=40, verbose_name='Art')),
                ('object_kind', models.CharField(max_length=60)),
                ('object_id', models.BigIntegerField()),
                ('title', models.CharField(max_length=200, verbose_name='Titel')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name='Betrag')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('open', 'offen'), ('approved', 'freigegeben'), ('rejected', 'abgelehnt')], default='open', max_length=8)),
                ('reason', models.TextField(blank=True, verbose_name='Begründung')),
                ('details', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': 'Freigabe',
                'constraints': [models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='approval_four_eyes'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('decided_by__isnull', False)), _connector='OR'), name='approval_decided_by_someone'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('client', 'kind', 'object_kind', 'object_id'), name='one_open_approval')],
            },
        ),
    ]
