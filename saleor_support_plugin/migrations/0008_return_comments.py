"""Tasks that say that a customer wrote about a return."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("saleor_support_plugin", "0007_one_step_returns"),
    ]

    operations = [
        migrations.AlterField(
            model_name="stafftask",
            name="kind",
            field=models.CharField(
                choices=[
                    ("refund_failed", "Refund Failed"),
                    ("refund_unknown", "Refund Unknown"),
                    ("return_stuck", "Return Stuck"),
                    ("return_settle", "Return Settle"),
                    ("return_conflict", "Return Conflict"),
                    ("return_lost", "Return Lost"),
                    ("return_uncounted", "Return Uncounted"),
                    ("return_label", "Return Label"),
                    ("return_unsent", "Return Unsent"),
                    ("return_comment", "Return Comment"),
                    ("mail_failed", "Mail Failed"),
                    ("customer_unreachable", "Customer Unreachable"),
                    ("parcel_problem", "Parcel Problem"),
                    ("carrier_instruction", "Carrier Instruction"),
                    ("words_broken", "Words Broken"),
                ],
                max_length=40,
            ),
        ),
    ]
