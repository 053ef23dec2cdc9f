"""What a probe from the other side means beside what is open inside. Pure."""

from __future__ import annotations

from typing import Literal

Verdict = Literal["open", "closed", "filtered", "other", "unproven"]
"""`open`: the protocol's first step went through. `closed`: the host itself says that nobody listens. `filtered`: something
between drops or rejects. `other`: something answers, and it is not the row's service. `unproven`: nothing came back, and UDP
without an echo cannot tell silence from a filter."""
Inside = Literal["open", "closed", "echo", "busy", ""]
"""What the computer says of its own port: a service or an echo listens, nobody does, it is in use and proves nothing, or ""
where it was not asked."""
Judgement = Literal["passes", "blocked", "stranger", "unused", "unproven"]


def judge(inside: Inside, verdict: Verdict) -> Judgement:
    """Say what a verdict means beside what the computer itself has open."""
    match inside, verdict:
        case "open" | "echo", "open":
            return "passes"
        case "open" | "echo", "other":
            return "stranger"
        case "open" | "echo", _:
            return "blocked"
        case "closed", "open" | "other":
            return "stranger"
        case "closed", _:
            return "unused"
        case _, "open":
            return "passes"
        case _, "filtered":
            return "blocked"
        case _, "other":
            return "stranger"
        case _, "closed":
            return "unused"
    return "unproven"
