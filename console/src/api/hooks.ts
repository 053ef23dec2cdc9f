import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { isKind, PLURALS, splitRef, type Kind } from "../site/kinds";
import { api, take } from "./client";
import type { paths } from "./schema";
import type { Entity, EventPage, Page } from "./types";

/** The largest page that the server gives. */
export const PAGE = 1000;

/** Every plural has the same form; the types of one stand for all. */
export const listPath = (kind: Kind): "/api/v1/areas" => `/api/v1/${PLURALS[kind]}` as "/api/v1/areas";
export const itemPath = (kind: Kind): "/api/v1/areas/{id}" => `/api/v1/${PLURALS[kind]}/{id}` as "/api/v1/areas/{id}";

/** All entities of a kind, page after page: tables filter and sort what they hold. */
export async function everything<T>(kind: Kind, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  for (;;) {
    const query = { limit: PAGE, offset: items.length };
    const page = (await take(api.GET(listPath(kind), { params: { query }, signal }))) as unknown as Page<T>;
    items.push(...page.items);
    if (page.items.length === 0 || items.length >= page.total) return items;
  }
}

export async function entity<T>(kind: Kind, id: string, signal?: AbortSignal): Promise<T> {
  return (await take(api.GET(itemPath(kind), { params: { path: { id } }, signal }))) as unknown as T;
}

export function useAll<T extends Entity>(kind: Kind): UseQueryResult<T[]> {
  return useQuery({ queryKey: ["list", kind], queryFn: ({ signal }) => everything<T>(kind, signal), staleTime: 30_000 });
}

export function useEntity<T extends Entity>(kind: Kind, id: string): UseQueryResult<T> {
  return useQuery({
    queryKey: ["entity", kind, id],
    queryFn: ({ signal }) => entity<T>(kind, id, signal),
    enabled: id !== "",
    staleTime: 15_000,
  });
}

/** The name of what a reference names; undefined until it is known. */
export function useName(reference: string): string | undefined {
  const { kind, id } = splitRef(reference);
  const known = isKind(kind) ? kind : "area";
  const query = useQuery({
    queryKey: ["entity", known, id],
    queryFn: ({ signal }) => entity<Entity>(known, id, signal),
    enabled: isKind(kind) && id !== "",
    staleTime: 300_000,
    retry: false,
  });
  return query.data?.name;
}

export type EventQuery = NonNullable<paths["/api/v1/events"]["get"]["parameters"]["query"]>;

export function useEvents(query: EventQuery, enabled = true): UseQueryResult<EventPage> {
  return useQuery({
    queryKey: ["events", query],
    queryFn: ({ signal }) => take(api.GET("/api/v1/events", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    enabled,
  });
}
