import type { PortView } from "../../api/types";
import { t } from "../../text/t";

/** "8600", "3000–5000", or that each instance has its own. */
export function numberOf(port: PortView): string {
  if (port.protocol === "unix") return t("place.node");
  if (port.number === null) return t("network.template");
  return `${port.number}${port.last ? `–${port.last}` : ""}`;
}

export function PortNumber({ port }: { port: PortView }) {
  return (
    <>
      {numberOf(port)}
      {port.number === null ? null : <span className="dim">/{port.protocol}</span>}
    </>
  );
}
