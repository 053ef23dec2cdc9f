import { Link } from "react-router";

import { api, take } from "../../api/client";
import type { components } from "../../api/schema";
import { Download } from "../../parts/Download";
import { ImportFlow, type Imported } from "../../parts/ImportFlow";
import { PageHead } from "../../parts/Panel";
import { t } from "../../text/t";

type View = components["schemas"]["MachineImportView"];
type Counts = components["schemas"]["MachineCounts"];

function writes(counts: Counts): number {
  return counts.added + counts.changed;
}

function Numbers({ counts }: { counts: Counts }) {
  const rows = [
    ["import.added", counts.added],
    ["import.changed", counts.changed],
    ["machines.kept", counts.kept],
    ["import.same", counts.same],
    ["machines.notes", counts.notes],
  ] as const;
  // Of a file with errors nothing will be written, so what it would write is not said.
  if (counts.errors > 0) return null;
  return (
    <>
      <dl className="facts" style={{ maxWidth: 320 }}>
        {rows.map(([name, number]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{t(name)}</dt>
            <dd className="num">{number}</dd>
          </div>
        ))}
      </dl>
      {writes(counts) > 0 ? (
        <p className="dim" style={{ margin: 0 }}>
          {t("machines.counts", { endpoints: counts.endpoints, devices: counts.devices, points: counts.points })}
        </p>
      ) : null}
    </>
  );
}

const MACHINES: Imported<View> = {
  path: "/api/v1/points/imports",
  accept: ".csv,.txt,.yaml,.yml,text/csv,application/yaml",
  texts: {
    mode: "machines.mode",
    drop: "machines.drop",
    help: "machines.help",
    modes: { merge: "machines.merge.help", keep: "machines.keep.help", overwrite: "machines.overwrite.help" },
  },
  get: (id, signal) => take(api.GET("/api/v1/points/imports/{id}", { params: { path: { id } }, signal })),
  rows: (id, what, limit, signal) =>
    take(api.GET("/api/v1/points/imports/{id}/rows", { params: { path: { id }, query: { what, limit } }, signal })),
  apply: (id, reason) => take(api.POST("/api/v1/points/imports/{id}/apply", { params: { path: { id } }, body: { reason } })),
  drop: (id) => take(api.DELETE("/api/v1/points/imports/{id}", { params: { path: { id } } })),
  writes: (view) => writes(view.counts),
  previewed: (view) => writes(view.counts) + view.counts.kept,
  numbers: (view) => <Numbers counts={view.counts} />,
  done: () => <Link to="/points">{t("browse.points")}</Link>,
};

/** Endpoints, devices and points from a file: send it, look at what it would do, apply it whole. */
export function ImportMachines() {
  return (
    <>
      <PageHead
        title={t("machines.title")}
        after={<Link to="/points">{t("nav.points")}</Link>}
        actions={
          <>
            <Download href="/api/v1/points/export?form=csv" label={t("machines.export.csv")} />
            <Download href="/api/v1/points/export?form=yaml" label={t("machines.export.yaml")} />
          </>
        }
      />
      <ImportFlow of={MACHINES} />
    </>
  );
}
