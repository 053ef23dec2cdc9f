"""Pictures decoded and encoded, in child processes alone: what a camera sends is hostile, and the codecs are GPL in PyAV's wheels.

`children` and `stills` are the parent's side and import no codec; `child` is what runs in a child, `still` imports PyAV. A child
has a limit on memory, writes no file, has no connection but its two pipes, and is killed when it does not answer in time.
"""
