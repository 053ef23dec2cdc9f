import { Link } from "react-router";

import { useName } from "../api/hooks";
import { pageOf, splitRef } from "../site/kinds";

/** A link to the page of what a reference names, under its name. */
export function EntityLink({ to, label }: { to: string; label?: string }) {
  const page = pageOf(to);
  const name = useName(label === undefined ? to : "");
  const text = label ?? name ?? splitRef(to).id;
  return page ? <Link to={page}>{text}</Link> : <span>{text || to}</span>;
}
