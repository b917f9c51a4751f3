import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('saleor_support_plugin', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeliveryEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=40)),
                ('event_id', models.CharField(max_length=255)),
                ('channel_id', models.CharField(max_length=128)),
                ('type', models.CharField(max_length=20)),
                ('message_id', models.CharField(blank=True, default='', max_length=255)),
                ('recipient', models.CharField(blank=True, default='', max_length=254)),
                ('detail', models.TextField(blank=True, default='')),
                ('happened_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('payload', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('stored', 'Stored'), ('applied', 'Applied'), ('unknown', 'Unknown')], default='stored', max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='DispatchWatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_id', models.CharField(max_length=128, unique=True)),
                ('channel_id', models.CharField(max_length=128)),
                ('started_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('watching', 'Watching'), ('told', 'Told'), ('ended', 'Ended')], default='watching', max_length=20)),
                ('ended_at', models.DateTimeField(blank=True, db_index=True, null=True)),
            ],
            options={
                'verbose_name': 'promise of dispatch',
            },
        ),
        migrations.CreateModel(
            name='JobRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('first_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('succeeded_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True, default='')),
                ('failures', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='OptOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254)),
                ('channel_id', models.CharField(max_length=128)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('channel_id', models.CharField(blank=True, default='', max_length=128)),
                ('language', models.CharField(max_length=35)),
                ('blocks', models.JSONField(default=dict)),
                ('version', models.PositiveIntegerField(default=1)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('updated_by', models.CharField(blank=True, default='', max_length=128)),
            ],
        ),
        migrations.CreateModel(
            name='SeenEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stream', models.CharField(max_length=40)),
                ('sequence', models.BigIntegerField()),
                ('run', models.CharField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254, unique=True)),
                ('reason', models.CharField(choices=[('bounced', 'Bounced'), ('complained', 'Complained'), ('staff', 'Staff')], max_length=20)),
                ('detail', models.TextField(blank=True, default='')),
                ('channel_id', models.CharField(blank=True, default='', max_length=128)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateTimeField(blank=True, db_index=True, null=True)),
            ],
            options={
                'verbose_name': 'suppression',
            },
        ),
        migrations.AddField(
            model_name='notification',
            name='delivery',
            field=models.CharField(blank=True, choices=[('sent', 'Sent'), ('deferred', 'Deferred'), ('delivered', 'Delivered'), ('opened', 'Opened'), ('bounced', 'Bounced'), ('complained', 'Complained')], default='', max_length=20),
        ),
        migrations.AddField(
            model_name='notification',
            name='delivery_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='notification',
            name='due_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='notification',
            name='happened_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='notification',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='merged', to='saleor_support_plugin.notification'),
        ),
        migrations.AddField(
            model_name='notification',
            name='provider',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AddField(
            model_name='notification',
            name='provider_id',
            field=models.CharField(blank=True, default='', max_length=255),
        ),
        migrations.AddField(
            model_name='notification',
            name='resend_of',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='resends', to='saleor_support_plugin.notification'),
        ),
        migrations.AddField(
            model_name='parcel',
            name='cancelled_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='number',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AddField(
            model_name='sweepcursor',
            name='ahead',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='sweepcursor',
            name='ahead_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='stafftask',
            name='kind',
            field=models.CharField(choices=[('refund_failed', 'Refund Failed'), ('refund_unknown', 'Refund Unknown'), ('return_stuck', 'Return Stuck'), ('mail_failed', 'Mail Failed'), ('customer_unreachable', 'Customer Unreachable'), ('words_broken', 'Words Broken')], max_length=40),
        ),
        migrations.AlterField(
            model_name='switch',
            name='feature',
            field=models.CharField(max_length=80),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['recipient', '-id'], name='support_notification_person'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['subject', 'kind'], name='support_notification_subject'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['state', 'reason', '-id'], name='support_notification_state'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='support_notification_ended'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['channel_id', 'finished_at'], name='support_notification_old'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'sending'])), fields=['due_at'], name='support_notification_open'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('state__in', ['failed', 'skipped'])), fields=['finished_at', 'state', 'reason', 'channel_id'], name='support_notification_unsent'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('provider_id', ''), _negated=True), fields=['provider_id'], name='support_notification_provider'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['channel_id', '-id'], name='support_notification_channel'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['created_at'], name='support_notification_born'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='support_notification_merged'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('resend_of__isnull', False)), fields=['resend_of'], name='support_notification_resent'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('message_id', ''), _negated=True), fields=['message_id'], name='support_notification_message'),
        ),
        migrations.AddField(
            model_name='deliveryevent',
            name='notification',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='saleor_support_plugin.notification'),
        ),
        migrations.AddIndex(
            model_name='dispatchwatch',
            index=models.Index(condition=models.Q(('state', 'watching')), fields=['due_at', 'id'], name='support_dispatch_due'),
        ),
        migrations.AddConstraint(
            model_name='optout',
            constraint=models.UniqueConstraint(fields=('email', 'channel_id'), name='support_opt_out_once'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=models.UniqueConstraint(fields=('kind', 'channel_id', 'language'), name='support_override_once'),
        ),
        migrations.AddConstraint(
            model_name='seenevent',
            constraint=models.UniqueConstraint(fields=('stream', 'sequence'), name='support_seen_event_once'),
        ),
        migrations.AddField(
            model_name='suppression',
            name='notification',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='saleor_support_plugin.notification'),
        ),
        migrations.AddIndex(
            model_name='deliveryevent',
            index=models.Index(condition=models.Q(('state', 'stored')), fields=['id'], name='support_delivery_event_open'),
        ),
        migrations.AddIndex(
            model_name='deliveryevent',
            index=models.Index(fields=['received_at'], name='support_delivery_event_age'),
        ),
        migrations.AddConstraint(
            model_name='deliveryevent',
            constraint=models.UniqueConstraint(fields=('provider', 'event_id'), name='support_delivery_event_once'),
        ),
        migrations.AddIndex(
            model_name='suppression',
            index=models.Index(fields=['channel_id', '-id'], name='support_suppression_channel'),
        ),
        migrations.AddIndex(
            model_name='suppression',
            index=models.Index(condition=models.Q(('notification__isnull', False)), fields=['notification'], name='support_suppression_mail'),
        ),
    ]
