import type { Controller, Status } from "../../api/types";
import { Mark } from "../../parts/Mark";
import { Time } from "../../parts/Time";
import { t } from "../../text/t";

const number = (value: unknown): number | null => (typeof value === "number" && value > 0 ? value : null);

function isTemporary(controller: Controller, status: Status | undefined): boolean {
  return controller.driver === "link" && (controller.mode === "direct" || status?.data["temporary"] === true);
}

/** The mark of direct mode in a list. */
export function TemporaryTag({ controller, status }: { controller: Controller; status: Status | undefined }) {
  if (!isTemporary(controller, status)) return null;
  return (
    <span className="row" style={{ display: "inline-flex", gap: 4 }}>
      <Mark severity={1} />
      {t("nearby.mode.direct")}
    </span>
  );
}

/** Says that a controller is in direct mode, which is temporary: who holds it, since when, and when that ends by itself. */
export function Temporary({ controller, status }: { controller: Controller; status: Status | undefined }) {
  const data = status?.data ?? {};
  if (!isTemporary(controller, status)) return null;
  const since = number(data["held_since"]);
  const until = number(data["held_until"]);
  const relay = typeof data["relayed_by"] === "string" ? data["relayed_by"] : null;
  return (
    <p className="row" style={{ margin: 0, flexWrap: "nowrap", alignItems: "baseline" }} role="note">
      <Mark severity={1} label={t("direct.mark")} />
      <span>
        {relay ? (
          t("direct.relayed", { who: relay })
        ) : since !== null && until !== null ? (
          <>
            {t("direct.held")} <Time us={since} short />, {t("direct.until")} <Time us={until} short />.
          </>
        ) : (
          t("direct.waiting")
        )}{" "}
        <span className="dim">{t("direct.end")}</span>
      </span>
    </p>
  );
}
