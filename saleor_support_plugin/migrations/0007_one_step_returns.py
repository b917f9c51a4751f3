"""What receipts and payouts have replaced; apart from the rows' conversion, which locks these tables."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("saleor_support_plugin", "0006_counted_returns")]

    operations = [
        migrations.RemoveField(model_name="return", name="fulfillment_id"),
        migrations.RemoveField(model_name="return", name="due_amount"),
        migrations.RemoveField(model_name="return", name="payable_amount"),
        migrations.RemoveField(model_name="return", name="refund"),
    ]
