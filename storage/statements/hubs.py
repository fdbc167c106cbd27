"""Agreements with hubs, and subscribers of our own."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select

from storage.rows import HUB_SUBSCRIPTION_COLUMNS, SUBSCRIPTION_COLUMNS
from storage.tables import hub_subscription, subscription

SUBSCRIPTIONS = select(*SUBSCRIPTION_COLUMNS).order_by(subscription.c.source, subscription.c.token)
SUBSCRIPTION = select(*SUBSCRIPTION_COLUMNS).where(subscription.c.token == bindparam("token"))
HUB_SUBSCRIPTIONS = select(*HUB_SUBSCRIPTION_COLUMNS).order_by(
    hub_subscription.c.callback, hub_subscription.c.topic
)
DROP_HUB_SUBSCRIPTION = delete(hub_subscription).where(
    hub_subscription.c.callback == bindparam("at"), hub_subscription.c.topic == bindparam("of")
)
DROP_SUBSCRIPTION = delete(subscription).where(subscription.c.token == bindparam("of"))
