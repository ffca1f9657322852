"""What beat has the workers do, how often (seconds), and how long a task that waits is still wanted."""

from __future__ import annotations

from typing import Any

CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "deliver-outbox": {"task": "outbox.deliver_due", "schedule": 2.0, "options": {"expires": 10}},
    "expire-holds": {"task": "orders.expire_holds", "schedule": 10.0, "options": {"expires": 10}},
    "reassign-overdue": {"task": "orders.reassign_overdue", "schedule": 30.0, "options": {"expires": 30}},
    "remind-silent": {"task": "orders.remind_silent", "schedule": 30.0, "options": {"expires": 30}},
    "lapse-consents": {"task": "orders.lapse_consents", "schedule": 60.0, "options": {"expires": 60}},
    "reconcile-payments": {"task": "payments.reconcile", "schedule": 15.0, "options": {"expires": 15}},
    "submit-refunds": {"task": "payments.submit_refunds", "schedule": 3.0, "options": {"expires": 10}},
    "send-reminders": {"task": "dealers.send_reminders", "schedule": 60.0, "options": {"expires": 60}},
    "offer-waiting": {"task": "dealers.offer_waiting", "schedule": 30.0, "options": {"expires": 30}},
    "alert-managers": {"task": "dealers.alert_managers", "schedule": 60.0, "options": {"expires": 60}},
    "drop-ended-secrets": {"task": "dealers.drop_ended_secrets", "schedule": 600.0, "options": {"expires": 600}},
    "sweep-changes": {"task": "dealers.sweep_changes", "schedule": 3600.0, "options": {"expires": 600}},
    "tell-interested": {"task": "orders.tell_interested", "schedule": 60.0, "options": {"expires": 60}},
    "expire-vouchers": {"task": "orders.expire_vouchers", "schedule": 15.0, "options": {"expires": 15}},
    "refund-vouchers": {"task": "payments.refund_run_out", "schedule": 60.0, "options": {"expires": 60}},
    "remind-of-vouchers": {"task": "orders.remind_of_vouchers", "schedule": 600.0, "options": {"expires": 600}},
    "expire-quotes": {"task": "orders.expire_quotes", "schedule": 120.0, "options": {"expires": 120}},
    "expire-trade-ins": {"task": "orders.expire_trade_ins", "schedule": 600.0, "options": {"expires": 600}},
    "check-saved-searches": {"task": "catalog.check_saved_searches", "schedule": 60.0, "options": {"expires": 60}},
    "publish-trims": {"task": "catalog.publish_due", "schedule": 5.0, "options": {"expires": 10}},
    "run-vehicle-imports": {"task": "catalog.run_vehicle_imports", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-touches": {"task": "catalog.sweep_touches", "schedule": 600.0, "options": {"expires": 600}},
    "tend-gates": {"task": "orders.tend_gates", "schedule": 2.0, "options": {"expires": 5}},
    "flush-funnel": {"task": "orders.flush_funnel", "schedule": 300.0, "options": {"expires": 300}},
    "call-next": {"task": "waiting.call_next", "schedule": 1.0, "options": {"expires": 5}},
    "sweep-photos": {"task": "catalog.sweep_photos", "schedule": 86_400.0, "options": {"expires": 3600}},
}
