"""A point as an input: Normal, Active or Trouble, by thresholds or by what it says. Pure."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.quality import is_bad
from sitewarden.domain.points.samples import Value

State = Literal["normal", "active", "trouble"]
MOST: Final = 100


class PointInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a point is Active, and when in Trouble. What is said of a value goes before thresholds, Trouble before Active."""

    above: float | None = None
    """Active while the value is above this."""
    below: float | None = None
    """Active while the value is below this."""
    trouble_above: float | None = None
    trouble_below: float | None = None
    """Trouble while the value is beyond these, such as outside of what a sensor can say."""
    hysteresis: Annotated[float, Meta(ge=0.0)] = 0.0
    """How far the value has to come back over a threshold until its state ends."""
    states: Annotated[dict[str, State], Meta(max_length=MOST, description='Value to state: "on", "off", "3" or a text.')] = {}
    otherwise: State = "normal"
    """The state of a value that nothing else says anything of."""
    bad: State = "trouble"
    """The state while the quality is Bad."""
    delay: Annotated[float, Meta(ge=0.0, le=3600.0)] = 0.0
    """Seconds that a state has to last until it is told; going back to Normal is told at once."""


def check(given: PointInput, type_: str) -> None:
    """Raise Invalid for an input that could never say anything, or both of two at once."""
    numbers = [one for one in (given.above, given.below, given.trouble_above, given.trouble_below) if one is not None]
    if numbers and type_ not in ("number", "integer"):
        raise Invalid("Thresholds need a number.", where="input", remedy='Name its values in "states".')
    if not numbers and not given.states and given.otherwise == "normal" and given.bad == "normal":
        raise Invalid("It would always be normal.", where="input", remedy='Give "above", "below" or "states".')
    for low, high, name in ((given.below, given.above, "above"), (given.trouble_below, given.trouble_above, "trouble_above")):
        if low is not None and high is not None and low > high:
            raise Invalid("Every value would be beyond it.", where=f"input.{name}", remedy="Give one above the lower threshold.")


def state_of(given: PointInput, value: Value, quality: int, before: State) -> State:
    """Return the state of a value; `before` is the state that hysteresis holds."""
    if value is None or is_bad(quality):
        return given.bad
    said = given.states.get(word(value))
    if said is not None:
        return said
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        limits: tuple[tuple[State, float | None, float | None], ...] = (
            ("trouble", given.trouble_below, given.trouble_above),
            ("active", given.below, given.above),
        )
        for state, low, high in limits:
            held = given.hysteresis if before == state else 0.0
            if (high is not None and value > high - held) or (low is not None and value < low + held):
                return state
    return given.otherwise


def word(value: Value) -> str:
    """Return a value as `states` names it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


class Watch:
    """One input over time: what is told after its delay."""

    __slots__ = ("_given", "_since", "_waiting", "state")

    def __init__(self, given: PointInput) -> None:
        self._given = given
        self.state: State | None = None
        """What was told last; None before the first value."""
        self._waiting: State | None = None
        self._since = 0

    def take(self, value: Value, quality: int, now: int) -> bool:
        """Take a value; return whether a new state is to be told."""
        found = state_of(self._given, value, quality, self._waiting or self.state or "normal")
        if found == self.state:
            self._waiting = None
            return False
        if self._waiting != found:
            self._waiting, self._since = found, now
        return self.due(now)

    def due(self, now: int) -> bool:
        """Return whether what waits is to be told by now; it is then the state."""
        if self._waiting is None:
            return False
        if self._waiting != "normal" and now - self._since < self._given.delay * SECOND:
            return False
        self.state, self._waiting = self._waiting, None
        return True

    @property
    def waits(self) -> bool:
        """True while a state waits for its delay."""
        return self._waiting is not None
