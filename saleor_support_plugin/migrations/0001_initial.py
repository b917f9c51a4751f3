import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ShopAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=200, unique=True)),
                ("command", models.CharField(max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[("started", "Started"), ("done", "Done"), ("refused", "Refused")],
                        max_length=20,
                    ),
                ),
                ("result", models.JSONField(default=dict)),
                ("message", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="SweepCursor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("sequence", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_id", models.CharField(max_length=128)),
                ("order_number", models.CharField(max_length=64)),
                ("channel_id", models.CharField(max_length=128)),
                ("customer_id", models.CharField(blank=True, default="", max_length=128)),
                ("previous", models.JSONField(blank=True, null=True)),
                ("address", models.JSONField()),
                ("asked", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("requested", "Requested"), ("applied", "Applied")],
                        default="requested",
                        max_length=20,
                    ),
                ),
                ("key", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "address change",
                "indexes": [
                    models.Index(fields=["order_id", "-id"], name="support_address_change_order"),
                    models.Index(fields=["customer_id", "-id"], name="support_address_change_cust"),
                    models.Index(fields=["channel_id", "-id"], name="support_address_change_chan"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("order_id", "key"),
                        name="support_address_change_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GuestAccessRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=255)),
                ("order_number", models.CharField(max_length=64)),
                ("email", models.CharField(max_length=254)),
                ("origin", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("matched", "Matched"),
                            ("no_match", "No Match"),
                            ("limited", "Limited"),
                            ("switched_off", "Switched Off"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["email", "created_at"], name="support_access_email"),
                    models.Index(
                        fields=["order_number", "channel", "created_at"], name="support_access_order"
                    ),
                    models.Index(fields=["origin", "created_at"], name="support_access_origin"),
                    models.Index(fields=["created_at"], name="support_access_age"),
                    models.Index(
                        condition=models.Q(("answered_at", None)),
                        fields=["id"],
                        name="support_access_unanswered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GuestGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_id", models.CharField(max_length=128)),
                ("channel_id", models.CharField(max_length=128)),
                ("order_number", models.CharField(max_length=64)),
                ("email", models.CharField(max_length=254)),
                ("nonce", models.CharField(max_length=32)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["order_id"], name="support_grant_order"),
                    models.Index(fields=["expires_at"], name="support_grant_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoryEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=200)),
                ("order_id", models.CharField(blank=True, default="", max_length=128)),
                ("verb", models.CharField(max_length=60)),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_id", models.CharField(blank=True, default="", max_length=128)),
                ("actor_name", models.CharField(blank=True, default="", max_length=255)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject", "id"], name="support_history_subject"),
                    models.Index(fields=["order_id", "id"], name="support_history_order"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=200)),
                ("recipient", models.CharField(max_length=254)),
                ("occasion", models.CharField(max_length=200)),
                ("channel_id", models.CharField(max_length=128)),
                ("order_id", models.CharField(max_length=128)),
                ("order_number", models.CharField(max_length=40)),
                ("customer_id", models.CharField(blank=True, default="", max_length=128)),
                ("customer_name", models.CharField(blank=True, default="", max_length=255)),
                ("language", models.CharField(blank=True, default="", max_length=35)),
                ("time_zone", models.CharField(blank=True, default="", max_length=64)),
                ("redirect_url", models.TextField(blank=True, default="")),
                ("data", models.JSONField(default=dict)),
                ("thread", models.CharField(blank=True, default="", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("sending", "Sending"),
                            ("accepted", "Accepted"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=40)),
                ("detail", models.TextField(blank=True, default="")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("happened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("next_attempt_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_id", models.CharField(blank=True, default="", max_length=32)),
                ("message_id", models.CharField(blank=True, default="", max_length=255)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("provider", models.CharField(blank=True, default="", max_length=40)),
                ("provider_id", models.CharField(blank=True, default="", max_length=255)),
                (
                    "delivery",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sent", "Sent"),
                            ("deferred", "Deferred"),
                            ("delivered", "Delivered"),
                            ("opened", "Opened"),
                            ("bounced", "Bounced"),
                            ("complained", "Complained"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("delivery_at", models.DateTimeField(blank=True, null=True)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="saleor_support_plugin.notification",
                    ),
                ),
                (
                    "resend_of",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="resends",
                        to="saleor_support_plugin.notification",
                    ),
                ),
            ],
            options={
                "verbose_name": "notification",
            },
        ),
        migrations.CreateModel(
            name="DeliveryEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=40)),
                ("event_id", models.CharField(max_length=255)),
                ("channel_id", models.CharField(max_length=128)),
                ("type", models.CharField(max_length=20)),
                ("message_id", models.CharField(blank=True, default="", max_length=255)),
                ("recipient", models.CharField(blank=True, default="", max_length=254)),
                ("detail", models.TextField(blank=True, default="")),
                ("happened_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("payload", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("stored", "Stored"), ("applied", "Applied"), ("unknown", "Unknown")],
                        default="stored",
                        max_length=20,
                    ),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="events",
                        to="saleor_support_plugin.notification",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OptOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(max_length=254)),
                ("channel_id", models.CharField(max_length=128)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("email", "channel_id"), name="support_opt_out_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=150, unique=True)),
                ("order_id", models.CharField(max_length=128)),
                ("message", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("posted", "Posted"), ("refused", "Refused")],
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("refusal", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "note",
                "indexes": [models.Index(fields=["state", "checked_at"], name="support_note_sweep")],
            },
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("channel_id", models.CharField(blank=True, default="", max_length=128)),
                ("language", models.CharField(max_length=35)),
                ("blocks", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_by", models.CharField(blank=True, default="", max_length=128)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "channel_id", "language"), name="support_override_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fulfillment_id", models.CharField(max_length=128, unique=True)),
                ("order_id", models.CharField(max_length=128)),
                ("channel_id", models.CharField(blank=True, default="", max_length=128)),
                ("number", models.CharField(blank=True, default="", max_length=60)),
                ("carrier", models.CharField(blank=True, default="", max_length=60)),
                ("tracking_number", models.CharField(blank=True, default="", max_length=255)),
                ("tracking_url", models.TextField(blank=True, default="")),
                ("items", models.JSONField(default=list)),
                ("notify", models.BooleanField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("pending", "Pending"),
                            ("announced", "Announced"),
                            ("skipped", "Skipped"),
                        ],
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=40)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("hooked_at", models.DateTimeField(blank=True, null=True)),
                ("shipped_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "parcel",
                "indexes": [
                    models.Index(fields=["order_id"], name="support_parcel_order"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "pending"])),
                        fields=["state", "checked_at"],
                        name="support_parcel_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=150, unique=True)),
                ("subject", models.CharField(max_length=150)),
                ("order_id", models.CharField(max_length=128)),
                ("channel_id", models.CharField(max_length=128)),
                ("amount", models.DecimalField(decimal_places=3, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("started", "Started"),
                            ("pending", "Pending"),
                            ("settled", "Settled"),
                            ("failed", "Failed"),
                            ("unknown", "Unknown"),
                        ],
                        default="planned",
                        max_length=20,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[("payment", "Payment"), ("transaction", "Transaction")],
                        default="",
                        max_length=20,
                    ),
                ),
                ("payment_id", models.CharField(blank=True, default="", max_length=128)),
                ("transaction_id", models.CharField(blank=True, default="", max_length=128)),
                ("granted_refund_id", models.CharField(blank=True, default="", max_length=128)),
                (
                    "captured_before",
                    models.DecimalField(blank=True, decimal_places=3, max_digits=20, null=True),
                ),
                ("message", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "refund",
                "indexes": [
                    models.Index(fields=["order_id", "state"], name="support_refund_order"),
                    models.Index(fields=["state", "checked_at"], name="support_refund_sweep"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="support_refund_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Return",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(choices=[("return", "Return")], default="return", max_length=20)),
                (
                    "authorisation",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("canceled", "Canceled"),
                        ],
                        default="requested",
                        max_length=20,
                    ),
                ),
                (
                    "logistics",
                    models.CharField(
                        choices=[("awaiting", "Awaiting"), ("returned", "Returned")],
                        default="awaiting",
                        max_length=20,
                    ),
                ),
                (
                    "settlement",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("pending", "Pending"),
                            ("settled", "Settled"),
                            ("failed", "Failed"),
                        ],
                        default="none",
                        max_length=20,
                    ),
                ),
                ("order_id", models.CharField(max_length=128)),
                ("order_number", models.CharField(max_length=64)),
                ("channel_id", models.CharField(max_length=128)),
                ("customer_id", models.CharField(blank=True, default="", max_length=128)),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("currency", models.CharField(max_length=3)),
                ("comment", models.TextField(blank=True, default="")),
                ("decision_message", models.TextField(blank=True, default="")),
                ("fulfillment_id", models.CharField(blank=True, default="", max_length=128)),
                ("due_amount", models.DecimalField(blank=True, decimal_places=3, max_digits=20, null=True)),
                (
                    "payable_amount",
                    models.DecimalField(blank=True, decimal_places=3, max_digits=20, null=True),
                ),
                ("key", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "refund",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="saleor_support_plugin.refund",
                    ),
                ),
            ],
            options={
                "verbose_name": "return",
            },
        ),
        migrations.CreateModel(
            name="ReturnLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_line_id", models.CharField(max_length=128)),
                ("product_name", models.CharField(max_length=386)),
                ("variant_name", models.CharField(blank=True, default="", max_length=255)),
                ("sku", models.CharField(blank=True, default="", max_length=255)),
                ("quantity", models.PositiveIntegerField()),
                ("approved_quantity", models.PositiveIntegerField(default=0)),
                ("unit_price", models.DecimalField(decimal_places=3, max_digits=20)),
                ("reason", models.CharField(blank=True, default="", max_length=40)),
                ("reason_label", models.CharField(blank=True, default="", max_length=100)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="saleor_support_plugin.return",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StaffTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("refund_failed", "Refund Failed"),
                            ("refund_unknown", "Refund Unknown"),
                            ("return_stuck", "Return Stuck"),
                            ("mail_failed", "Mail Failed"),
                        ],
                        max_length=40,
                    ),
                ),
                ("key", models.CharField(max_length=200, unique=True)),
                ("subject", models.CharField(max_length=200)),
                ("order_id", models.CharField(blank=True, default="", max_length=128)),
                ("channel_id", models.CharField(max_length=128)),
                ("summary", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("done", "Done"), ("dismissed", "Dismissed")],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("assignee_id", models.CharField(blank=True, default="", max_length=128)),
                ("note", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "task",
                "indexes": [
                    models.Index(fields=["state", "-id"], name="support_task_state"),
                    models.Index(fields=["channel_id", "state", "-id"], name="support_task_channel"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(max_length=254, unique=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[("bounced", "Bounced"), ("complained", "Complained"), ("staff", "Staff")],
                        max_length=20,
                    ),
                ),
                ("detail", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField(blank=True, db_index=True, null=True)),
                (
                    "notification",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="saleor_support_plugin.notification",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Switch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel_id", models.CharField(max_length=128)),
                ("feature", models.CharField(max_length=40)),
                ("since", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("channel_id", "feature"), name="support_switch_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TemplateBackup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel_id", models.CharField(max_length=128)),
                ("template", models.CharField(max_length=255)),
                ("existed", models.BooleanField()),
                ("value", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("channel_id", "template"), name="support_template_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("open", "Open"),
                            ("waiting_customer", "Waiting Customer"),
                            ("waiting_third_party", "Waiting Third Party"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                        ],
                        default="new",
                        max_length=20,
                    ),
                ),
                (
                    "medium",
                    models.CharField(
                        choices=[
                            ("email", "Email"),
                            ("web", "Web"),
                            ("chat", "Chat"),
                            ("whatsapp", "Whatsapp"),
                            ("phone", "Phone"),
                            ("social", "Social"),
                            ("api", "Api"),
                        ],
                        default="web",
                        max_length=20,
                    ),
                ),
                ("order_id", models.CharField(max_length=128)),
                ("order_number", models.CharField(max_length=64)),
                ("channel_id", models.CharField(max_length=128)),
                ("customer_id", models.CharField(blank=True, default="", max_length=128)),
                ("customer_name", models.CharField(blank=True, default="", max_length=255)),
                ("email", models.CharField(max_length=254)),
                ("language", models.CharField(blank=True, default="", max_length=35)),
                ("answer_by", models.DateTimeField(blank=True, null=True)),
                ("first_replied_at", models.DateTimeField(blank=True, null=True)),
                ("last_message_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("assignee_id", models.CharField(blank=True, default="", max_length=128)),
                (
                    "author_kind",
                    models.CharField(
                        choices=[("customer", "Customer"), ("staff", "Staff"), ("system", "System")],
                        max_length=20,
                    ),
                ),
                ("author_id", models.CharField(blank=True, default="", max_length=128)),
                ("key", models.CharField(blank=True, max_length=64, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "ticket",
                "indexes": [
                    models.Index(fields=["order_id", "-id"], name="support_ticket_order"),
                    models.Index(fields=["customer_id", "-id"], name="support_ticket_customer"),
                    models.Index(fields=["channel_id", "state", "-id"], name="support_ticket_channel"),
                    models.Index(fields=["state", "-id"], name="support_ticket_state"),
                    models.Index(fields=["last_message_at", "id"], name="support_ticket_recent"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order_id", "author_kind", "author_id", "key"), name="support_ticket_key_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                (
                    "author_kind",
                    models.CharField(
                        choices=[("customer", "Customer"), ("staff", "Staff"), ("system", "System")],
                        max_length=20,
                    ),
                ),
                ("author_id", models.CharField(blank=True, default="", max_length=128)),
                ("author_name", models.CharField(blank=True, default="", max_length=255)),
                ("body", models.TextField()),
                ("internal", models.BooleanField(default=False)),
                ("key", models.CharField(blank=True, max_length=64, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="saleor_support_plugin.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TicketLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[("order", "Order"), ("parcel", "Parcel"), ("return", "Return")],
                        max_length=20,
                    ),
                ),
                ("target_id", models.CharField(max_length=128)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="saleor_support_plugin.ticket",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["next_attempt_at", "id"],
                name="support_notification_due",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("state", "sending")),
                fields=["lease_until"],
                name="support_notification_lease",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("thread", ""), _negated=True),
                fields=["thread", "recipient", "id"],
                name="support_notification_thread",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["order_id", "-id"], name="support_notification_order"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["recipient", "-id"], name="support_notification_person"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["subject", "kind"], name="support_notification_subject"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["state", "reason", "-id"], name="support_notification_state"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["finished_at"], name="support_notification_ended"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("provider_id", ""), _negated=True),
                fields=["provider_id"],
                name="support_notification_provider",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("message_id", ""), _negated=True),
                fields=["message_id"],
                name="support_notification_message",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("kind", "subject", "recipient", "occasion"), name="support_notification_once"
            ),
        ),
        migrations.AddIndex(
            model_name="deliveryevent",
            index=models.Index(
                condition=models.Q(("state", "stored")), fields=["id"], name="support_delivery_event_open"
            ),
        ),
        migrations.AddIndex(
            model_name="deliveryevent",
            index=models.Index(fields=["received_at"], name="support_delivery_event_age"),
        ),
        migrations.AddConstraint(
            model_name="deliveryevent",
            constraint=models.UniqueConstraint(
                fields=("provider", "event_id"), name="support_delivery_event_once"
            ),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(fields=["order_id", "-id"], name="support_return_order"),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(fields=["customer_id", "-id"], name="support_return_customer"),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(fields=["channel_id", "-id"], name="support_return_channel"),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(
                fields=["authorisation", "settlement", "checked_at"], name="support_return_sweep"
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("order_id", "key"),
                name="support_return_key",
            ),
        ),
        migrations.AddIndex(
            model_name="returnline",
            index=models.Index(fields=["order_line_id"], name="support_return_line_of"),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.UniqueConstraint(
                fields=("parent", "order_line_id"), name="support_return_line_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="support_return_line_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved_quantity__lte", models.F("quantity"))),
                name="support_return_line_capped",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("ticket", "seq"), name="support_message_seq"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("ticket", "author_kind", "author_id", "key"), name="support_message_key_once"
            ),
        ),
        migrations.AddIndex(
            model_name="ticketlink",
            index=models.Index(fields=["type", "target_id"], name="support_ticket_link_target"),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.UniqueConstraint(
                fields=("ticket", "type", "target_id"), name="support_ticket_link_once"
            ),
        ),
    ]
