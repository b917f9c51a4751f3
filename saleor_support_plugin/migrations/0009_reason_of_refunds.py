"""The page of the shop's that says why money goes back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_support_plugin", "0008_return_comments"),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="reason_reference",
            field=models.CharField(blank=True, default="", max_length=128),
        ),
    ]
