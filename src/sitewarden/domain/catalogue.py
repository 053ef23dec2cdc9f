"""The event catalogue: every type that the product emits, its severity, and its one-line text in English.

Templates are filled from the event's data with `str.format_map`; a missing name stands as itself.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct


class EventType(Struct, frozen=True):
    """Severity (0 information, 1 notice, 2 warning, 3 alarm) and text of a type of event."""

    severity: int
    text: str


CATALOGUE: Final[dict[str, EventType]] = {
    "system.started": EventType(0, "{process} started"),
    "system.stopped": EventType(0, "{process} stopped"),
    "system.worker.lost": EventType(2, "Process {process} ended: {detail}"),
    "system.worker.back": EventType(1, "Process {process} is back"),
    "system.disk.full": EventType(3, "{path} takes no recordings: {detail}"),
    "system.disk.slow": EventType(3, "{path} is too slow: pictures are left out of the recordings"),
    "system.disk.slow-over": EventType(1, "{path} keeps up with the recordings again"),
    "system.disk.ok": EventType(1, "{path} takes recordings again"),
    "system.volume.gone": EventType(3, "The volume {volume} is gone: {detail}"),
    "system.volume.back": EventType(1, "The volume {volume} is back"),
    "system.volume.stays": EventType(2, "Old recordings cannot be moved from {volume} to {target}: {detail}"),
    "system.volume.moves": EventType(1, "Old recordings are moved from {volume} to {target} again"),
    "system.database.away": EventType(3, "The database does not answer; events are kept in a journal on this computer: {detail}"),
    "system.database.back": EventType(1, "The database answers again"),
    "system.event.repeated": EventType(0, "An event was sent again while the database was away; the first is kept"),
    "system.backup.done": EventType(0, "A backup was made to {destination}: {size}, {stored} of them new, in {seconds} s"),
    "system.backup.failed": EventType(3, "The backup to {destination} failed: {detail}"),
    "system.volume.undeleted": EventType(3, "{count} recordings past their time cannot be deleted from {volume}: {detail}"),
    "system.volume.deleted": EventType(1, "Recordings past their time are deleted from {volume} again"),
    "config.created": EventType(0, "{kind} {name} was created by {actor}"),
    "config.updated": EventType(0, "{kind} {name} was changed by {actor}"),
    "config.deleted": EventType(1, "{kind} {name} was deleted by {actor}"),
    "people.imported": EventType(1, "{actor} imported people: {added} added, {changed} changed, {credentials} credentials"),
    "points.imported": EventType(1, "{actor} imported machines: {added} added, {changed} changed, {points} points among them"),
    "session.opened": EventType(0, "{user} signed in from {remote}"),
    "session.refused": EventType(1, "Sign-in as {user} from {remote} was refused"),
    "session.locked-out": EventType(2, "Sign-in as {user} from {remote} is locked for {seconds} s"),
    "session.closed": EventType(0, "{user} signed out"),
    "endpoint.online": EventType(0, "{name} is connected"),
    "endpoint.offline": EventType(2, "{name} is not reachable: {detail}"),
    "endpoint.misconfigured": EventType(2, "{name} cannot work as configured: {detail}"),
    "remote-write.online": EventType(0, "{name} takes samples"),
    "remote-write.degraded": EventType(1, "Samples for {name} are late: {detail}"),
    "remote-write.offline": EventType(2, "{name} takes no samples: {detail}"),
    "remote-write.refused": EventType(2, "{name} refuses {count} samples for good: {detail}"),
    "device.online": EventType(0, "{name} answers"),
    "device.offline": EventType(2, "{name} does not answer: {detail}"),
    "device.notified": EventType(1, "{name} says {trap}: {detail}"),
    "point.active": EventType(2, "{name} is active: {value}"),
    "point.trouble": EventType(2, "{name} is in trouble: {value}"),
    "point.normal": EventType(1, "{name} is normal again: {value}"),
    "point.written": EventType(1, "{name} set from {old} to {new} by {actor}"),
    "camera.online": EventType(0, "{name} delivers video"),
    "camera.offline": EventType(2, "{name} delivers no video: {detail}"),
    "camera.misconfigured": EventType(2, "{name} cannot work as configured: {detail}"),
    "camera.loss": EventType(2, "{name} loses packets: {detail}"),
    "camera.loss-over": EventType(1, "{name} does not lose too many packets any more: {detail}"),
    "camera.jitter": EventType(1, "{name} delivers video unevenly: {detail}"),
    "camera.jitter-over": EventType(0, "{name} does not deliver video unevenly any more: {detail}"),
    "camera.frame-rate": EventType(2, "{name} delivers too few pictures: {detail}"),
    "camera.frame-rate-over": EventType(1, "{name} does not deliver too few pictures any more: {detail}"),
    "camera.bitrate": EventType(2, "{name} delivers far less video than usual: {detail}"),
    "camera.bitrate-over": EventType(1, "{name} does not deliver far less video than usual any more: {detail}"),
    "camera.clock": EventType(1, "The clock of {name} is wrong: {detail}"),
    "camera.clock-over": EventType(0, "The clock of {name} is not wrong any more: {detail}"),
    "camera.publish-refused": EventType(2, "An encoder at {remote} may not publish to {name}: {detail}"),
    "camera.motion": EventType(0, "{name} sees motion"),
    "camera.motion-ended": EventType(0, "{name} sees no motion any more"),
    "camera.tamper": EventType(3, "{name} is tampered with: {detail}"),
    "camera.tamper-cleared": EventType(1, "{name} is not tampered with any more: {detail}"),
    "camera.input": EventType(1, "Input {input} of {name} is {state}"),
    "camera.relay": EventType(1, "Relay {relay} of {name} is {state}"),
    "camera.moved": EventType(0, "{name} is moved by {actor}"),
    "camera.reacted": EventType(0, "{name} reacts to {event} at {at}"),
    "camera.not-reacted": EventType(2, "{name} does not react to {event} at {at}: {detail}"),
    "camera.taken-over": EventType(1, "{actor} takes {name} over from {holder}"),
    "camera.locked": EventType(1, "{name} is locked by {actor} until {until}"),
    "camera.unlocked": EventType(1, "{actor} gives {name} back"),
    "camera-control.online": EventType(0, "{name} answers over ONVIF"),
    "camera-control.offline": EventType(1, "{name} does not answer over ONVIF: {detail}"),
    "camera-control.misconfigured": EventType(2, "{name} cannot be asked over ONVIF as configured: {detail}"),
    "video.segment.sealed": EventType(0, "{name} recorded {seconds} s"),
    "video.recording.stopped": EventType(3, "Recording of {name} stopped: {detail}"),
    "video.recording.ordered": EventType(1, "{name} is recorded for {seconds} s by order of {actor}: {reason}"),
    "video.recording.order-ended": EventType(0, "{actor} took back the order to record {name}"),
    "video.gap.filled": EventType(1, "{seconds} s of {name} were filled from the camera's own recording"),
    "video.gap.not-filled": EventType(2, "A gap of {name} could not be filled from the camera: {detail}"),
    "video.gap.asked": EventType(1, "{actor} asks {name} for its own recording of {seconds} s: {reason}"),
    "video.lock.set": EventType(1, "Recordings of {name} are locked by {actor}: {reason}"),
    "video.lock.released": EventType(1, "Locked recordings of {name} are released by {actor}: {reason}"),
    "video.lock.expired": EventType(1, "A lock on recordings of {name} has run out: {reason}"),
    "video.privacy.on": EventType(1, "{name} is in privacy mode by {actor}: {reason}"),
    "video.privacy.off": EventType(1, "{name} is out of privacy mode by {actor}: {reason}"),
    "video.recording.moved": EventType(1, "Recording of {name} goes on on the volume {volume}"),
    "video.recording.resumed": EventType(1, "Recording of {name} goes on"),
    "controller.online": EventType(0, "Controller {name} is connected"),
    "controller.offline": EventType(2, "Controller {name} is not connected: {detail}"),
    "controller.pending": EventType(1, "An unknown controller asks to join: {name} from {remote}"),
    "controller.paired": EventType(1, "Controller {name} was paired"),
    "controller.refused": EventType(2, "Controller {name} was refused: {detail}"),
    "controller.log-gap": EventType(2, "Controller {name} lost {count} log records before they could be uploaded"),
    "controller.started": EventType(0, "Controller {name} started"),
    "controller.reset": EventType(1, "Controller {name} restarts: it was told to by {remote}"),
    "controller.network": EventType(1, "Controller {name} has new network settings: {after} instead of {before}"),
    "controller.network-undone": EventType(2, "Controller {name} keeps {before}: {after} was not confirmed"),
    "controller.revoked": EventType(1, "The pairing of controller {name} was revoked by {actor}"),
    "controller.joined": EventType(1, "Controller {name} was paired by {server} in direct mode"),
    "controller.renewed": EventType(0, "Controller {name} has a new certificate, good until {until}"),
    "controller.held": EventType(1, "Controller {name} is held in direct mode by {holder} from {remote} until {until}"),
    "controller.let-go": EventType(1, "{holder} let go of controller {name}: {detail}"),
    "controller.event": EventType(0, "Controller {name}: {detail}"),
    "controller.input-alarm": EventType(3, "Controller {name}: {detail}"),
    "controller.limits": EventType(2, "Controller {name} cannot keep {count} of the site's rules: {detail}"),
    "controller.reader-online": EventType(0, "Reader {reader} at {name} answers: {detail}"),
    "controller.reader-offline": EventType(2, "Reader {reader} at {name} does not work: {detail}"),
    "controller.reader-key": EventType(1, "Reader {reader} at {name} was installed: {detail}"),
    "controller.reader-tamper": EventType(3, "Reader {reader} at {name}: tamper contact {state}"),
    "controller.reader-power": EventType(2, "Reader {reader} at {name}: power {state}"),
    "controller.time": EventType(1, "Controller {name} set its clock by {seconds} s"),
    "access.granted": EventType(0, "{holder_name} may pass {access_point_name}"),
    "access.denied": EventType(1, "{holder_name} was refused at {access_point_name}: {explanation_text}"),
    "zone.armed": EventType(1, "{name} is armed by {actor}"),
    "zone.disarmed": EventType(1, "{name} is disarmed by {actor}"),
    "zone.fire": EventType(3, "Fire alarm: {name} releases its doors"),
    "zone.fire-over": EventType(1, "The fire alarm of {name} is over"),
    "zone.forgiven": EventType(1, "{holder_name} is forgiven in {name} by {actor}"),
    "zone.reset": EventType(1, "Where people are in {name} was forgotten by {actor}"),
    "muster.safe": EventType(1, "{name} was marked safe by {actor}"),
    "access.taken": EventType(0, "{holder_name} passed {access_point_name}"),
    "access.not-taken": EventType(0, "{holder_name} did not pass {access_point_name}"),
    "access.duress": EventType(3, "Duress at {access_point_name}"),
    "door.opened": EventType(0, "{name} opened"),
    "door.closed": EventType(0, "{name} closed"),
    "door.forced": EventType(3, "{name} was forced open"),
    "door.forced-cleared": EventType(1, "{name} is closed again after it was forced"),
    "door.pre-alarm": EventType(1, "{name} has been open for long"),
    "door.held": EventType(3, "{name} is held open"),
    "door.held-cleared": EventType(1, "{name} is no longer held open"),
    "door.mode": EventType(1, "{name} is now {mode}"),
    "door.locked": EventType(0, "{name} locked"),
    "door.unlocked": EventType(0, "{name} unlocked"),
    "door.tamper": EventType(3, "{name}: tamper contact {state}"),
    "door.exit-button": EventType(0, "{name}: exit button, {detail}"),
    "door.fault": EventType(2, "{name}: fault {state}"),
    "network.searched": EventType(0, "A search of the network by {actor} found {count} devices, {fresh} of them new"),
    "network.media-group-collision": EventType(
        3, "{other} ({address}) sends its live multicast to {group}, the group of this server: set multicast_group to {offer}"
    ),
    "network.media-group-collision-cleared": EventType(1, "{other} ({address}) does not send to {group} any more"),
    "node.found": EventType(0, "{name} ({role}) announces itself from {address}"),
    "node.lost": EventType(0, "{name} ({role}) at {address} announces itself no more: {detail}"),
    "node.online": EventType(1, "{name} is reachable"),
    "node.offline": EventType(2, "{name} is not reachable as registered: {detail}"),
    "network.port-changed": EventType(
        1, "{row} is tried on {new} by {actor}: it goes back to {old} unless it is kept within {seconds} s"
    ),
    "network.port-kept": EventType(1, "{row} is on {new} now instead of {old}; {actor} kept it"),
    "network.port-undone": EventType(2, "{row} is back on {old}, not {new}: {why}"),
    "door.command": EventType(1, "{name}: {command} by {actor}"),
    "door.first-person": EventType(0, "{name}: the first person is there, the scheduled unlock begins"),
    "area.command": EventType(2, "{name}: {command} by {actor}, {done} of {total} doors did it"),
    "site.command": EventType(2, "{name}: {command} by {actor}, {done} of {total} doors did it"),
    "controller.fire": EventType(3, "Controller {name}: the fire alarm input is {state}"),
}


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return key


def describe(type_: str, data: dict[str, Any]) -> str:
    """Return the English line of an event of `type_` with `data`; an unknown type stands as itself."""
    entry = CATALOGUE.get(type_)
    if entry is None:
        return type_
    try:
        return entry.text.format_map(data)
    except KeyError:
        return entry.text.format_map(_Lenient(data))


def severity(type_: str) -> int:
    """Return the severity of a type of event; 0 for an unknown one."""
    entry = CATALOGUE.get(type_)
    return entry.severity if entry else 0
