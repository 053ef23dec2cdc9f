import { createContext, useContext } from "react";

import type { Session } from "../api/types";
import { can } from "../rights/can";

export interface Signed {
  session: Session;
  refresh: () => void;
  signOut: () => void;
}

export const SessionContext = createContext<Signed | null>(null);

export function useSigned(): Signed {
  const signed = useContext(SessionContext);
  if (!signed) throw new Error("used outside a session");
  return signed;
}

/** The site's IANA zone. */
export function useZone(): string {
  return useSigned().session.site.timezone;
}

/** A test of the user's grants. */
export function useCan(): (action: string, subject?: Parameters<typeof can>[2]) => boolean {
  const { grants } = useSigned().session;
  return (action, subject) => can(grants, action, subject);
}
