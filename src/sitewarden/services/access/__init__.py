"""Access control: the compiled rules, decisions for controllers that ask, commands for doors, pairing. No ports."""

from sitewarden.services.access.service import AccessService

__all__ = ["AccessService"]
