import type { Status } from "../../api/types";
import { Panel } from "../../parts/Panel";
import { t } from "../../text/t";

/** What a board of another make tells of itself, and what it holds. */
export function BoardFacts({ status }: { status: Status | undefined }) {
  const { firmware, hardware, cards, refused } = status?.data ?? {};
  if (typeof firmware !== "string") return null;
  return (
    <Panel title={t("board.title")}>
      <dl className="facts">
        <dt>{t("board.firmware")}</dt>
        <dd>{firmware}</dd>
        <dt>{t("board.hardware")}</dt>
        <dd className="mono">{typeof hardware === "string" ? hardware : t("value.none")}</dd>
        <dt>{t("board.cards")}</dt>
        <dd>
          {Number(cards ?? 0)}
          {Number(refused ?? 0) > 0 ? ` · ${t("board.refused", { count: Number(refused) })}` : null}
        </dd>
      </dl>
    </Panel>
  );
}
