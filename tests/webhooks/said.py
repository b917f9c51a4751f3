"""What mail providers report of a mail, as their documentation shows it; unsigned."""

import datetime
import json


def iso(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(when):
    return int(when.timestamp())


def _postmark(record, **more):
    def event(message_id, recipient, when, note, number):
        time = {
            "Bounce": "BouncedAt",
            "SpamComplaint": "BouncedAt",
            "Delivery": "DeliveredAt",
            "Open": "ReceivedAt",
        }
        who = "Email" if record in ("Bounce", "SpamComplaint") else "Recipient"
        said = {
            "RecordType": record, "MessageStream": "outbound", "MessageID": message_id, "ServerID": 23,
            "Metadata": {"support": note} if note else {}, "Tag": "welcome-email", who: recipient,
            time[record]: iso(when), **more,
        }  # fmt: skip
        if record in ("Bounce", "SpamComplaint"):
            said["ID"] = 4323372036854775000 + number
        return said

    return event


def _hard_postmark():
    return _postmark(
        "Bounce", Type="HardBounce", TypeCode=1, Name="Hard bounce",
        Description="The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        Details="smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        DumpAvailable=True, Inactive=True, CanActivate=True, Subject="Test subject",
        Content="<Full dump of bounce message>", From="sender@example.com",
    )  # fmt: skip


def _mailgun_event(name, **more):
    def event(message_id, recipient, when, note, number):
        return {
            "event": name, "id": f"Ase7i2zsRYeDXztHGENqR{number}", "timestamp": when.timestamp(),
            "log-level": "info", "recipient": recipient, "recipient-domain": recipient.partition("@")[2],
            "tags": [], "user-variables": {"support": note} if note else {},
            "message": {"headers": {"to": recipient, "message-id": message_id.strip("<>"), "from": "a@b.example"},
                        "attachments": [], "size": 4242},
            "flags": {"is-test-mode": False}, "envelope": {"transport": "smtp", "targets": recipient}, **more,
        }  # fmt: skip

    return event


def _ses(kind, **more):
    def event(message_id, recipient, when, note, number):
        headers = [{"name": "X-Metadata", "value": json.dumps({"support": note})}] if note else []
        details = {name: value(recipient, when) for name, value in more.items()}
        return {
            "eventType": kind, **details,
            "mail": {"timestamp": iso(when), "source": "a@b.example", "messageId": message_id,
                     "destination": [recipient], "headers": headers, "headersTruncated": False},
        }  # fmt: skip

    return event


def _ses_bounce(kind, subtype):
    return _ses("Bounce", bounce=lambda recipient, when: {
        "bounceType": kind, "bounceSubType": subtype, "timestamp": iso(when), "feedbackId": "0100017c",
        "bouncedRecipients": [{"emailAddress": recipient, "action": "failed", "status": "5.1.1",
                               "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]})  # fmt: skip


def _brevo(name, **more):
    def event(message_id, recipient, when, note, number):
        custom = {"X-Mailin-custom": json.dumps({"support": note})} if note else {}
        return {
            "event": name, "email": recipient, "id": 90000 + number, "message-id": message_id,
            "date": "2020-10-09 00:00:00", "ts": seconds(when), "ts_event": seconds(when),
            "ts_epoch": seconds(when) * 1000, "subject": "My first Transactional", "sending_ip": "185.41.28.109",
            "tags": [], **custom, **more,
        }  # fmt: skip

    return event


def _mailjet(name, **more):
    def event(message_id, recipient, when, note, number):
        return {
            "event": name, "time": seconds(when), "MessageID": int(message_id), "Message_GUID": "1ab23cd4-e567-8901",
            "email": recipient, "mj_campaign_id": 7276, "mj_contact_id": 4, "customcampaign": "", "CustomID": "",
            "Payload": json.dumps({"support": note}) if note else "", **more,
        }  # fmt: skip

    return event


def _resend(name, **more):
    def event(message_id, recipient, when, note, number):
        headers = [{"name": "X-Metadata", "value": json.dumps({"support": note})}] if note else []
        return {
            "type": f"email.{name}", "created_at": iso(when),
            "data": {"created_at": iso(when), "email_id": message_id, "from": "Acme <a@b.example>",
                     "to": [recipient], "subject": "Sending this example", "headers": headers, **more},
        }  # fmt: skip

    return event


def _mailersend(name, **morph):
    def event(message_id, recipient, when, note, number):
        return {
            "type": f"activity.{name}", "domain_id": "7z3m5jgrogdpyo6n", "created_at": iso(when),
            "webhook_id": "2351ndgwr4zqx8ko", "url": "https://example.com/webhook",
            "data": {"object": "activity", "id": f"62f114f8165fe0d8db02{number:04d}", "type": name,
                     "created_at": iso(when), "morph": morph or None,
                     "email": {"object": "email", "id": "62f114f7165fe0d8db0288e5", "status": "delivered", "tags": None,
                               "message": {"object": "message", "id": message_id},
                               "recipient": {"object": "recipient", "email": recipient}}},
        }  # fmt: skip

    return event


def _sparkpost(name, **more):
    def event(message_id, recipient, when, note, number):
        return [{"msys": {"message_event": {
            "type": name, "event_id": f"{92356927693813856 + number}", "message_id": "000443ee14578172be22",
            "transmission_id": message_id, "rcpt_to": recipient, "raw_rcpt_to": recipient,
            "rcpt_meta": {"support": note} if note else {}, "timestamp": str(seconds(when)), **more}}}]  # fmt: skip

    return event


def _mandrill_event(name, **more):
    def event(message_id, recipient, when, note, number):
        return {
            "event": name, "_id": message_id, "ts": seconds(when),
            "msg": {"ts": seconds(when), "_id": message_id, "email": recipient, "sender": "a@b.example", "tags": [],
                    "metadata": {"support": note} if note else {}, "state": "sent", **more},
        }  # fmt: skip

    return event


def _mailtrap(name, **more):
    def event(message_id, recipient, when, note, number):
        return {"events": [{
            "event": name, "message_id": message_id, "sending_stream": "transactional", "email": recipient,
            "timestamp": seconds(when), "event_id": f"bede7236-2284-43d6-a953-{number:012d}",
            "custom_variables": {"support": note} if note else {}, **more}]}  # fmt: skip

    return event


def _unisender_event(name, **more):
    def event(message_id, recipient, when, note, number):
        return {
            "job_id": "1ctL6K-0006u2-4D", "email": recipient, "status": name,
            "event_time": when.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "metadata": {"anymail_id": message_id, **({"support": note} if note else {})}, **more,
        }  # fmt: skip

    return event


EVENTS = {
    "postmark": {
        "delivered": _postmark("Delivery", Details="smtp;250 2.0.0 OK"),
        "bounced": _hard_postmark(),
        "soft_bounced": _postmark("Bounce", Type="SoftBounce", TypeCode=4096, Description="Mailbox full", Details="smtp;452"),
        "deferred": _postmark("Bounce", Type="Transient", TypeCode=2, Description="Message delayed", Details="smtp;421"),
        "complained": _postmark("SpamComplaint", Type="SpamComplaint", TypeCode=512, Description="The subscriber explicitly marked this message as spam."),
        "opened": _postmark("Open", FirstOpen=True, UserAgent="Mozilla/5.0", Geo={"IP": "188.2.95.4", "City": "Novi Sad"}),
    },
    "mailgun": {
        "delivered": _mailgun_event("delivered", **{"delivery-status": {"code": 250, "message": "OK", "description": ""}}),
        "bounced": _mailgun_event("failed", severity="permanent", reason="bounce", **{"delivery-status": {"code": 550, "message": "5.1.1 no such user", "description": ""}}),
        "soft_bounced": _mailgun_event("failed", severity="permanent", reason="old", **{"delivery-status": {"code": 602, "message": "Too old", "description": ""}}),
        "deferred": _mailgun_event("failed", severity="temporary", reason="generic", **{"delivery-status": {"code": 452, "message": "4.2.2 mailbox full", "description": None}}),
        "complained": _mailgun_event("complained"),
        "opened": _mailgun_event("opened", ip="50.56.129.169", geolocation={"city": "San Francisco"}, **{"client-info": {"user-agent": "Mozilla/5.0"}}),
        "unsubscribed": _mailgun_event("unsubscribed"),
    },
    "amazon_ses": {
        "sent": _ses("Send", send=lambda recipient, when: {}),
        "delivered": _ses("Delivery", delivery=lambda recipient, when: {"timestamp": iso(when), "recipients": [recipient], "smtpResponse": "250 ok"}),
        "bounced": _ses_bounce("Permanent", "General"),
        "soft_bounced": _ses_bounce("Transient", "MailboxFull"),
        "deferred": _ses("DeliveryDelay", deliveryDelay=lambda recipient, when: {"delayType": "MailboxFull", "delayedRecipients": [{"emailAddress": recipient}]}),
        "complained": _ses("Complaint", complaint=lambda recipient, when: {"complaintFeedbackType": "abuse", "complainedRecipients": [{"emailAddress": recipient}]}),
    },
    "brevo": {
        "delivered": _brevo("delivered"),
        "bounced": _brevo("hard_bounce", reason="550 5.1.1 user unknown"),
        "soft_bounced": _brevo("soft_bounce", reason="452 mailbox full"),
        "deferred": _brevo("deferred", reason="spam"),
        "complained": _brevo("spam"),
        "unsubscribed": _brevo("unsubscribe"),
    },
    "mailjet": {
        "delivered": _mailjet("sent", smtp_reply="sent (250 2.0.0 OK 1433333948 fa5si855896wjc.199 - gsmtp)"),
        "bounced": _mailjet("bounce", blocked=False, hard_bounce=True, error_related_to="recipient", error="user unknown", comment="Host or domain name not found"),
        "soft_bounced": _mailjet("bounce", blocked=False, hard_bounce=False, error_related_to="recipient", error="quota exceeded", comment=""),
        "complained": _mailjet("spam", source="JMRPP"),
        "unsubscribed": _mailjet("unsub", mj_list_id=1, ip="127.0.0.1", geo="FR", agent="Mozilla/5.0"),
    },
    "resend": {
        "sent": _resend("sent"),
        "delivered": _resend("delivered"),
        "deferred": _resend("delivery_delayed"),
        "bounced": _resend("bounced", bounce={"message": "The recipient's email provider sent a hard bounce message.", "subType": "General", "type": "Permanent"}),
        "soft_bounced": _resend("bounced", bounce={"message": "The recipient's email provider sent a bounce message because the recipient's inbox was full.", "subType": "MailboxFull", "type": "Transient"}),
        "complained": _resend("complained"),
    },
    "mailersend": {
        "sent": _mailersend("sent"),
        "delivered": _mailersend("delivered"),
        "bounced": _mailersend("hard_bounced", object="recipient_bounce", reason="550 5.1.1 no such user"),
        "soft_bounced": _mailersend("soft_bounced", object="recipient_bounce", reason="452 mailbox full"),
        "complained": _mailersend("spam_complaint", object="spam_complaint", reason=None),
    },
    "sparkpost": {
        "delivered": _sparkpost("delivery"),
        "bounced": _sparkpost("bounce", bounce_class="10", raw_reason="550 5.1.1 no such user"),
        "soft_bounced": _sparkpost("bounce", bounce_class="22", raw_reason="452 mailbox full"),
        "deferred": _sparkpost("delay", bounce_class="20", raw_reason="421 try later"),
        "complained": _sparkpost("spam_complaint"),
    },
    "mandrill": {
        "sent": _mandrill_event("send"),
        "bounced": _mandrill_event("hard_bounce", bounce_description="bad_mailbox", diag="550 5.1.1 no such user"),
        "soft_bounced": _mandrill_event("soft_bounce", bounce_description="mailbox_full", diag="452 full"),
        "deferred": _mandrill_event("deferral"),
        "complained": _mandrill_event("spam"),
    },
    "mailtrap": {
        "delivered": _mailtrap("delivery"),
        "bounced": _mailtrap("bounce", response="550 5.1.1 no such user", response_code=550, bounce_category="badmailbox"),
        "deferred": _mailtrap("soft bounce", response="452", response_code=452),
        "complained": _mailtrap("spam"),
    },
    "unisender_go": {
        "sent": _unisender_event("sent"),
        "delivered": _unisender_event("delivered", delivery_info={"delivery_status": "ok_delivered"}),
        "bounced": _unisender_event("hard_bounced", delivery_info={"delivery_status": "err_user_unknown", "destination_response": "550 no such user"}),
        "deferred": _unisender_event("soft_bounced", delivery_info={"delivery_status": "err_mailbox_full"}),
        "complained": _unisender_event("spam"),
    },
}  # fmt: skip
