/** A change of a port. */
export const ports = {
  "portchange.change": "Change",
  "portchange.change.what": "Change the number of {row}",
  "portchange.title": "Change {row} from {old}",
  "portchange.number": "New number",
  "portchange.do": "Try {number}",
  "portchange.try": "Try it",
  "portchange.how":
    "The new number opens beside {old} and is tried for {seconds} s. Unless you keep it, it closes and {old} stays. A firewall in between must let the new number in.",
  "portchange.tried": "{row} is tried on {number}",
  "portchange.left": "Goes back to {old} in {seconds} s unless it is kept.",
  "portchange.by": "Begun by {actor}.",
  "portchange.reaching": "Waiting until this browser reaches {origin} …",
  "portchange.reached": "{origin} answers. Going there …",
  "portchange.certificate":
    "If the browser does not trust the certificate yet, it answers only after you opened it once: open it here.",
  "portchange.open": "Open {origin}",
  "portchange.open.why": "To keep it, come in on it: the page that opens leads back here.",
  "portchange.here": "You came in on {number}: it works from where you are.",
  "portchange.anywhere": "Nobody signs in on this port, so keeping it cannot shut you out.",
  "portchange.keep": "Keep {number}",
  "portchange.undo": "Go back now",
  "portchange.kept": "{row} is on {number} now.",
  "portchange.kept.next": "Tell firewalls and clients; the rules for this node stand below.",
  "portchange.undone.next":
    "Nothing was changed; {old} never closed. If {number} did not answer, look at the firewalls in between before you try again.",
  "portchange.undone": "{row} is back on {old}. {number} was given up: {why}.",
  "portchange.dismiss": "Close",
} as const;
