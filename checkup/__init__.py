"""`energy-flash check`: is the shop ready to open? Looks at everything it needs, changes nothing.

Each part looks at one kind of thing, as an operator would mend it. They run side by side, each for
so long at most; what is broken in one hides nothing of the others.
"""

from checkup.examination import examine
from checkup.findings import Finding, Grade

__all__ = ["Finding", "Grade", "examine"]
