"""On which volume each camera is recorded, as it is told: recording stops for want of a disk, goes on, or goes on elsewhere."""

from __future__ import annotations

from sitewarden.domain.refs import ref
from sitewarden.domain.video.wish import Why
from sitewarden.media.diary import Diary
from sitewarden.media.disk import Disk
from sitewarden.media.duty import Duty


class Whereabouts:
    """Of the cameras of one recorder. Each change is told once."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary
        self._stopped: set[str] = set()
        self._on: dict[str, str] = {}

    def forget(self, camera: str) -> None:
        """Forget a camera that is recorded no more."""
        self._on.pop(camera, None)
        self._stopped.discard(camera)

    def tell(self, duty: Duty, disk: Disk, why: Why | None, now: int) -> None:
        """Tell what changed for a camera that is on `disk` now; `why` nothing can be written, None where it can."""
        id_, before = duty.camera.id, self._on.get(duty.camera.id)
        type_, data = "", {"name": duty.camera.name}
        if duty.recording is None:
            self.forget(id_)
            return
        if why is not None:
            if id_ not in self._stopped:
                self._stopped.add(id_)
                type_ = "video.recording.stopped"
                data["detail"] = why[1]
        else:
            if id_ in self._stopped:
                self._stopped.remove(id_)
                type_ = "video.recording.resumed"
            elif before not in (None, disk.id):
                type_ = "video.recording.moved"
                data["volume"] = disk.id
            self._on[id_] = disk.id
        if type_:
            self._diary.tell(type_, ref("camera", id_), now, f"recording/{id_}/{now}", data)
