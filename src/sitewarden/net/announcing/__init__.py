"""The announcement of services on this computer's networks: where it is sent and heard, and the loop that sends it. Does I/O."""

from sitewarden.net.announcing.own import Own, teller
from sitewarden.net.announcing.places import Place, places
from sitewarden.net.announcing.port import AnnouncementPort
from sitewarden.net.announcing.speaker import PERIOD, Speaker

__all__ = ["PERIOD", "AnnouncementPort", "Own", "Place", "Speaker", "places", "teller"]
