import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { api, take } from "../../api/client";
import type { LedgerEntry, PortView } from "../../api/types";
import { live } from "../../live/live";
import { withLedger } from "./map";

/** The ledger as it is now, each 2 s; null until the first came. */
function useLedger(): LedgerEntry[] | null {
  const [ledger, setLedger] = useState<LedgerEntry[] | null>(null);
  useEffect(() => live.subscribe("network", {}, (message) => setLedger((message.ledger ?? []) as LedgerEntry[])), []);
  return ledger;
}

interface Told {
  node: string;
  items: PortView[];
}

/** The port manifest of the node with what is open now. */
export function usePorts(): { query: UseQueryResult<Told>; ports: PortView[] } {
  const query = useQuery({
    queryKey: ["ports"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/network/ports", { signal })),
    refetchInterval: 15_000,
  });
  const ledger = useLedger();
  const items = query.data?.items;
  return { query, ports: useMemo(() => withLedger(items ?? [], ledger), [items, ledger]) };
}
