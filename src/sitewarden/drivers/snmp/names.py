"""Names of objects that machines on a site have: system, interfaces, UPS, sensors, printers. Pure.

From SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863), HOST-RESOURCES-MIB (RFC 2790), UPS-MIB (RFC 1628), ENTITY-SENSOR-MIB (RFC 3433) and
SNMP-FRAMEWORK-MIB (RFC 3411). An object of another module is given by its number, which always works.
"""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import Final

from sitewarden.wire.snmp import ber

_TREES: Final[dict[str, dict[str, str]]] = {
    "SNMPv2-MIB": {
        "1.3.6.1.2.1.1": "sysDescr sysObjectID sysUpTime sysContact sysName sysLocation sysServices sysORLastChange",
        "1.3.6.1.6.3.1.1.5": "coldStart warmStart linkDown linkUp authenticationFailure egpNeighborLoss",
    },
    "IF-MIB": {
        "1.3.6.1.2.1.2": "ifNumber",
        "1.3.6.1.2.1.2.2.1": "ifIndex ifDescr ifType ifMtu ifSpeed ifPhysAddress ifAdminStatus ifOperStatus ifLastChange"
        " ifInOctets ifInUcastPkts ifInNUcastPkts ifInDiscards ifInErrors ifInUnknownProtos ifOutOctets ifOutUcastPkts"
        " ifOutNUcastPkts ifOutDiscards ifOutErrors ifOutQLen",
        "1.3.6.1.2.1.31.1.1.1": "ifName ifInMulticastPkts ifInBroadcastPkts ifOutMulticastPkts ifOutBroadcastPkts ifHCInOctets"
        " ifHCInUcastPkts ifHCInMulticastPkts ifHCInBroadcastPkts ifHCOutOctets ifHCOutUcastPkts ifHCOutMulticastPkts"
        " ifHCOutBroadcastPkts ifLinkUpDownTrapEnable ifHighSpeed ifPromiscuousMode ifConnectorPresent ifAlias",
    },
    "HOST-RESOURCES-MIB": {
        "1.3.6.1.2.1.25.1": "hrSystemUptime hrSystemDate hrSystemInitialLoadDevice hrSystemInitialLoadParameters"
        " hrSystemNumUsers hrSystemProcesses hrSystemMaxProcesses",
        "1.3.6.1.2.1.25.2": "- hrMemorySize",
        "1.3.6.1.2.1.25.2.3.1": "hrStorageIndex hrStorageType hrStorageDescr hrStorageAllocationUnits hrStorageSize"
        " hrStorageUsed",
        "1.3.6.1.2.1.25.3.3.1": "hrProcessorFrwID hrProcessorLoad",
    },
    "UPS-MIB": {
        "1.3.6.1.2.1.33.1.1": "upsIdentManufacturer upsIdentModel upsIdentUPSSoftwareVersion upsIdentAgentSoftwareVersion"
        " upsIdentName upsIdentAttachedDevices",
        "1.3.6.1.2.1.33.1.2": "upsBatteryStatus upsSecondsOnBattery upsEstimatedMinutesRemaining upsEstimatedChargeRemaining"
        " upsBatteryVoltage upsBatteryCurrent upsBatteryTemperature",
        "1.3.6.1.2.1.33.1.3": "upsInputLineBads upsInputNumLines",
        "1.3.6.1.2.1.33.1.3.3.1": "upsInputLineIndex upsInputFrequency upsInputVoltage upsInputCurrent upsInputTruePower",
        "1.3.6.1.2.1.33.1.4": "upsOutputSource upsOutputFrequency upsOutputNumLines",
        "1.3.6.1.2.1.33.1.4.4.1": "upsOutputLineIndex upsOutputVoltage upsOutputCurrent upsOutputPower upsOutputPercentLoad",
        "1.3.6.1.2.1.33.1.6": "upsAlarmsPresent",
        "1.3.6.1.2.1.33.1.8": "upsShutdownType upsShutdownAfterDelay upsStartupAfterDelay upsRebootWithDuration upsAutoRestart",
        "1.3.6.1.2.1.33.1.9": "upsConfigInputVoltage upsConfigInputFreq upsConfigOutputVoltage upsConfigOutputFreq"
        " upsConfigOutputVA upsConfigOutputPower upsConfigLowBattTime upsConfigAudibleStatus",
        "1.3.6.1.2.1.33.2": "upsTrapOnBattery upsTrapTestCompleted upsTrapAlarmEntryAdded upsTrapAlarmEntryRemoved",
    },
    "ENTITY-SENSOR-MIB": {
        "1.3.6.1.2.1.99.1.1.1": "entPhySensorType entPhySensorScale entPhySensorPrecision entPhySensorValue"
        " entPhySensorOperStatus entPhySensorUnitsDisplay entPhySensorValueTimeStamp entPhySensorValueUpdateRate",
    },
    "SNMP-FRAMEWORK-MIB": {
        "1.3.6.1.6.3.10.2.1": "snmpEngineID snmpEngineBoots snmpEngineTime snmpEngineMaxMessageSize",
    },
}
"""Module, then the node above, then the names of its children from 1 on; "-" leaves a number out."""


def _flat() -> dict[str, tuple[str, str]]:
    return {
        name: (module, f"{parent}.{number}")
        for module, trees in _TREES.items()
        for parent, names in trees.items()
        for number, name in enumerate(names.split(), 1)
        if name != "-"
    }


NAMES: Final = _flat()
"""Name to module and number."""
_BY_NUMBER: Final = {number: f"{module}::{name}" for name, (module, number) in NAMES.items()}


@lru_cache(maxsize=65536)
def resolve(text: str) -> bytes:
    """Return the content of an object identifier given by number or by name; raise WireError with what to do."""
    if text[:1].isdigit() or text[:1] == ".":
        return ber.oid(text)
    module, _, rest = text.rpartition("::")
    name, _, instance = rest.partition(".")
    known = NAMES.get(name)
    if known is None or module not in ("", known[0]):
        near = difflib.get_close_matches(name, NAMES, 1)
        remedy = f'did you mean "{near[0]}"?' if near else "give its number, such as 1.3.6.1.2.1.1.3.0"
        raise ber.WireError(f'"{text[:80]}" is no name that is known here; {remedy}')
    return ber.oid(f"{known[1]}.{instance}" if instance else known[1])


def named(number: str) -> str:
    """Return "UPS-MIB::upsBatteryVoltage.0" for a number below one of the names, and the number itself for any other."""
    head, rest = number, ""
    while head:
        if (found := _BY_NUMBER.get(head)) is not None:
            return found + rest
        head, _, last = head.rpartition(".")
        rest = f".{last}{rest}"
    return number


def trap_named(number: str) -> str:
    """Return a notification's name. A zero stands before the last number where it came as a trap of version 1 (RFC 3584, 3.1)."""
    found = named(number)
    head, _, last = number.rpartition(".")
    if found != number or not head.endswith(".0"):
        return found
    other = named(shorter := f"{head.removesuffix('.0')}.{last}")
    return number if other == shorter else other
