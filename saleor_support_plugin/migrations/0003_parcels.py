import django.db.models.deletion
import django.utils.timezone
import saleor_support_plugin.tracking.status
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('saleor_support_plugin', '0002_notifications'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarrierInstruction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('new_address', 'New Address'), ('safe_place', 'Safe Place'), ('redeliver', 'Redeliver'), ('hold', 'Hold'), ('return_to_sender', 'Return To Sender')], max_length=30)),
                ('state', models.CharField(choices=[('requested', 'Requested'), ('handed_over', 'Handed Over'), ('accepted', 'Accepted'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='requested', max_length=20)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('requested_by', models.CharField(max_length=200)),
                ('is_customers', models.BooleanField(default=False)),
                ('reference', models.CharField(blank=True, default='', max_length=200)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'carrier instruction',
            },
        ),
        migrations.CreateModel(
            name='OwnCarrier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('pattern', models.CharField(blank=True, default='', max_length=200)),
                ('url', models.CharField(blank=True, default='', max_length=500)),
                ('countries', models.JSONField(blank=True, default=list)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'carrier',
            },
        ),
        migrations.CreateModel(
            name='TrackingEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel_id', models.CharField(max_length=128)),
                ('key', models.CharField(max_length=255)),
                ('carrier', models.CharField(blank=True, default='', max_length=60)),
                ('code', models.CharField(max_length=120)),
                ('happened_at', models.DateTimeField()),
                ('status', models.CharField(blank=True, choices=[('pending', 'pending'), ('info_received', 'info received'), ('in_transit', 'in transit'), ('out_for_delivery', 'out for delivery'), ('attempt_failed', 'attempt failed'), ('available_for_pickup', 'available for pickup'), ('delivered', 'delivered'), ('exception', 'exception'), ('expired', 'expired'), ('returning', 'returning'), ('returned', 'returned'), ('cancelled', 'cancelled')], default='', max_length=30)),
                ('sub_status', models.CharField(blank=True, choices=[('collected', 'collected'), ('signed', 'signed'), ('paid_on_delivery', 'paid on delivery'), ('neighbour', 'neighbour'), ('safe_place', 'safe place'), ('absent', 'absent'), ('closed', 'closed'), ('no_access', 'no access'), ('pickup_missed', 'pickup missed'), ('incorrect_address', 'incorrect address'), ('moved', 'moved'), ('refused', 'refused'), ('customs', 'customs'), ('documents_missing', 'documents missing'), ('payment_due', 'payment due'), ('weather', 'weather'), ('missed_connection', 'missed connection'), ('processing_delay', 'processing delay'), ('external_delay', 'external delay'), ('rejected', 'rejected'), ('disposed', 'disposed'), ('damaged', 'damaged'), ('lost', 'lost'), ('stalled', 'stalled'), ('other', 'other')], default='', max_length=40)),
                ('description', models.CharField(blank=True, default='', max_length=500)),
                ('place', models.CharField(blank=True, default='', max_length=200)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('correction', models.BooleanField(default=False)),
                ('source', models.CharField(max_length=60)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'tracking event',
            },
        ),
        migrations.CreateModel(
            name='TrackingPayload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel_id', models.CharField(max_length=128)),
                ('adapter', models.CharField(max_length=60)),
                ('digest', models.CharField(max_length=64)),
                ('body', models.TextField()),
                ('state', models.CharField(choices=[('stored', 'Stored'), ('read', 'Read'), ('unreadable', 'Unreadable')], default='stored', max_length=20)),
                ('error', models.CharField(blank=True, default='', max_length=500)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'tracking payload',
            },
        ),
        migrations.CreateModel(
            name='TransitRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel_id', models.CharField(blank=True, default='', max_length=128)),
                ('carrier', models.CharField(blank=True, default='', max_length=60)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('service', models.CharField(blank=True, default='', max_length=120)),
                ('days_from', models.PositiveSmallIntegerField()),
                ('days_until', models.PositiveSmallIntegerField()),
            ],
            options={
                'verbose_name': 'transit rule',
            },
        ),
        migrations.AddField(
            model_name='parcel',
            name='address',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='parcel',
            name='carrier_code',
            field=models.CharField(blank=True, default='', max_length=60),
        ),
        migrations.AddField(
            model_name='parcel',
            name='carrier_source',
            field=models.CharField(choices=[('number', 'Number'), ('scans', 'Scans'), ('staff', 'Staff')], default='number', max_length=20),
        ),
        migrations.AddField(
            model_name='parcel',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='country',
            field=models.CharField(blank=True, default='', max_length=2),
        ),
        migrations.AddField(
            model_name='parcel',
            name='customer_id',
            field=models.CharField(blank=True, default='', max_length=128),
        ),
        migrations.AddField(
            model_name='parcel',
            name='delivered_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='exception',
            field=models.CharField(blank=True, choices=[('collected', 'collected'), ('signed', 'signed'), ('paid_on_delivery', 'paid on delivery'), ('neighbour', 'neighbour'), ('safe_place', 'safe place'), ('absent', 'absent'), ('closed', 'closed'), ('no_access', 'no access'), ('pickup_missed', 'pickup missed'), ('incorrect_address', 'incorrect address'), ('moved', 'moved'), ('refused', 'refused'), ('customs', 'customs'), ('documents_missing', 'documents missing'), ('payment_due', 'payment due'), ('weather', 'weather'), ('missed_connection', 'missed connection'), ('processing_delay', 'processing delay'), ('external_delay', 'external delay'), ('rejected', 'rejected'), ('disposed', 'disposed'), ('damaged', 'damaged'), ('lost', 'lost'), ('stalled', 'stalled'), ('other', 'other')], default='', max_length=40),
        ),
        migrations.AddField(
            model_name='parcel',
            name='first_scan_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='is_late',
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='last_scan_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='next_poll_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='order_number',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AddField(
            model_name='parcel',
            name='polls_failed',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='parcel',
            name='promise_source',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='parcel',
            name='promised_from',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='promised_until',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='review_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='shipping_method',
            field=models.CharField(blank=True, default='', max_length=255),
        ),
        migrations.AddField(
            model_name='parcel',
            name='shop_promise',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='parcel',
            name='status',
            field=models.CharField(choices=[('pending', 'pending'), ('info_received', 'info received'), ('in_transit', 'in transit'), ('out_for_delivery', 'out for delivery'), ('attempt_failed', 'attempt failed'), ('available_for_pickup', 'available for pickup'), ('delivered', 'delivered'), ('exception', 'exception'), ('expired', 'expired'), ('returning', 'returning'), ('returned', 'returned'), ('cancelled', 'cancelled')], default=saleor_support_plugin.tracking.status.Status['PENDING'], max_length=30),
        ),
        migrations.AddField(
            model_name='parcel',
            name='status_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='sub_status',
            field=models.CharField(blank=True, choices=[('collected', 'collected'), ('signed', 'signed'), ('paid_on_delivery', 'paid on delivery'), ('neighbour', 'neighbour'), ('safe_place', 'safe place'), ('absent', 'absent'), ('closed', 'closed'), ('no_access', 'no access'), ('pickup_missed', 'pickup missed'), ('incorrect_address', 'incorrect address'), ('moved', 'moved'), ('refused', 'refused'), ('customs', 'customs'), ('documents_missing', 'documents missing'), ('payment_due', 'payment due'), ('weather', 'weather'), ('missed_connection', 'missed connection'), ('processing_delay', 'processing delay'), ('external_delay', 'external delay'), ('rejected', 'rejected'), ('disposed', 'disposed'), ('damaged', 'damaged'), ('lost', 'lost'), ('stalled', 'stalled'), ('other', 'other')], default='', max_length=40),
        ),
        migrations.AddField(
            model_name='parcel',
            name='tracking_key',
            field=models.CharField(blank=True, default='', max_length=255),
        ),
        migrations.AddField(
            model_name='parcel',
            name='transit_hours',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='warehouse',
            field=models.CharField(blank=True, default='', max_length=255),
        ),
        migrations.AlterField(
            model_name='stafftask',
            name='kind',
            field=models.CharField(choices=[('refund_failed', 'Refund Failed'), ('refund_unknown', 'Refund Unknown'), ('return_stuck', 'Return Stuck'), ('mail_failed', 'Mail Failed'), ('customer_unreachable', 'Customer Unreachable'), ('parcel_problem', 'Parcel Problem'), ('carrier_instruction', 'Carrier Instruction'), ('words_broken', 'Words Broken')], max_length=40),
        ),
        migrations.AddIndex(
            model_name='historyentry',
            index=models.Index(fields=['at'], name='support_history_age'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['order_number'], name='support_parcel_order_number'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('customer_id', ''), _negated=True), fields=['customer_id', '-id'], name='support_parcel_customer'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['channel_id', '-id'], name='support_parcel_channel'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['status', '-id'], include=('channel_id', 'carrier_code', 'shipped_at'), name='support_parcel_status'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['carrier_code', '-id'], name='support_parcel_carrier'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False)), fields=['delivered_at', 'id'], name='support_parcel_delivered'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['shipped_at', 'channel_id', 'carrier_code', 'country', 'warehouse', 'status', 'exception', 'is_late', 'transit_hours'], name='support_parcel_scorecard'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('review_at__isnull', False)), fields=['review_at'], name='support_parcel_review'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['channel_id', 'seen_at'], name='support_parcel_unclosed'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('tracking_key', ''), _negated=True), fields=['tracking_key'], name='support_parcel_key'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('next_poll_at__isnull', False)), fields=['next_poll_at'], name='support_parcel_poll'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('next_poll_at__isnull', True), models.Q(('tracking_key', ''), _negated=True), models.Q(('status__in', ['delivered', 'returned', 'cancelled', 'expired']), _negated=True)), fields=['channel_id', 'shipped_at'], name='support_parcel_unasked'),
        ),
        migrations.AddIndex(
            model_name='shopact',
            index=models.Index(condition=models.Q(('command', 'AddNote')), fields=['created_at'], name='support_act_note_age'),
        ),
        migrations.AddIndex(
            model_name='stafftask',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['channel_id', 'closed_at'], name='support_task_old'),
        ),
        migrations.AddField(
            model_name='carrierinstruction',
            name='parcel',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='instructions', to='saleor_support_plugin.parcel'),
        ),
        migrations.AddIndex(
            model_name='trackingpayload',
            index=models.Index(condition=models.Q(('state', 'stored')), fields=['id'], name='support_payload_stored'),
        ),
        migrations.AddIndex(
            model_name='trackingpayload',
            index=models.Index(fields=['received_at'], name='support_payload_received'),
        ),
        migrations.AddConstraint(
            model_name='trackingpayload',
            constraint=models.UniqueConstraint(fields=('channel_id', 'adapter', 'digest'), name='support_payload_once'),
        ),
        migrations.AddField(
            model_name='trackingevent',
            name='payload',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='saleor_support_plugin.trackingpayload'),
        ),
        migrations.AddConstraint(
            model_name='transitrule',
            constraint=models.UniqueConstraint(fields=('channel_id', 'carrier', 'country', 'service'), name='support_transit_rule_once'),
        ),
        migrations.AddIndex(
            model_name='carrierinstruction',
            index=models.Index(condition=models.Q(('state', 'requested')), fields=['next_try_at'], name='support_instruction_try'),
        ),
        migrations.AddConstraint(
            model_name='carrierinstruction',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'handed_over'])), fields=('parcel', 'kind'), name='support_instruction_open_once'),
        ),
        migrations.AddIndex(
            model_name='trackingevent',
            index=models.Index(fields=['received_at'], name='support_scan_received'),
        ),
        migrations.AddConstraint(
            model_name='trackingevent',
            constraint=models.UniqueConstraint(fields=('channel_id', 'key', 'carrier', 'code', 'happened_at'), name='support_scan_once'),
        ),
    ]
