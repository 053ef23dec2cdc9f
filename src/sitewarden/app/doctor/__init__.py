"""`sitewarden doctor`: whether this machine lets the node work well.

Each check is a function from Facts to findings; all do I/O.
"""

from sitewarden.app.doctor.examine import examine
from sitewarden.app.doctor.facts import Facts, facts_of

__all__ = ["Facts", "examine", "facts_of"]
