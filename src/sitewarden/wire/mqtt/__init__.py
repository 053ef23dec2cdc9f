"""MQTT 3.1.1 and 5.0: packets, properties, topics, and both sides of a session's acknowledgements. Sans-IO.

Sources: OASIS MQTT Version 3.1.1 and OASIS MQTT Version 5.0.
"""

from sitewarden.wire.mqtt.packets import (
    V4,
    V5,
    Ack,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Ping,
    Publish,
    Suback,
    Subscribe,
    Type,
    Unsubscribe,
    Will,
    WireError,
    reason_text,
    write,
)
from sitewarden.wire.mqtt.reader import Reader
from sitewarden.wire.mqtt.topics import check_filter, check_topic, matches

__all__ = [
    "V4",
    "V5",
    "Ack",
    "Connack",
    "Connect",
    "Disconnect",
    "Packet",
    "Ping",
    "Publish",
    "Reader",
    "Suback",
    "Subscribe",
    "Type",
    "Unsubscribe",
    "Will",
    "WireError",
    "check_filter",
    "check_topic",
    "matches",
    "reason_text",
    "write",
]
