"""Security levels: what has to be shown. A level is a choice of groups; all methods of one group satisfy it."""

from __future__ import annotations

from typing import Final

CARD, PIN, BIOMETRIC, PLATE = "card", "pin", "biometric", "licence-plate"
BIOMETRICS: Final = frozenset({"fingerprint", "face", "iris", "vein", "palm"})

LEVELS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "card": ((CARD,),),
    "pin": ((PIN,),),
    "card-and-pin": ((CARD, PIN),),
    "card-or-pin": ((CARD,), (PIN,)),
    "biometric": ((BIOMETRIC,),),
    "card-and-biometric": ((CARD, BIOMETRIC),),
    "card-or-biometric": ((CARD,), (BIOMETRIC,)),
    "biometric-and-pin": ((BIOMETRIC, PIN),),
    "licence-plate": ((PLATE,),),
    "card-or-licence-plate": ((CARD,), (PLATE,)),
    "card-and-licence-plate": ((CARD, PLATE),),
}
"""Level to its groups. The PIN stands last in a group: it is asked for when all else is right."""

ASKED: Final[dict[str, str]] = {
    "card": "a card",
    "pin": "a PIN",
    "card-and-pin": "a card and a PIN",
    "card-or-pin": "a card or a PIN",
    "biometric": "a face or finger",
    "card-and-biometric": "a card and a face or finger",
    "card-or-biometric": "a card, or a face or finger",
    "biometric-and-pin": "a face or finger and a PIN",
    "licence-plate": "a licence plate",
    "card-or-licence-plate": "a card or a licence plate",
    "card-and-licence-plate": "a card and a licence plate",
}
"""Level as words."""
