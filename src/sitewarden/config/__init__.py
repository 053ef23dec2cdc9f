"""Settings of a node: `sitewarden.toml`, then SITEWARDEN_… of the environment, then flags. Reads and writes that one file."""

from sitewarden.config.file import SettingsFile
from sitewarden.config.loading import load, write_settings
from sitewarden.config.model import (
    AnnouncementSettings,
    BackupSettings,
    Database,
    Limits,
    MulticastSettings,
    PicturesSettings,
    Processes,
    RetentionSettings,
    RtspOutSettings,
    Settings,
    TimeSeriesSettings,
    TlsSettings,
    WhepSettings,
)
from sitewarden.config.volumes import VolumeSettings

__all__ = [
    "AnnouncementSettings",
    "BackupSettings",
    "Database",
    "Limits",
    "MulticastSettings",
    "PicturesSettings",
    "Processes",
    "RetentionSettings",
    "RtspOutSettings",
    "Settings",
    "SettingsFile",
    "TimeSeriesSettings",
    "TlsSettings",
    "VolumeSettings",
    "WhepSettings",
    "load",
    "write_settings",
]
