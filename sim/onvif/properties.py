"""Properties, relays, inputs and pull points of the simulated camera. No I/O."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sitewarden.drivers.onvif.mapping import show_moment
from sitewarden.drivers.onvif.wire import PREFIXES
from sitewarden.wire.soap import SoapFault, envelope, fault
from sitewarden.wire.soap import element as el
from sitewarden.wire.xmltree import Element

QUEUE: Final = 100
"""Messages that wait in a subscription; the oldest goes first."""


@dataclass
class Subscription:
    """A pull point."""

    id: str
    ends: float
    messages: deque[str] = field(default_factory=lambda: deque(maxlen=QUEUE))


class Properties:
    """What can change by itself, and who is told. Methods named as requests are their answers."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.wake: Callable[[], None] = lambda: None
        """Called when there is something for who waits at a pull point."""
        self.relays = {"relay-1": False, "relay-2": False}
        self.inputs = {"input-1": False}
        self.motion = False
        self.tampered = False
        self.tells_states = True
        """False tells nothing of the present to who subscribes, unless it is asked for; some cameras do so."""
        self.subscriptions: dict[str, Subscription] = {}

    def set_motion(self, active: bool) -> None:
        """Begin or end motion."""
        self.motion = active
        self._tell(self._motion("Changed"))

    def set_input(self, token: str, active: bool) -> None:
        """Close or open a digital input."""
        self.inputs[token] = active
        self._tell(self._input(token, "Changed"))

    def set_tampered(self, active: bool) -> None:
        """Cover or uncover the lens."""
        self.tampered = active
        self._tell(self._scene("Changed"))

    def set_relay(self, token: str, active: bool) -> None:
        """Switch a relay."""
        self.relays[token] = active
        self._tell(self._relay(token, "Changed"))

    def forget_subscriptions(self) -> None:
        """Drop every pull point, as a camera does that has no more room, or that was restarted."""
        self.subscriptions.clear()
        self.wake()

    def _tell(self, message: str) -> None:
        for subscription in self.subscriptions.values():
            subscription.messages.append(message)
        self.wake()

    def _message(self, topic: str, operation: str, source: tuple[str, str], data: tuple[str, object]) -> str:
        def item(name: str, value: object) -> str:
            return el("tt:SimpleItem", attributes={"Name": name, "Value": value})

        inside = el(
            "tt:Message",
            el("tt:Source", item(*source)),
            el("tt:Data", item(*data)),
            attributes={"UtcTime": show_moment(self._now()), "PropertyOperation": operation},
        )
        dialect = {"Dialect": "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"}
        return el("wsnt:NotificationMessage", el("wsnt:Topic", text=topic, attributes=dialect), el("wsnt:Message", inside))

    def _motion(self, operation: str) -> str:
        data = ("IsMotion", str(self.motion).lower())
        return self._message(
            "tns1:RuleEngine/CellMotionDetector/Motion", operation, ("VideoSourceConfigurationToken", "source"), data
        )

    def _input(self, token: str, operation: str) -> str:
        data = ("LogicalState", str(self.inputs[token]).lower())
        return self._message("tns1:Device/Trigger/DigitalInput", operation, ("InputToken", token), data)

    def _relay(self, token: str, operation: str) -> str:
        data = ("LogicalState", "active" if self.relays[token] else "inactive")
        return self._message("tns1:Device/Trigger/Relay", operation, ("RelayToken", token), data)

    def _scene(self, operation: str) -> str:
        data = ("State", str(self.tampered).lower())
        return self._message("tns1:VideoSource/GlobalSceneChange/ImagingService", operation, ("Source", "source"), data)

    # -- answering ---

    def device_GetRelayOutputs(self, asked: Element, host: str) -> str:
        inside = el("tt:Mode", text="Bistable") + el("tt:DelayTime", text="PT0S") + el("tt:IdleState", text="open")
        return "".join(el("tds:RelayOutputs", el("tt:Properties", inside), attributes={"token": token}) for token in self.relays)

    def device_SetRelayOutputState(self, asked: Element, host: str) -> str:
        token = asked.said("RelayOutputToken")
        if token not in self.relays:
            raise SoapFault(("Sender", "InvalidArgVal", "RelayToken"), "Unknown relay token reference")
        self.set_relay(token, asked.said("LogicalState") == "active")
        return ""

    def deviceio_GetDigitalInputs(self, asked: Element, host: str) -> str:
        return "".join(el("tmd:DigitalInputs", attributes={"token": token, "IdleState": "open"}) for token in self.inputs)

    def events_CreatePullPointSubscription(self, asked: Element, host: str) -> str:
        made = Subscription(secrets.token_hex(4), time.monotonic() + 60)
        if self.tells_states:
            made.messages.extend(self._states())
        self.subscriptions[made.id] = made
        reference = el("tev:SubscriptionReference", el("wsa:Address", text=f"http://{host}/onvif/pull/{made.id}"))
        return reference + self._terms("wsnt")

    def _states(self) -> list[str]:
        inputs = [self._input(token, "Initialized") for token in self.inputs]
        relays = [self._relay(token, "Initialized") for token in self.relays]
        return [self._motion("Initialized"), self._scene("Initialized"), *inputs, *relays]

    def _terms(self, prefix: str) -> str:
        ends = show_moment(self._now() + 60_000_000)
        return el(f"{prefix}:CurrentTime", text=show_moment(self._now())) + el(f"{prefix}:TerminationTime", text=ends)

    def pull(self, id_: str, content: Element) -> tuple[int, bytes, Subscription | None]:
        subscription = self.subscriptions.get(id_)
        if subscription is None or subscription.ends < time.monotonic():
            raise SoapFault(("Sender", "InvalidArgVal"), "The subscription does not exist")
        if content.name == "PullMessages":
            return 200, b"", subscription
        if content.name == "Renew":
            subscription.ends = time.monotonic() + 60
            ends = el("wsnt:TerminationTime", text=show_moment(self._now() + 60_000_000))
            return 200, said("wsnt:RenewResponse", ends + el("wsnt:CurrentTime", text=show_moment(self._now()))), None
        if content.name == "SetSynchronizationPoint":
            subscription.messages.extend(self._states())
            return 200, said("tev:SetSynchronizationPointResponse", ""), None
        if content.name == "Unsubscribe":
            del self.subscriptions[id_]
            return 200, said("wsnt:UnsubscribeResponse", ""), None
        raise SoapFault(("Receiver", "ActionNotSupported"), f"{content.name} is not implemented")

    def pulled(self, subscription: Subscription) -> bytes:
        """Return the answer to a pull, with what waits."""
        if subscription.id not in self.subscriptions:
            return fault("Sender", ("ter:InvalidArgVal",), "The subscription does not exist", PREFIXES)
        messages = "".join(subscription.messages)
        subscription.messages.clear()
        return said("tev:PullMessagesResponse", self._terms("tev") + messages)


def said(name: str, inside: str) -> bytes:
    """Return an answer."""
    return envelope(el(name, inside), "", PREFIXES)
