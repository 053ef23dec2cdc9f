"""GStreamer's rtspsrc as a player of its own process; it prints what it decoded and how it ended.

`/usr/bin/python3 gst_player.py ADDRESS USER PASSWORD PROTOCOLS PICTURES SECONDS [SEEK]`: ends after so many pictures, at the
end of the stream, at an error, or when the time is over. SEEK is where it goes to after ten pictures, in seconds.
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402


def main(address: str, user: str, password: str, protocols: str, pictures: int, seconds: int, seek: float = -1.0) -> None:
    Gst.init(None)
    pipeline = Gst.Pipeline.new("player")
    source = Gst.ElementFactory.make("rtspsrc", "source")
    source.set_property("location", address)
    source.set_property("user-id", user)
    source.set_property("user-pw", password)
    source.set_property("latency", 100)
    source.set_property("tls-validation-flags", 0)
    Gst.util_set_object_arg(source, "protocols", protocols)
    pipeline.add(source)
    loop = GLib.MainLoop()
    told = {"pictures": 0, "sounds": 0, "end": "time", "width": 0, "times": []}
    chains = {
        "video": "rtph264depay ! h264parse ! openh264dec ! fakesink name=sink sync=false signal-handoffs=true",
        "audio": "rtppcmadepay ! alawdec ! fakesink name=sink sync=false signal-handoffs=true",
    }

    def shown(sink, buffer, pad):
        told["pictures"] += 1
        told["width"] = pad.get_current_caps().get_structure(0).get_value("width")
        told["times"].append(buffer.pts / 1e9)
        if told["pictures"] == 10 and seek >= 0:
            flags = Gst.SeekFlags.FLUSH | Gst.SeekFlags.KEY_UNIT
            GLib.idle_add(lambda: pipeline.seek_simple(Gst.Format.TIME, flags, int(seek * 1e9)) and False)
        if told["pictures"] >= pictures:
            end("enough")

    def heard(sink, buffer, pad):
        told["sounds"] += buffer.get_size()

    def end(why):
        told["end"] = why
        loop.quit()

    def added(element, pad):
        media = pad.get_current_caps().get_structure(0).get_string("media")
        chain = Gst.parse_bin_from_description(chains[media], True)
        chain.get_by_name("sink").connect("handoff", shown if media == "video" else heard)
        pipeline.add(chain)
        chain.sync_state_with_parent()
        pad.link(chain.get_static_pad("sink"))

    source.connect("pad-added", added)
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message::error", lambda bus, message: end(f"error: {message.parse_error()}"))
    bus.connect("message::eos", lambda bus, message: end("eos"))
    GLib.timeout_add_seconds(seconds, lambda: end("time"))
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:5], int(sys.argv[5]), int(sys.argv[6]), *map(float, sys.argv[7:]))
