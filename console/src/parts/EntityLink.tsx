import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { everything, useName } from "../api/hooks";
import type { Entity } from "../api/types";
import { useCan } from "../app/session";
import { pageOf, splitRef } from "../site/kinds";

interface Props {
  to: string;
  label?: string;
}

/** A node: one that is registered has its page; any other is this server itself, which the network page is about. */
function NodeLink({ to, label }: Props) {
  const can = useCan();
  const { id } = splitRef(to);
  const nodes = useQuery({
    queryKey: ["list", "node"],
    queryFn: ({ signal }) => everything<Entity>("node", signal),
    enabled: can("node.list"),
    staleTime: 30_000,
  });
  const found = (nodes.data ?? []).find((node) => node.id === id);
  const page = found ? pageOf(to) : can("network.read") ? "/network" : null;
  const text = label ?? found?.name ?? id;
  return page && text ? <Link to={page}>{text}</Link> : <span>{text || to}</span>;
}

function NamedLink({ to, label }: Props) {
  const page = pageOf(to);
  const name = useName(label === undefined ? to : "");
  const text = label ?? name ?? splitRef(to).id;
  return page ? <Link to={page}>{text}</Link> : <span>{text || to}</span>;
}

/** A link to the page of what a reference names, under its name. */
export function EntityLink({ to, label }: Props) {
  return splitRef(to).kind === "node" ? <NodeLink to={to} label={label} /> : <NamedLink to={to} label={label} />;
}
