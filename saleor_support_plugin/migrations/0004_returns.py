import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('saleor_support_plugin', '0003_parcels'),
    ]

    operations = [
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('storing', 'Storing'), ('scanning', 'Scanning'), ('clean', 'Clean'), ('refused', 'Refused')], default='storing', max_length=20)),
                ('order_id', models.CharField(max_length=128)),
                ('channel_id', models.CharField(max_length=128)),
                ('uploader_kind', models.CharField(max_length=20)),
                ('uploader_id', models.CharField(blank=True, default='', max_length=128)),
                ('name', models.CharField(max_length=150)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveBigIntegerField()),
                ('digest', models.CharField(blank=True, default='', max_length=64)),
                ('storage_name', models.CharField(max_length=255, unique=True)),
                ('subject', models.CharField(blank=True, default='', max_length=64)),
                ('part', models.CharField(blank=True, default='', max_length=128)),
                ('is_internal', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('scanned_at', models.DateTimeField(blank=True, null=True)),
                ('attached_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'file',
            },
        ),
        migrations.CreateModel(
            name='ReturnComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('author_kind', models.CharField(max_length=20)),
                ('author_id', models.CharField(blank=True, default='', max_length=128)),
                ('author_name', models.CharField(blank=True, default='', max_length=254)),
                ('text', models.TextField()),
                ('is_internal', models.BooleanField(default=False)),
                ('key', models.CharField(blank=True, default='', max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='ReturnLabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('asked', 'Asked'), ('made', 'Made'), ('attached', 'Attached'), ('by_hand', 'By Hand'), ('dropped', 'Dropped')], default='waiting', max_length=20)),
                ('maker', models.CharField(max_length=40)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
                ('message', models.CharField(blank=True, default='', max_length=500)),
                ('url', models.CharField(blank=True, default='', max_length=2000)),
                ('file_id', models.BigIntegerField(blank=True, null=True)),
                ('carrier', models.CharField(blank=True, default='', max_length=60)),
                ('tracking_number', models.CharField(blank=True, default='', max_length=255)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'label',
            },
        ),
        migrations.CreateModel(
            name='ReturnListEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list', models.CharField(choices=[('block', 'Block'), ('allow', 'Allow')], max_length=10)),
                ('channel_id', models.CharField(blank=True, default='', max_length=128)),
                ('customer_id', models.CharField(blank=True, default='', max_length=128)),
                ('email', models.CharField(blank=True, default='', max_length=254)),
                ('address', models.CharField(blank=True, default='', max_length=64)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'entry',
            },
        ),
        migrations.CreateModel(
            name='ReturnOptions',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel_id', models.CharField(max_length=128, unique=True)),
                ('values', models.JSONField(blank=True, default=dict)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='ReturnPayout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=3, max_digits=20)),
                ('left_out', models.DecimalField(decimal_places=3, default=0, max_digits=20)),
                ('is_replaced', models.BooleanField(default=False)),
                ('basis', models.JSONField(blank=True, default=dict)),
                ('key', models.CharField(blank=True, default='', max_length=64)),
                ('actor_kind', models.CharField(blank=True, default='', max_length=20)),
                ('actor_id', models.CharField(blank=True, default='', max_length=128)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'payout',
            },
        ),
        migrations.CreateModel(
            name='ReturnReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('list', models.CharField(choices=[('wish', 'Wish'), ('fault', 'Fault')], max_length=10)),
                ('label', models.CharField(max_length=100)),
                ('labels', models.JSONField(blank=True, default=dict)),
                ('fault', models.CharField(choices=[('nobody', 'Nobody'), ('merchant', 'Merchant'), ('carrier', 'Carrier')], default='nobody', max_length=20)),
                ('needs_note', models.BooleanField(default=False)),
                ('needs_evidence', models.BooleanField(default=False)),
                ('is_free', models.BooleanField(default=False)),
                ('shop_reference', models.CharField(blank=True, default='', max_length=128)),
                ('position', models.PositiveIntegerField(default=0)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'reason',
            },
        ),
        migrations.CreateModel(
            name='ReturnReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('counted', 'Counted'), ('entered', 'Entered'), ('stuck', 'Stuck')], default='counted', max_length=20)),
                ('warehouse', models.CharField(blank=True, default='', max_length=255)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('actor_kind', models.CharField(max_length=20)),
                ('actor_id', models.CharField(blank=True, default='', max_length=128)),
                ('key', models.CharField(blank=True, default='', max_length=64)),
                ('fulfillment_id', models.CharField(blank=True, default='', max_length=128)),
                ('message', models.TextField(blank=True, default='')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('entered_at', models.DateTimeField(blank=True, null=True)),
                ('by_hand', models.BooleanField(default=False)),
                ('checked_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'receipt',
            },
        ),
        migrations.CreateModel(
            name='ReturnReceiptLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sellable', models.PositiveIntegerField(default=0)),
                ('damaged', models.PositiveIntegerField(default=0)),
                ('missing', models.PositiveIntegerField(default=0)),
                ('not_ours', models.PositiveIntegerField(default=0)),
                ('refunded_before', models.PositiveIntegerField(default=0)),
                ('granted_before', models.PositiveIntegerField(default=0)),
                ('worth', models.DecimalField(decimal_places=3, default=0, max_digits=20)),
            ],
        ),
        migrations.CreateModel(
            name='ReturnRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('channel_id', models.CharField(blank=True, default='', max_length=128)),
                ('position', models.PositiveIntegerField(default=0)),
                ('is_active', models.BooleanField(default=True)),
                ('conditions', models.JSONField(blank=True, default=dict)),
                ('outcome', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'return rule',
            },
        ),
        migrations.CreateModel(
            name='ReturnShipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('awaiting', 'Awaiting'), ('label_sent', 'Label Sent'), ('in_transit', 'In Transit'), ('delivered', 'Delivered'), ('lost', 'Lost'), ('canceled', 'Canceled')], default='awaiting', max_length=20)),
                ('carrier', models.CharField(blank=True, default='', max_length=60)),
                ('tracking_number', models.CharField(blank=True, default='', max_length=255)),
                ('label_url', models.CharField(blank=True, default='', max_length=2000)),
                ('label_id', models.BigIntegerField(blank=True, null=True)),
                ('reported_by', models.CharField(blank=True, default='', max_length=20)),
                ('key', models.CharField(blank=True, default='', max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('checked_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'return shipment',
            },
        ),
        migrations.RemoveIndex(
            model_name='parcel',
            name='support_parcel_status',
        ),
        migrations.RemoveIndex(
            model_name='parcel',
            name='support_parcel_scorecard',
        ),
        migrations.RemoveIndex(
            model_name='return',
            name='support_return_sweep',
        ),
        migrations.AddField(
            model_name='guestgrant',
            name='purpose',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='guestgrant',
            name='used_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='parcel',
            name='direction',
            field=models.CharField(choices=[('outbound', 'Outbound'), ('return', 'Return')], default='outbound', max_length=10),
        ),
        migrations.AddField(
            model_name='parcel',
            name='subject',
            field=models.CharField(blank=True, default='', max_length=60),
        ),
        migrations.AddField(
            model_name='return',
            name='address',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='return',
            name='answer_by',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='completed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='confirm_by',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='country',
            field=models.CharField(blank=True, default='', max_length=2),
        ),
        migrations.AddField(
            model_name='return',
            name='decide_by',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='decision',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='return',
            name='destination',
            field=models.CharField(blank=True, default='', max_length=255),
        ),
        migrations.AddField(
            model_name='return',
            name='fees',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='return',
            name='forgotten_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='instructions',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='return',
            name='override_reason',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='return',
            name='question',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='return',
            name='quoted_amount',
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='received_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='reconciled_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='return',
            name='remind_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='reminded_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='reopened_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='resolution',
            field=models.CharField(choices=[('refund', 'Refund'), ('credit', 'Credit'), ('exchange', 'Exchange'), ('replacement', 'Replacement')], default='refund', max_length=20),
        ),
        migrations.AddField(
            model_name='return',
            name='risk',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='return',
            name='send_by',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='shipped_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='return',
            name='unsent_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
