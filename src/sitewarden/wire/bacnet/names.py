"""The words of BACnet for its numbers: object types, properties, units, states and errors (clause 21). Pure."""

from __future__ import annotations

from typing import Final

from sitewarden.wire.bacnet.tags import INSTANCES, object_of

OBJECTS: Final = {
    0: "analog-input", 1: "analog-output", 2: "analog-value", 3: "binary-input", 4: "binary-output", 5: "binary-value",
    6: "calendar", 7: "command", 8: "device", 9: "event-enrollment", 10: "file", 11: "group", 12: "loop",
    13: "multi-state-input", 14: "multi-state-output", 15: "notification-class", 16: "program", 17: "schedule",
    18: "averaging", 19: "multi-state-value", 20: "trend-log", 21: "life-safety-point", 22: "life-safety-zone",
    23: "accumulator", 24: "pulse-converter", 25: "event-log", 26: "global-group", 27: "trend-log-multiple",
    28: "load-control", 29: "structured-view", 30: "access-door", 31: "timer", 32: "access-credential", 33: "access-point",
    34: "access-rights", 35: "access-user", 36: "access-zone", 37: "credential-data-input", 39: "bitstring-value",
    40: "characterstring-value", 41: "datepattern-value", 42: "date-value", 43: "datetimepattern-value", 44: "datetime-value",
    45: "integer-value", 46: "large-analog-value", 47: "octetstring-value", 48: "positive-integer-value",
    49: "timepattern-value", 50: "time-value", 51: "notification-forwarder", 52: "alert-enrollment", 53: "channel",
    54: "lighting-output", 55: "binary-lighting-output", 56: "network-port", 57: "elevator-group", 58: "escalator", 59: "lift",
}  # fmt: skip
KINDS: Final = {name: number for number, name in OBJECTS.items()}

PROPERTIES: Final = {
    4: "active-text", 11: "apdu-timeout", 12: "application-software-version", 22: "cov-increment", 28: "description",
    30: "device-address-binding", 36: "event-state", 44: "firmware-revision", 45: "high-limit",
    46: "inactive-text", 57: "local-time", 56: "local-date", 58: "location", 59: "low-limit", 62: "max-apdu-length-accepted",
    65: "max-pres-value", 69: "min-pres-value", 70: "model-name", 73: "number-of-apdu-retries", 74: "number-of-states",
    75: "object-identifier", 76: "object-list", 77: "object-name", 79: "object-type", 81: "out-of-service", 84: "polarity",
    85: "present-value", 87: "priority-array", 96: "protocol-object-types-supported", 97: "protocol-services-supported",
    98: "protocol-version", 103: "reliability", 104: "relinquish-default", 107: "segmentation-supported", 108: "setpoint",
    110: "state-text", 111: "status-flags", 112: "system-status", 117: "units", 119: "utc-offset", 120: "vendor-identifier",
    121: "vendor-name", 139: "protocol-revision", 152: "active-cov-subscriptions", 155: "database-revision",
    167: "max-segments-accepted", 371: "property-list",
}  # fmt: skip
NUMBERS: Final = {name: number for number, name in PROPERTIES.items()}

UNITS: Final = {
    0: "m²", 2: "mA", 3: "A", 4: "Ω", 5: "V", 6: "kV", 7: "MV", 8: "VA", 9: "kVA", 10: "MVA", 11: "var", 12: "kvar", 13: "Mvar",
    15: "cos φ", 16: "J", 17: "kJ", 18: "Wh", 19: "kWh", 27: "Hz", 28: "g/kg", 29: "% RH", 30: "mm", 31: "m", 37: "lx",
    39: "kg", 41: "t", 42: "kg/s", 43: "kg/min", 44: "kg/h", 47: "W", 48: "kW", 49: "MW", 53: "Pa", 54: "kPa", 55: "bar",
    56: "psi", 62: "°C", 63: "K", 64: "°F", 67: "yr", 68: "mo", 69: "wk", 70: "d", 71: "h", 72: "min", 73: "s", 74: "m/s",
    75: "km/h", 80: "m³", 82: "l", 84: "ft³/min", 85: "m³/s", 87: "l/s", 88: "l/min", 89: "gal/min", 90: "°", 96: "ppm",
    97: "ppb", 98: "%", 100: "1/min", 104: "1/min", 118: "cm", 122: "kΩ", 124: "mV", 125: "kJ/kg", 126: "MJ",
    130: "MHz", 132: "mW", 133: "hPa", 134: "mbar", 135: "m³/h", 136: "l/h", 137: "kWh/m²", 145: "mΩ", 146: "MWh", 159: "ms",
    186: "kg/m³", 199: "dB",
}  # fmt: skip
"""Engineering units as a person writes them; 95 is none. What is not here is shown without one."""

RELIABILITY: Final = {
    0: "no fault detected", 1: "no sensor", 2: "over range", 3: "under range", 4: "open loop", 5: "shorted loop", 6: "no output",
    7: "unreliable", 8: "process error", 9: "multi-state fault", 10: "configuration error", 12: "communication failure",
    13: "member fault", 14: "monitored object fault", 15: "tripped", 16: "lamp failure", 17: "activation failure",
    22: "proprietary command failure",
}  # fmt: skip

ERRORS: Final = {
    0: "another reason", 2: "it is being configured", 3: "the device is busy", 4: "objects cannot be made",
    7: "parameters do not agree", 9: "the value has the wrong type", 13: "a parameter has the wrong type",
    16: "a parameter is missing", 18: "there is no room for an object", 19: "there is no room in the list",
    20: "there is no room for the value", 22: "the property is no list", 25: "the device has an operational problem",
    26: "the password is wrong", 27: "reading is not allowed", 29: "the service is refused", 30: "it took too long",
    31: "there is no such object", 32: "the object has no such property", 36: "the type of object is not supported",
    37: "the value is out of its range", 40: "writing is not allowed", 41: "the character set is not supported",
    42: "the index is out of its range", 43: "the object does not tell its changes",
    44: "changes of the property are not told", 45: "it is an option that is missing", 46: "its configuration is wrong",
    47: "the type of data is not supported", 50: "the property is no array",
}  # fmt: skip

REJECTS: Final = {
    0: "another reason", 1: "a buffer overflows", 2: "parameters contradict one another", 3: "a parameter has the wrong type",
    4: "a tag is wrong", 5: "a parameter is missing", 6: "a parameter is out of its range", 7: "there are too many arguments",
    8: "an enumeration has no such value", 9: "it does not know the service",
}  # fmt: skip
ABORTS: Final = {
    0: "another reason", 1: "a buffer overflows", 2: "a message came out of turn", 3: "a task of higher priority goes before",
    4: "the answer needs segments, which one side does not take", 5: "security is missing", 6: "security failed",
    7: "the window is out of its range", 8: "the application gave up", 9: "it lacks the resources", 10: "a segment was late",
    11: "the answer would be too long",
}  # fmt: skip

UNKNOWN_OBJECT, UNKNOWN_PROPERTY, NOT_WRITABLE, OUT_OF_RANGE, BAD_TYPE = (1, 31), (2, 32), (2, 40), (2, 37), (2, 9)
"""Class and code of errors that are told by us."""
BAD_INDEX, NO_ARRAY, NOT_TOLD, NO_ROOM, REFUSED = (2, 42), (2, 50), (5, 43), (3, 18), (5, 29)


def error(code: int) -> str:
    """Return the sentence of an error's code."""
    return ERRORS.get(code) or f"error code {code}"


def kind_of(text: str) -> int:
    """Return the number of an object type by its word or its number; raise ValueError."""
    found = KINDS.get(text)
    if found is None:
        found = int(text) if text.isascii() and text.isdigit() else -1
        if not 0 <= found <= 1023:
            raise ValueError(f'"{text}" is no type of object; such are analog-input, binary-value and multi-state-output')
    return found


def object_from(text: str) -> int:
    """Return the object of "analog-input,3"; raise ValueError."""
    kind, comma, instance = text.strip().lower().replace(":", ",").partition(",")
    if not comma or not instance.isascii() or not instance.isdigit() or int(instance) >= INSTANCES:
        raise ValueError(f'"{text}" is no object; write its type and instance, such as "analog-input,3"')
    return object_of(kind_of(kind.strip()), int(instance))


def object_text(number: int) -> str:
    """Return "analog-input,3"."""
    return f"{OBJECTS.get(number >> 22, number >> 22)},{number & INSTANCES}"


def property_of(text: str) -> int:
    """Return the number of a property by its word or its number; raise ValueError."""
    word = text.strip().lower()
    found = NUMBERS.get(word)
    if found is None:
        found = int(word) if word.isascii() and word.isdigit() else -1
        if not 0 <= found <= INSTANCES:
            raise ValueError(f'"{text}" is no property known here; write its number')
    return found


def property_text(number: int) -> str:
    """Return "present-value"."""
    return PROPERTIES.get(number, str(number))
