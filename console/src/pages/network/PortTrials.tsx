import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import { api, take } from "../../api/client";
import type { PortState, PortTrial, PortView } from "../../api/types";
import { useCan } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { originOn, portOf } from "../../site/origins";
import { t } from "../../text/t";
import { useNow } from "../../time/ticker";
import styles from "./ChangePort.module.css";

const POLL_MS = 1000;
/** After the end of the trial, so long a page on the new number waits for its server before it goes back to the old one. */
const LOST_MS = 3000;
const PROOF_PATH = "/port-trial";

/** Looks each second whether this browser reaches the new number. */
function useReached(origin: string, wanted: boolean): boolean {
  const query = useQuery({
    queryKey: ["port-reached", origin],
    queryFn: ({ signal }) => fetch(`${origin}${PROOF_PATH}/reached`, { signal, credentials: "omit" }).then((r) => r.ok),
    enabled: wanted,
    retry: false,
    refetchInterval: ({ state }) => (state.data ? false : POLL_MS),
  });
  return query.data === true;
}

/** The proof that this page came in on the new number: from its own address, or asked for there. */
async function proofOf(given: string, here: boolean): Promise<string> {
  if (given || !here) return given;
  const answer = await fetch(PROOF_PATH, { cache: "no-store" });
  return new URL(answer.url).searchParams.get("proof") ?? "";
}

/** What to do now: go to the new number, or keep it, depending on where this page came from. */
function Next({ trial, given, mine }: { trial: PortTrial; given: string; mine: boolean }) {
  const here = trial.reach === "console" && portOf(window.location) === trial.new;
  const origin = originOn(window.location, trial.new, trial.reach === "redirect");
  const waiting = trial.reach === "console" && !here && mine;
  const reached = useReached(origin, waiting);
  useEffect(() => {
    if (reached) window.location.assign(`${origin}${PROOF_PATH}`);
  }, [reached, origin]);
  const link = (
    <a href={`${origin}${PROOF_PATH}`} target="_blank" rel="noreferrer">
      {t("portchange.open", { origin })}
    </a>
  );
  if (trial.reach === "anywhere") return <p>{t("portchange.anywhere")}</p>;
  if (here || given) return <p>{t("portchange.here", { number: String(trial.new) })}</p>;
  if (!waiting) {
    return (
      <p>
        {t("portchange.open.why")} {link}
      </p>
    );
  }
  return (
    <>
      <p role="status">{reached ? t("portchange.reached", { origin }) : t("portchange.reaching", { origin })}</p>
      <p className="dim">
        {t("portchange.certificate")} {link}
      </p>
    </>
  );
}

interface TrialProps {
  trial: PortTrial;
  /** When the server said how many seconds are left, ms. */
  told: number;
  given: string;
  mine: boolean;
  lost: boolean;
  onDone: () => void;
}

function Trial({ trial, told, given, mine, lost, onDone }: TrialProps) {
  const can = useCan();
  const now = useNow();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const left = Math.max(0, Math.ceil(trial.seconds - Math.max(0, now - told) / 1000));
  const here = trial.reach === "console" && portOf(window.location) === trial.new;
  const over = lost && now - told > trial.seconds * 1000 + LOST_MS;
  useEffect(() => {
    // The new number is closed, and this page came from it: the old one says what became of it.
    if (here && over) window.location.replace(`${originOn(window.location, trial.old)}/network?port=${trial.row}`);
  }, [here, over, trial.old, trial.row]);

  const path = { row: trial.row };
  const run = (work: () => Promise<PortState>): void => {
    setBusy(true);
    setError(null);
    work()
      .then(onDone, setError)
      .finally(() => setBusy(false));
  };
  const keep = async (): Promise<PortState> => {
    const proof = await proofOf(given, here);
    return take(api.POST("/api/v1/network/ports/{row}/keep", { params: { path }, body: { proof } }));
  };
  const undo = (): Promise<PortState> => take(api.POST("/api/v1/network/ports/{row}/undo", { params: { path }, body: {} }));
  const provable = trial.reach === "anywhere" || here || given !== "";

  return (
    <Panel title={t("portchange.tried", { row: trial.row, number: String(trial.new) })}>
      <div className={styles.trial}>
        <p>
          <Mark severity={1} />{" "}
          <span className={styles.left}>{t("portchange.left", { old: String(trial.old), seconds: left })}</span>{" "}
          <span className="dim">{t("portchange.by", { actor: trial.actor })}</span>
        </p>
        <Next trial={trial} given={given} mine={mine} />
        {trial.warnings.map((warning) => (
          <p key={warning}>
            <Mark severity={2} /> {warning}
          </p>
        ))}
        {error ? <Failure error={error} /> : null}
        {can("network.change") ? (
          <div className="row">
            <Button onClick={() => run(keep)} loading={busy} disabled={!provable}>
              {t("portchange.keep", { number: String(trial.new) })}
            </Button>
            <Button variant="default" disabled={busy} onClick={() => run(undo)}>
              {t("portchange.undo")}
            </Button>
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

/** The number that serves after a change, where this page came from the one that closes; null where it may stay. */
function leftFor(last: NonNullable<PortState["last"]>): number | null {
  const [stays, closes] = last.outcome === "kept" ? [last.new, last.old] : [last.old, last.new];
  return portOf(window.location) === closes ? stays : null;
}

function Outcome({ state, onClose }: { state: PortState; onClose: () => void }) {
  const { last, row } = state;
  const target = last ? leftFor(last) : null;
  useEffect(() => {
    if (target) window.location.replace(`${originOn(window.location, target)}/network?port=${row}`);
  }, [target, row]);
  if (!last) return null;
  const kept = last.outcome === "kept";
  const numbers = { row, number: String(last.new) };
  return (
    <Panel
      title={kept ? t("portchange.kept", numbers) : t("portchange.undone", { ...numbers, old: String(last.old), why: last.why })}
      actions={
        <Button variant="default" size="compact-sm" onClick={onClose}>
          {t("portchange.dismiss")}
        </Button>
      }
    >
      <p role="status" style={{ margin: 0 }}>
        <Mark severity={kept ? 1 : 2} />{" "}
        {kept ? t("portchange.kept.next") : t("portchange.undone.next", { old: String(last.old), number: String(last.new) })}
      </p>
    </Panel>
  );
}

/** The port that is tried now, with what to do about it; then what became of it. */
export function PortTrials({ ports }: { ports: readonly PortView[] }) {
  const [params, setParams] = useSearchParams();
  const queries = useQueryClient();
  const asked = params.get("port") ?? "";
  const row = ports.find((port) => port.trial)?.row ?? asked;
  const query = useQuery({
    queryKey: ["port", row],
    queryFn: ({ signal }) => take(api.GET("/api/v1/network/ports/{row}", { params: { path: { row } }, signal })),
    enabled: row !== "",
    retry: false,
    refetchInterval: ({ state }) => (state.data?.trial ? POLL_MS : false),
  });
  const [known, setKnown] = useState<string | null>(null);
  const tried = query.data?.trial ? row : null;
  if (tried && known !== tried) setKnown(tried);
  const state = query.data;
  if (!state || state.row !== row) return null;
  const changed = (): void => {
    void queries.invalidateQueries({ queryKey: ["port", row] });
    void queries.invalidateQueries({ queryKey: ["ports"] });
  };
  if (state.trial) {
    return (
      <Trial
        trial={state.trial}
        told={query.dataUpdatedAt}
        given={asked === row ? (params.get("proof") ?? "") : ""}
        mine={asked === row}
        lost={query.isError}
        onDone={changed}
      />
    );
  }
  const close = (): void => {
    setKnown(null);
    setParams({}, { replace: true });
    changed();
  };
  return asked === row || known === row ? <Outcome state={state} onClose={close} /> : null;
}
