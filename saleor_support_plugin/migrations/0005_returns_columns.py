import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('saleor_support_plugin', '0004_returns'),
    ]

    operations = [
        migrations.AddField(
            model_name='return',
            name='updated_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='returnline',
            name='damaged_quantity',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='returnline',
            name='fault',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='returnline',
            name='keep',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='returnline',
            name='missing_quantity',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='returnline',
            name='not_ours_quantity',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='returnline',
            name='product_id',
            field=models.CharField(blank=True, default='', max_length=128),
        ),
        migrations.AddField(
            model_name='returnline',
            name='returned_quantity',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='returnline',
            name='sellable_quantity',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='returnline',
            name='shop_reference',
            field=models.CharField(blank=True, default='', max_length=128),
        ),
        migrations.AddField(
            model_name='returnline',
            name='variant_id',
            field=models.CharField(blank=True, default='', max_length=128),
        ),
        migrations.AddField(
            model_name='returnline',
            name='wanted_variant_id',
            field=models.CharField(blank=True, default='', max_length=128),
        ),
        migrations.AlterField(
            model_name='return',
            name='authorisation',
            field=models.CharField(choices=[('unconfirmed', 'Unconfirmed'), ('requested', 'Requested'), ('needs_information', 'Needs Information'), ('approved', 'Approved'), ('declined', 'Declined'), ('canceled', 'Canceled'), ('expired', 'Expired')], default='requested', max_length=20),
        ),
        migrations.AlterField(
            model_name='return',
            name='kind',
            field=models.CharField(choices=[('return', 'Return'), ('exchange', 'Exchange'), ('claim', 'Claim'), ('withdrawal', 'Withdrawal')], default='return', max_length=20),
        ),
        migrations.AlterField(
            model_name='return',
            name='logistics',
            field=models.CharField(choices=[('not_required', 'Not Required'), ('awaiting', 'Awaiting'), ('label_sent', 'Label Sent'), ('in_transit', 'In Transit'), ('delivered', 'Delivered'), ('lost', 'Lost'), ('partly_received', 'Partly Received'), ('received', 'Received')], default='awaiting', max_length=20),
        ),
        migrations.AlterField(
            model_name='return',
            name='settlement',
            field=models.CharField(choices=[('none', 'None'), ('quoted', 'Quoted'), ('pending', 'Pending'), ('partly', 'Partly'), ('settled', 'Settled'), ('failed', 'Failed')], default='none', max_length=20),
        ),
        migrations.AlterField(
            model_name='stafftask',
            name='kind',
            field=models.CharField(choices=[('refund_failed', 'Refund Failed'), ('refund_unknown', 'Refund Unknown'), ('return_stuck', 'Return Stuck'), ('return_settle', 'Return Settle'), ('return_conflict', 'Return Conflict'), ('return_lost', 'Return Lost'), ('return_uncounted', 'Return Uncounted'), ('return_label', 'Return Label'), ('return_unsent', 'Return Unsent'), ('mail_failed', 'Mail Failed'), ('customer_unreachable', 'Customer Unreachable'), ('parcel_problem', 'Parcel Problem'), ('carrier_instruction', 'Carrier Instruction'), ('words_broken', 'Words Broken')], max_length=40),
        ),
        migrations.AlterField(
            model_name='trackingpayload',
            name='state',
            field=models.CharField(choices=[('stored', 'Stored'), ('read', 'Read'), ('unreadable', 'Unreadable'), ('given_up', 'Given Up')], default='stored', max_length=20),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['status', '-id'], include=('channel_id', 'carrier_code', 'shipped_at', 'direction'), name='support_parcel_status'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['status', 'shipped_at', 'id'], include=('channel_id', 'carrier_code'), name='support_parcel_status_left'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['shipped_at', 'channel_id', 'carrier_code', 'country', 'warehouse', 'status', 'exception', 'is_late', 'transit_hours', 'direction'], name='support_parcel_scorecard'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['email', '-id'], name='support_return_email'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('address', ''), _negated=True), fields=['address'], name='support_return_address'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['order_number', '-id'], name='support_return_number'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['authorisation', 'logistics', 'settlement', '-id'], name='support_return_status'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['checked_at'], name='support_return_open'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['reconciled_at'], name='support_return_reconcile'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('authorisation', 'unconfirmed')), fields=['confirm_by'], name='support_return_unconfirmed'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('authorisation', 'needs_information')), fields=['answer_by'], name='support_return_unanswered'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('closed_at__isnull', True), ('send_by__isnull', False)), fields=['send_by'], name='support_return_to_send'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('closed_at__isnull', True), ('remind_at__isnull', False)), fields=['remind_at'], name='support_return_to_remind'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['channel_id', 'closed_at'], name='support_return_closed'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('closed_at__isnull', False), ('forgotten_at__isnull', True)), fields=['channel_id', 'closed_at'], name='support_return_to_forget'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['created_at', 'channel_id', 'kind'], name='support_return_report'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['updated_at', 'id'], name='support_return_updated'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('quoted_amount__isnull', False)), fields=['quoted_amount', 'id'], name='support_return_amount'),
        ),
        migrations.AddConstraint(
            model_name='returnline',
            constraint=models.CheckConstraint(condition=models.Q(('approved_quantity__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('sellable_quantity'), '+', models.F('damaged_quantity')), '+', models.F('missing_quantity')), '+', models.F('not_ours_quantity')))), name='support_return_line_counted'),
        ),
        migrations.AddConstraint(
            model_name='returnline',
            constraint=models.CheckConstraint(condition=models.Q(('returned_quantity__lte', django.db.models.expressions.CombinedExpression(models.F('sellable_quantity'), '+', models.F('damaged_quantity')))), name='support_return_line_entered'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('subject', ''), _negated=True), fields=['subject', 'id'], name='support_file_subject'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(fields=['order_id', 'created_at'], name='support_file_order'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('subject', '')), fields=['created_at'], name='support_file_loose'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('state', 'scanning')), fields=['scanned_at'], name='support_file_unscanned'),
        ),
        migrations.AddField(
            model_name='returncomment',
            name='parent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='saleor_support_plugin.return'),
        ),
        migrations.AddField(
            model_name='returnlabel',
            name='parent',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='label', to='saleor_support_plugin.return'),
        ),
        migrations.AddIndex(
            model_name='returnlistentry',
            index=models.Index(condition=models.Q(('email', ''), _negated=True), fields=['email'], name='support_return_list_email'),
        ),
        migrations.AddIndex(
            model_name='returnlistentry',
            index=models.Index(condition=models.Q(('customer_id', ''), _negated=True), fields=['customer_id'], name='support_return_list_customer'),
        ),
        migrations.AddIndex(
            model_name='returnlistentry',
            index=models.Index(condition=models.Q(('address', ''), _negated=True), fields=['address'], name='support_return_list_address'),
        ),
        migrations.AddConstraint(
            model_name='returnlistentry',
            constraint=models.UniqueConstraint(fields=('channel_id', 'customer_id', 'email', 'address'), name='support_return_list_once'),
        ),
        migrations.AddConstraint(
            model_name='returnlistentry',
            constraint=models.CheckConstraint(condition=models.Q(('address', ''), ('customer_id', ''), ('email', ''), _negated=True), name='support_return_list_some'),
        ),
        migrations.AddField(
            model_name='returnpayout',
            name='parent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='payouts', to='saleor_support_plugin.return'),
        ),
        migrations.AddField(
            model_name='returnpayout',
            name='refund',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payout', to='saleor_support_plugin.refund'),
        ),
        migrations.AddField(
            model_name='returnreason',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='saleor_support_plugin.returnreason'),
        ),
        migrations.AddField(
            model_name='returnreceipt',
            name='parent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='receipts', to='saleor_support_plugin.return'),
        ),
        migrations.AddField(
            model_name='returnreceiptline',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='saleor_support_plugin.returnline'),
        ),
        migrations.AddField(
            model_name='returnreceiptline',
            name='receipt',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='saleor_support_plugin.returnreceipt'),
        ),
        migrations.AddIndex(
            model_name='returnrule',
            index=models.Index(condition=models.Q(('is_active', True)), fields=['channel_id', 'position', 'id'], name='support_rule_order'),
        ),
        migrations.AddField(
            model_name='returnshipment',
            name='parcel',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='return_shipments', to='saleor_support_plugin.parcel'),
        ),
        migrations.AddField(
            model_name='returnshipment',
            name='parent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shipments', to='saleor_support_plugin.return'),
        ),
        migrations.AddIndex(
            model_name='returncomment',
            index=models.Index(fields=['parent', 'id'], name='support_return_comment'),
        ),
        migrations.AddConstraint(
            model_name='returncomment',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('parent', 'key'), name='support_return_comment_key'),
        ),
        migrations.AddIndex(
            model_name='returnlabel',
            index=models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='support_return_label_due'),
        ),
        migrations.AddIndex(
            model_name='returnpayout',
            index=models.Index(fields=['parent', 'id'], name='support_return_payout'),
        ),
        migrations.AddIndex(
            model_name='returnpayout',
            index=models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['id'], name='support_return_payout_open'),
        ),
        migrations.AddConstraint(
            model_name='returnpayout',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('parent', 'key'), name='support_return_payout_key'),
        ),
        migrations.AddConstraint(
            model_name='returnpayout',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('left_out__gte', 0)), name='support_return_payout_amount'),
        ),
        migrations.AddIndex(
            model_name='returnreason',
            index=models.Index(fields=['position', 'id'], name='support_reason_position'),
        ),
        migrations.AddIndex(
            model_name='returnreceipt',
            index=models.Index(fields=['parent', 'id'], name='support_return_receipt'),
        ),
        migrations.AddIndex(
            model_name='returnreceipt',
            index=models.Index(condition=models.Q(('state__in', ['counted', 'stuck'])), fields=['checked_at'], name='support_return_receipt_open'),
        ),
        migrations.AddConstraint(
            model_name='returnreceipt',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('parent', 'key'), name='support_return_receipt_key'),
        ),
        migrations.AddConstraint(
            model_name='returnreceiptline',
            constraint=models.UniqueConstraint(fields=('receipt', 'line'), name='support_return_count_once'),
        ),
        migrations.AddConstraint(
            model_name='returnreceiptline',
            constraint=models.CheckConstraint(condition=models.Q(('sellable__gt', 0), ('damaged__gt', 0), ('missing__gt', 0), ('not_ours__gt', 0), _connector='OR'), name='support_return_count_some'),
        ),
        migrations.AddIndex(
            model_name='returnshipment',
            index=models.Index(fields=['parent', 'id'], name='support_return_shipment'),
        ),
        migrations.AddIndex(
            model_name='returnshipment',
            index=models.Index(condition=models.Q(('tracking_number', ''), _negated=True), fields=['tracking_number'], name='support_return_shipment_no'),
        ),
        migrations.AddIndex(
            model_name='returnshipment',
            index=models.Index(condition=models.Q(('state__in', ['awaiting', 'label_sent', 'in_transit', 'lost'])), fields=['checked_at'], name='support_return_shipment_open'),
        ),
        migrations.AddConstraint(
            model_name='returnshipment',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('parent', 'key'), name='support_return_shipment_key'),
        ),
    ]
