"""Settings of an MQTT endpoint (a broker), a device (some of its topics, or a Sparkplug node or device) and a point's address."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config, SecretText
from sitewarden.wire.mqtt.topics import check_filter, check_topic, wild

Topic = Annotated[str, Meta(max_length=1000)]
Qos = Literal[0, 1, 2]
Payload = Annotated[str, Meta(max_length=4096)]
Level = Annotated[str, Meta(max_length=200, pattern=r"^[^/+#\x00]*$")]
"""One level of a topic: a name of Sparkplug."""


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One connection to a broker."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    """Address or name of the broker."""
    port: Annotated[int, Meta(ge=1, le=65535)]
    """8883 is usual with TLS, 1883 without; there is no default."""
    tls: bool = True
    """False speaks plainly: the password and all values can be read on the way."""
    ca: Annotated[str, Meta(max_length=65_536)] = ""
    """Certificates (PEM) of the authorities that the broker's certificate may come from; empty takes those of this computer."""
    server_name: Annotated[str, Meta(max_length=253)] = ""
    """Name in the broker's certificate, where it is another than `host`."""
    certificate: Annotated[str, Meta(max_length=65_536)] = ""
    """This client's certificate chain (PEM), for brokers that ask for one."""
    private_key: SecretText = ""
    """The key of `certificate` (PEM, without a password)."""
    username: Annotated[str, Meta(max_length=1024)] = ""
    password: SecretText = ""
    version: Literal["3.1.1", "5"] = "5"
    client_id: Annotated[str, Meta(max_length=200)] = ""
    """Empty: "sitewarden-" and the endpoint's id. Two clients of one identifier throw each other out."""
    keep_alive: Annotated[int, Meta(ge=5, le=3600)] = 30
    """Seconds of silence after which the broker is asked for a sign of life; without one in as many again it is given up."""
    timeout: Annotated[float, Meta(ge=1.0, le=60.0)] = 10.0
    """Seconds that the broker has to answer a request."""
    keep_session: Annotated[int, Meta(ge=0, le=604_800)] = 300
    """Seconds for which the broker keeps messages of QoS 1 and 2 while the connection is away; 0 begins anew each time."""
    qos: Qos = 1
    """QoS of subscriptions."""
    bad_after: Annotated[float, Meta(ge=1.0, le=86_400.0)] = 30.0
    """Seconds after its last message at which a lost point turns from Uncertain (last known value) to Bad."""
    will_topic: Topic = ""
    """Where this client's state is told, retained: `birth_payload` when it connected, `will_payload` when it is gone."""
    will_payload: Payload = "offline"
    birth_payload: Payload = "online"
    host_id: Level = ""
    """Name of this server as a Sparkplug host application: its state is told at spBv1.0/STATE/<host_id>, by the same will."""

    def __post_init__(self) -> None:
        if self.will_topic and self.host_id:
            raise ValueError("a connection has one will: set will_topic or host_id, not both")
        if self.will_topic:
            check_topic(self.will_topic)
        if self.password and not self.username and self.version == "3.1.1":
            raise ValueError("MQTT 3.1.1 takes no password without a username")
        if bool(self.certificate) != bool(self.private_key):
            raise ValueError("certificate and private_key go together")
        if not self.tls and (self.ca or self.certificate or self.server_name):
            raise ValueError("certificates need tls")

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this connection needs."""
        return (PortUse(row="mqtt", way="out", host=self.host, number=self.port),)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """Topics that belong together, or an edge node or device of Sparkplug B (`group` and `node`)."""

    base: Topic = ""
    """Stands for "~" at the beginning of its points' topics, so that devices of one kind differ in this alone."""
    availability_topic: Topic = ""
    """Where the device, or the broker in its stead (its last will), tells whether it is there."""
    available: Payload = "online"
    not_available: Payload = "offline"
    silent_after: Annotated[float, Meta(ge=0.0, le=604_800.0)] = 0.0
    """Seconds without any message after which the device counts as lost; 0 for never."""
    group: Level = ""
    node: Level = ""
    """Sparkplug's group and edge node; its points then name metrics."""
    device: Level = ""
    """Sparkplug's device; empty for the metrics of the node itself."""

    def __post_init__(self) -> None:
        if bool(self.group) != bool(self.node) or (self.device and not self.node):
            raise ValueError("Sparkplug needs group and node")
        if self.node and (self.base or self.availability_topic):
            raise ValueError("a node of Sparkplug tells itself whether it is there: leave base and availability_topic away")
        if self.base:
            check_topic(self.base)
        if self.availability_topic:
            check_topic(self.full(self.availability_topic))

    def full(self, topic: str) -> str:
        """Return a topic with its "~" replaced."""
        return self.base + topic[1:] if topic.startswith("~") and self.base else topic


class AddressConfig(Config, frozen=True, kw_only=True):
    """Where a point's value is: in the payload of a topic, or a metric of Sparkplug."""

    topic: Topic = ""
    """Topic, or filter with wildcards; "~" in front stands for the device's `base`."""
    pointer: Annotated[str, Meta(max_length=500)] = ""
    """JSON pointer (RFC 6901) to the value, "/sensors/0/temperature"; empty takes the whole payload as it is."""
    time_pointer: Annotated[str, Meta(max_length=500)] = ""
    """JSON pointer to the source time: ISO 8601, or seconds, milliseconds, microseconds since 1970. Empty: when it arrived."""
    retained: Literal["good", "uncertain", "ignore"] = "good"
    """What a retained message is worth: it says the last value, not when it was."""
    metric: Annotated[str, Meta(max_length=500)] = ""
    """Name of the metric, in Sparkplug."""
    write_topic: Topic = ""
    """Where a written value is published; "~" as in `topic`."""
    write_template: Payload = "{value}"
    """What is published: {value} the value as text, {json} as JSON, {ms} milliseconds since 1970 UTC."""
    write_true: Annotated[str, Meta(max_length=200)] = "true"
    write_false: Annotated[str, Meta(max_length=200)] = "false"
    """A Boolean in {value}."""
    write_qos: Literal[1, 2] = 1
    """The broker's acknowledgement is what confirms a write, so there is no 0."""
    write_retain: bool = False
    read_back: bool = False
    """After a write, wait for the point's next message and tell its value; without one in time the write counts as failed."""

    def __post_init__(self) -> None:
        if bool(self.topic) == bool(self.metric):
            raise ValueError("a point needs its topic, or in Sparkplug its metric, and not both")
        if self.metric and (self.pointer or self.time_pointer or self.write_topic):
            raise ValueError("a metric of Sparkplug has no pointers, and is written by its name")
        if self.topic:
            check_filter(self.topic)
        if self.write_topic:
            check_topic(self.write_topic)
        for pointer in (self.pointer, self.time_pointer):
            if pointer and not pointer.startswith("/"):
                raise ValueError('a JSON pointer begins with "/"')

    @property
    def several(self) -> bool:
        """True where several topics give the value."""
        return wild(self.topic)


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
