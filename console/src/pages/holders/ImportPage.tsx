import { Link } from "react-router";

import { api, take } from "../../api/client";
import type { components } from "../../api/schema";
import { Download } from "../../parts/Download";
import { ImportFlow, type Imported } from "../../parts/ImportFlow";
import { PageHead } from "../../parts/Panel";
import { t, word } from "../../text/t";

type View = components["schemas"]["ImportView"];
type Counts = components["schemas"]["Counts"];

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

function differences(counts: Counts): number {
  return counts.holders_added + counts.holders_changed + counts.credentials_added + counts.credentials_changed;
}

const PEOPLE: Imported<View> = {
  path: "/api/v1/people/imports",
  accept: ".csv,text/csv,.txt",
  texts: {
    mode: "import.mode",
    drop: "import.drop",
    help: "import.help",
    modes: { merge: "import.merge.help", keep: "import.keep.help", overwrite: "import.overwrite.help" },
  },
  get: (id, signal) => take(api.GET("/api/v1/people/imports/{id}", { params: { path: { id } }, signal })),
  rows: (id, what, limit, signal) =>
    take(api.GET("/api/v1/people/imports/{id}/rows", { params: { path: { id }, query: { what, limit } }, signal })),
  apply: (id, reason) => take(api.POST("/api/v1/people/imports/{id}/apply", { params: { path: { id } }, body: { reason } })),
  drop: (id) => take(api.DELETE("/api/v1/people/imports/{id}", { params: { path: { id } } })),
  writes: (view) => differences(view.counts),
  previewed: (view) => differences(view.counts),
  numbers: (view) => <Numbers counts={view.counts} />,
  done: (view) => (
    <>
      <Link to="/credential-holders">{t("import.list")}</Link>
      <Download href={`/api/v1/people/imports/${view.id}/report.csv`} label={t("import.report")} />
    </>
  ),
};

/** People from a table: send it, look at what it would do, apply it whole. */
export function ImportPage() {
  return (
    <>
      <PageHead
        title={t("import.title")}
        after={<Link to="/credential-holders">{word("kinds", "credential-holder")}</Link>}
        actions={<Download href="/api/v1/people/export.csv" label={t("import.export")} />}
      />
      <ImportFlow of={PEOPLE} />
    </>
  );
}
