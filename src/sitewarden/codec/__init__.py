"""Pictures decoded and encoded, in child processes: what a camera sends is hostile, and PyAV's wheels bundle GPL codecs.

`children` and `stills` are the parent's side and import no codec; `child` is what runs in a child, `still` imports PyAV. A child
has a limit on memory, writes no file, has no connection but its two pipes, and is killed when it does not answer in time.
"""
