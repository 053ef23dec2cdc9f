"""What operations take and give: the typed messages between the faces and the services. Pure, no I/O.

An operation's parameters are one Struct. A face fills it from path, query and body; the field `body`, where there is one, is
the whole body. Unknown fields are refused.
"""
