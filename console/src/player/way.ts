import { useSyncExternalStore } from "react";

/** How live pictures come: over the WebSocket, or by WebRTC with the least delay. Kept for the person in this browser. */
export type Way = "usual" | "fastest";

const KEY = "sitewarden.live.";
const listeners = new Set<() => void>();

function read(person: string): Way {
  try {
    return localStorage.getItem(KEY + person) === "fastest" ? "fastest" : "usual";
  } catch {
    return "usual";
  }
}

function follow(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The way that a person chose in this browser, and how to choose another. */
export function useWay(person: string): [Way, (way: Way) => void] {
  const way = useSyncExternalStore(follow, () => read(person));
  return [
    way,
    (chosen) => {
      try {
        localStorage.setItem(KEY + person, chosen);
      } catch {
        // Without a store the choice lasts as long as nothing is drawn anew.
      }
      listeners.forEach((tell) => tell());
    },
  ];
}
