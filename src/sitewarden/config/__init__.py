"""Settings of a node: `sitewarden.toml`, then SITEWARDEN_… of the environment, then flags. Reads and writes that one file."""

from sitewarden.config.file import SettingsFile
from sitewarden.config.loading import load, write_settings
from sitewarden.config.model import (
    AnnouncementSettings,
    Database,
    Limits,
    MulticastSettings,
    Processes,
    RtspOutSettings,
    Settings,
    TlsSettings,
)
from sitewarden.config.volumes import VolumeSettings

__all__ = [
    "AnnouncementSettings",
    "Database",
    "Limits",
    "MulticastSettings",
    "Processes",
    "RtspOutSettings",
    "Settings",
    "SettingsFile",
    "TlsSettings",
    "VolumeSettings",
    "load",
    "write_settings",
]
