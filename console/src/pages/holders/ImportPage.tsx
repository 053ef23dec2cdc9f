import { Button, FileButton, Progress, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import { Problem, toProblem } from "../../api/problem";
import type { components } from "../../api/schema";
import { Download } from "../../parts/Download";
import { EntityLink } from "../../parts/EntityLink";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Failure } from "../../parts/States";
import { t, word } from "../../text/t";

type View = components["schemas"]["ImportView"];
type Counts = components["schemas"]["Counts"];

const MODES = ["merge", "keep", "overwrite"] as const;
type Mode = (typeof MODES)[number];
const LOOK_MS = 400;
const SHOWN = 200;
/** A large file takes longer to send than the API's other requests. */
const SEND_MS = 300_000;

async function send(file: File, mode: Mode): Promise<View> {
  const query = new URLSearchParams({ mode, name: file.name.slice(0, 200) });
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/people/imports?${query.toString()}`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "text/csv", "X-Sitewarden": "1" },
      body: file,
      signal: AbortSignal.timeout(SEND_MS),
    });
  } catch {
    throw new Problem(0, "unreachable", "", "/api/v1/people/imports");
  }
  const document: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw toProblem(answer.status, document);
  return document as View;
}

function Choose({ onMade }: { onMade: (view: View) => void }) {
  const [mode, setMode] = useState<Mode>("merge");
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const take = (file: File | null | undefined): void => {
    if (!file) return;
    setBusy(true);
    setError(null);
    send(file, mode)
      .then(onMade, setError)
      .finally(() => setBusy(false));
  };
  return (
    <Panel title={t("import.open")}>
      <div className="stack">
        <div className="row">
          <span>{t("import.mode")}</span>
          <SegmentedControl
            aria-label={t("import.mode")}
            value={mode}
            onChange={(value) => setMode(MODES.find((one) => one === value) ?? "merge")}
            data={MODES.map((value) => ({ value, label: t(`import.${value}`) }))}
          />
          <span className="dim">{t(`import.${mode}.help`)}</span>
        </div>
        <FileButton onChange={take} accept=".csv,text/csv,.txt" inputProps={{ "aria-label": t("import.choose") }}>
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
              {t("import.drop")}
            </Button>
          )}
        </FileButton>
        <p className="dim" style={{ margin: 0 }}>
          {t("import.help")}
        </p>
        {error ? <Failure error={error} /> : null}
      </div>
    </Panel>
  );
}

function Numbers({ counts }: { counts: Counts }) {
  const rows = [
    ["import.people", counts.holders_added, counts.holders_changed, counts.holders_same],
    ["holder.credentials", counts.credentials_added, counts.credentials_changed, counts.credentials_same],
  ] as const;
  return (
    <table className="plain">
      <thead>
        <tr>
          <th />
          <th className="num">{t("import.added")}</th>
          <th className="num">{t("import.changed")}</th>
          <th className="num">{t("import.same")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, ...numbers]) => (
          <tr key={name}>
            <td>{t(name)}</td>
            {numbers.map((number, i) => (
              <td key={i} className="num">
                {number}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Rows({ view }: { view: View }) {
  const what = view.counts.errors ? "errors" : "changes";
  const query = useQuery({
    queryKey: ["import", view.id, what, view.counts],
    queryFn: ({ signal }) =>
      take(
        api.GET("/api/v1/people/imports/{id}/rows", {
          params: { path: { id: view.id }, query: { what, limit: SHOWN } },
          signal,
        }),
      ),
  });
  const errors = query.data?.errors ?? [];
  const changes = query.data?.changes ?? [];
  const total = view.counts.errors || differences(view.counts);
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
                    {change.action === "change" ? (
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

function differences(counts: Counts): number {
  return counts.holders_added + counts.holders_changed + counts.credentials_added + counts.credentials_changed;
}

function Job({ id, onAgain }: { id: string; onAgain: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const query = useQuery({
    queryKey: ["import", id],
    queryFn: async ({ signal }) => {
      const view = await take(api.GET("/api/v1/people/imports/{id}", { params: { path: { id } }, signal }));
      if (view.state === "done") void queries.invalidateQueries({ queryKey: ["list"] });
      return view;
    },
    refetchInterval: ({ state }) =>
      state.data && ["uploading", "reading", "applying"].includes(state.data.state) ? LOOK_MS : false,
  });
  const view = query.data;
  const apply = (): void => {
    setError(null);
    take(api.POST("/api/v1/people/imports/{id}/apply", { params: { path: { id } }, body: { reason: reason.trim() } })).then(
      (fresh) => queries.setQueryData(["import", id], fresh),
      setError,
    );
  };
  const busy = view ? view.state === "reading" || view.state === "applying" : true;
  const count = view ? differences(view.counts) : 0;
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
              {view.what ? <Failure error={new Problem(409, view.state, view.what, view.where, view.remedy)} /> : null}
              {view.state === "ready" || view.state === "done" ? <Numbers counts={view.counts} /> : null}
              {view.state === "ready" && view.counts.errors > 0 ? (
                <p style={{ margin: 0 }}>
                  <strong>{t("import.errors", { n: view.counts.errors })}</strong> {t("import.errors.next")}
                </p>
              ) : null}
              {view.state === "ready" && view.counts.errors === 0 ? (
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
              {view.state === "done" ? (
                <div className="row">
                  <Link to="/credential-holders">{t("import.list")}</Link>
                  <Download href={`/api/v1/people/imports/${id}/report.csv`} label={t("import.report")} />
                </div>
              ) : null}
              {error ? <Failure error={error} /> : null}
            </div>
          </Panel>
          {view.state === "ready" && (view.counts.errors > 0 || count > 0) ? (
            <Panel title={t("import.preview")} flush>
              <Rows view={view} />
            </Panel>
          ) : null}
        </div>
      ) : null}
    </Await>
  );
}

/** People from a table: send it, look at what it would do, apply it whole. */
export function ImportPage() {
  const [id, setId] = useState("");
  const again = (): void => {
    // Whoever wants another file is done with this one; the server forgets it by itself in time, too.
    void api.DELETE("/api/v1/people/imports/{id}", { params: { path: { id } } }).catch(() => undefined);
    setId("");
  };
  return (
    <>
      <PageHead
        title={t("import.title")}
        after={<Link to="/credential-holders">{word("kinds", "credential-holder")}</Link>}
        actions={<Download href="/api/v1/people/export.csv" label={t("import.export")} />}
      />
      {id ? <Job id={id} onAgain={again} /> : <Choose onMade={(view) => setId(view.id)} />}
    </>
  );
}
