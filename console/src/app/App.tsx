import { MantineProvider } from "@mantine/core";
import { QueryCache, QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { RouterProvider } from "react-router/dom";

import { api, take } from "../api/client";
import { Problem } from "../api/problem";
import type { Session } from "../api/types";
import { forgetStatuses } from "../live/status";
import { SignIn } from "../pages/SignIn";
import { Failure } from "../parts/States";
import { router } from "./routes";
import { SessionContext, type Signed } from "./session";
import { theme, variables } from "./theme";

const SESSION = ["session"];

/** An answer of 401 ends the session here too. */
const cache = new QueryCache({
  onError: (error, query) => {
    if (error instanceof Problem && error.status === 401 && query.queryKey[0] !== SESSION[0]) client.setQueryData(SESSION, null);
  },
});

const client: QueryClient = new QueryClient({
  queryCache: cache,
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: true,
    },
  },
});

async function fetchSession(): Promise<Session | null> {
  try {
    return await take(api.GET("/api/v1/session"));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

function Gate() {
  const queries = useQueryClient();
  const query = useQuery({ queryKey: SESSION, queryFn: fetchSession, staleTime: 60_000, refetchInterval: 300_000 });
  const refresh = useCallback(() => void queries.invalidateQueries({ queryKey: SESSION }), [queries]);
  const signOut = useCallback(() => {
    void take(api.DELETE("/api/v1/session"))
      .catch(() => undefined)
      .then(() => {
        queries.setQueryData(SESSION, null);
        queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
        forgetStatuses();
      });
  }, [queries]);
  const session = query.data;
  const signed = useMemo<Signed | null>(() => (session ? { session, refresh, signOut } : null), [session, refresh, signOut]);

  if (query.isPending) return null;
  if (query.error && !signed) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!signed) return <SignIn onSignedIn={(fresh) => queries.setQueryData(SESSION, fresh)} />;
  return (
    <SessionContext value={signed}>
      <RouterProvider router={router} />
    </SessionContext>
  );
}

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Gate />
      </QueryClientProvider>
    </MantineProvider>
  );
}
