import { useEffect, useSyncExternalStore } from "react";

import { LiveSocket, type Connection, type Wire } from "./socket";

let onEnded: () => void = () => undefined;

function open(): Wire {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${location.host}/api/v1/live`) as Wire;
}

/** The one socket of this page. */
export const live = new LiveSocket(open, () => onEnded());

/** Runs the socket while somebody is signed in; `ended` is called when the server may have ended the session. */
export function useLive(ended: () => void): void {
  useEffect(() => {
    onEnded = ended;
    live.start();
    const hurry = (): void => live.hurry();
    window.addEventListener("online", hurry);
    return () => {
      window.removeEventListener("online", hurry);
      live.stop();
    };
  }, [ended]);
}

export function useConnection(): Connection {
  return useSyncExternalStore(live.onChange, live.snapshot);
}
