"""Recording on command, locks, privacy mode, and what the disks hold."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.domain.video.model import Lock
from sitewarden.services.surface import recording

RECORDING: Final = [
    Route(
        "POST",
        "/cameras/{id}/record",
        "camera.record",
        recording.RecordNow,
        recording.RecordOrder,
        "recordNow",
        "cameras",
        "Record from now on for so long, whatever the mode and the schedule; 0 seconds take the order back",
        command=True,
    ),
    Route(
        "POST",
        "/cameras/{id}/privacy",
        "camera.privacy",
        recording.PrivacyMode,
        None,
        "setPrivacy",
        "cameras",
        "Switch the privacy mode: the camera is neither recorded nor shown. Needs a reason",
        status=204,
        command=True,
    ),
    Route(
        "POST",
        "/cameras/{id}/fill",
        "camera.fill",
        recording.FillGap,
        recording.Fills,
        "fillGap",
        "cameras",
        "Fill a gap from what the camera recorded itself (ONVIF profile G)",
        status=202,
        command=True,
    ),
    Route(
        "GET",
        "/recording-locks",
        "lock.list",
        recording.LockQuery,
        recording.Locks,
        "listLocks",
        "cameras",
        "Recordings that nothing deletes: which, why, by whom, until when",
    ),
    Route(
        "POST",
        "/cameras/{id}/locks",
        "lock.set",
        recording.LockSet,
        Lock,
        "lockRecordings",
        "cameras",
        "Hold recordings: neither age nor a full disk deletes them. Needs a reason",
        status=201,
        command=True,
    ),
    Route(
        "DELETE",
        "/cameras/{id}/locks/{lock}",
        "lock.release",
        recording.LockRef,
        None,
        "releaseRecordings",
        "cameras",
        "Release a lock. Needs a reason",
        status=204,
    ),
    Route(
        "GET",
        "/storage",
        "storage.get",
        recording.StorageQuery,
        recording.VideoStorage,
        "getStorage",
        "cameras",
        "What is kept of each camera, how full the disks are, and when they will be",
    ),
]
