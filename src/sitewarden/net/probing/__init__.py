"""What a network lets through, found out from a computer's own side: first steps of protocols, echoes, beacons. Does I/O.

Nothing here opens a port of a node: these are the sockets of `sitewarden probe` and `sitewarden doctor`, which send only to the
computer that they are asked about, on the manifest's rows.
"""
