import { Button, FileButton, Progress, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { Problem, toProblem } from "../api/problem";
import type { components } from "../api/schema";
import { t, word, type PlainKey } from "../text/t";
import { EntityLink } from "./EntityLink";
import { Panel } from "./Panel";
import { Await, Failure } from "./States";

type State = components["schemas"]["ImportView"]["state"];
type LineError = components["schemas"]["LineError"];
type FieldChange = components["schemas"]["FieldChange"];

const MODES = ["merge", "keep", "overwrite"] as const;
type Mode = (typeof MODES)[number];
const LOOK_MS = 400;
const SHOWN = 200;
/** A large file takes longer to send than the API's other requests. */
const SEND_MS = 300_000;

export interface ImportedView {
  id: string;
  name: string;
  state: State;
  progress: number;
  counts: { errors?: number };
  what?: string;
  where?: string;
  remedy?: string;
}

interface Change {
  line: number;
  action: string;
  kind: string;
  id: string;
  name: string;
  fields: readonly FieldChange[];
  note?: string;
}

/** What is imported: where it goes, and what its page says. */
export interface Imported<V extends ImportedView> {
  /** Path of the collection of imports. */
  path: string;
  accept: string;
  /** What stands above the modes, on the drop zone, below it, and what the modes do. */
  texts: { mode: PlainKey; drop: PlainKey; help: PlainKey; modes: Record<Mode, PlainKey> };
  get: (id: string, signal: AbortSignal) => Promise<V>;
  rows: (
    id: string,
    what: "errors" | "changes",
    limit: number,
    signal: AbortSignal,
  ) => Promise<{ errors: readonly LineError[]; changes: readonly Change[] }>;
  apply: (id: string, reason: string) => Promise<V>;
  drop: (id: string) => Promise<unknown>;
  /** How many entities the import writes, and how many rows its preview has. */
  writes: (view: V) => number;
  previewed: (view: V) => number;
  numbers: (view: V) => ReactNode;
  /** What to go to when it is done. */
  done: (view: V) => ReactNode;
}

async function send(path: string, file: File, mode: Mode): Promise<ImportedView> {
  const query = new URLSearchParams({ mode, name: file.name.slice(0, 200) });
  let answer: Response;
  try {
    answer = await fetch(`${path}?${query.toString()}`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "text/csv", "X-Sitewarden": "1" },
      body: file,
      signal: AbortSignal.timeout(SEND_MS),
    });
  } catch {
    throw new Problem(0, "unreachable", "", path);
  }
  const document: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw toProblem(answer.status, document);
  return document as ImportedView;
}

function Choose<V extends ImportedView>({ of, onMade }: { of: Imported<V>; onMade: (id: string) => void }) {
  const [mode, setMode] = useState<Mode>("merge");
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const take = (file: File | null | undefined): void => {
    if (!file) return;
    setBusy(true);
    setError(null);
    send(of.path, file, mode)
      .then((view) => onMade(view.id), setError)
      .finally(() => setBusy(false));
  };
  return (
    <Panel title={t("import.open")}>
      <div className="stack">
        <div className="row">
          <span>{t(of.texts.mode)}</span>
          <SegmentedControl
            aria-label={t(of.texts.mode)}
            value={mode}
            onChange={(value) => setMode(MODES.find((one) => one === value) ?? "merge")}
            data={MODES.map((value) => ({ value, label: t(`import.${value}`) }))}
          />
          <span className="dim">{t(of.texts.modes[mode])}</span>
        </div>
        <FileButton onChange={take} accept={of.accept} inputProps={{ "aria-label": t("import.choose") }}>
          {(props) => (
            <Button
              {...props}
              variant="default"
              fullWidth
              h={120}
              loading={busy}
              style={{ border: `1px ${over ? "solid" : "dashed"} var(--sw-edge)` }}
              onDragOver={(event) => {
                event.preventDefault();
                setOver(true);
              }}
              onDragLeave={() => setOver(false)}
              onDrop={(event) => {
                event.preventDefault();
                setOver(false);
                take(event.dataTransfer.files[0]);
              }}
            >
              {t(of.texts.drop)}
            </Button>
          )}
        </FileButton>
        <p className="dim" style={{ margin: 0 }}>
          {t(of.texts.help)}
        </p>
        {error ? <Failure error={error} /> : null}
      </div>
    </Panel>
  );
}

function Rows<V extends ImportedView>({ of, view }: { of: Imported<V>; view: V }) {
  const what = view.counts.errors ? "errors" : "changes";
  const query = useQuery({
    queryKey: ["import", of.path, view.id, what, view.counts],
    queryFn: ({ signal }) => of.rows(view.id, what, SHOWN, signal),
  });
  const errors = query.data?.errors ?? [];
  const changes = query.data?.changes ?? [];
  const total = view.counts.errors || of.previewed(view);
  return (
    <Await query={query} rows={6}>
      <div className="tablebox">
        {errors.length > 0 ? (
          <table className="plain">
            <thead>
              <tr>
                <th className="num">{t("import.line")}</th>
                <th>{t("import.column")}</th>
                <th>{t("import.what")}</th>
                <th>{t("import.remedy")}</th>
              </tr>
            </thead>
            <tbody>
              {errors.map((error, i) => (
                <tr key={i}>
                  <td className="num">{error.line}</td>
                  <td className="mono">{error.column}</td>
                  <td>{error.what}</td>
                  <td>{error.remedy}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
        {changes.length > 0 ? (
          <table className="plain">
            <thead>
              <tr>
                <th className="num">{t("import.line")}</th>
                <th />
                <th>{t("people.name")}</th>
                <th>{t("import.fields")}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <tr key={`${change.kind} ${change.id}`}>
                  <td className="num">{change.line}</td>
                  <td>{word("import.action", change.action)}</td>
                  <td>
                    {change.action !== "add" ? (
                      <EntityLink to={`${change.kind}:${change.id}`} label={change.name} />
                    ) : (
                      change.name
                    )}
                    <div className="dim">{word("kind", change.kind)}</div>
                  </td>
                  <td>
                    {change.fields.map((one) => (
                      <div key={one.field}>
                        <span className="dim">{one.field}</span> {one.old ? <s className="dim">{one.old}</s> : null}{" "}
                        {one.new || <span className="dim">{t("value.none")}</span>}
                      </div>
                    ))}
                    {change.note ? <div>{change.note}</div> : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
      </div>
      {total > SHOWN ? (
        <p className="dim" style={{ padding: "0 12px" }}>
          {t("import.first", { shown: SHOWN, total })}
        </p>
      ) : null}
    </Await>
  );
}

function Job<V extends ImportedView>({ of, id, onAgain }: { of: Imported<V>; id: string; onAgain: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const query = useQuery({
    queryKey: ["import", of.path, id],
    queryFn: async ({ signal }) => {
      const view = await of.get(id, signal);
      if (view.state === "done") void queries.invalidateQueries({ queryKey: ["list"] });
      return view;
    },
    refetchInterval: ({ state }) =>
      state.data && ["uploading", "reading", "applying"].includes(state.data.state) ? LOOK_MS : false,
  });
  const view = query.data;
  const apply = (): void => {
    setError(null);
    of.apply(id, reason.trim()).then((fresh) => queries.setQueryData(["import", of.path, id], fresh), setError);
  };
  const busy = view ? view.state === "reading" || view.state === "applying" : true;
  const count = view ? of.writes(view) : 0;
  const errors = view?.counts.errors ?? 0;
  return (
    <Await query={query} rows={4}>
      {view ? (
        <div className="stack">
          <Panel
            title={view.name || t("import.preview")}
            actions={
              <Button variant="default" onClick={onAgain} disabled={busy}>
                {t("import.again")}
              </Button>
            }
          >
            <div className="stack">
              <div className="row" role="status" aria-live="polite">
                <strong>{word("import.state", view.state)}</strong>
                {busy ? (
                  <Progress className="grow" value={view.progress * 100} aria-label={word("import.state", view.state)} />
                ) : null}
              </div>
              {view.what ? (
                <Failure error={new Problem(409, view.state, view.what, view.where ?? "", view.remedy ?? "")} />
              ) : null}
              {view.state === "ready" || view.state === "done" ? of.numbers(view) : null}
              {view.state === "ready" && errors > 0 ? (
                <p style={{ margin: 0 }}>
                  <strong>{t("import.errors", { n: errors })}</strong> {t("import.errors.next")}
                </p>
              ) : null}
              {view.state === "ready" && errors === 0 ? (
                count === 0 ? (
                  <p style={{ margin: 0 }}>{t("import.nothing")}</p>
                ) : (
                  <form
                    className="row"
                    onSubmit={(event) => {
                      event.preventDefault();
                      apply();
                    }}
                  >
                    <TextInput
                      className="grow"
                      aria-label={t("import.reason")}
                      placeholder={t("holder.reason.hint")}
                      value={reason}
                      onChange={(e) => setReason(e.currentTarget.value)}
                      maxLength={500}
                    />
                    <Button type="submit">{t("import.apply", { n: count })}</Button>
                  </form>
                )
              ) : null}
              {view.state === "done" ? <div className="row">{of.done(view)}</div> : null}
              {error ? <Failure error={error} /> : null}
            </div>
          </Panel>
          {view.state === "ready" && (errors > 0 || of.previewed(view) > 0) ? (
            <Panel title={t("import.preview")} flush>
              <Rows of={of} view={view} />
            </Panel>
          ) : null}
        </div>
      ) : null}
    </Await>
  );
}

/** A file on its way into the site: sent, looked at, applied whole. */
export function ImportFlow<V extends ImportedView>({ of }: { of: Imported<V> }) {
  const [id, setId] = useState("");
  const again = (): void => {
    // Whoever wants another file is done with this one; the server forgets it by itself in time, too.
    void of.drop(id).catch(() => undefined);
    setId("");
  };
  return id ? <Job of={of} id={id} onAgain={again} /> : <Choose of={of} onMade={setId} />;
}
