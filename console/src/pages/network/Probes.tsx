import { useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import type { ProbeReport } from "../../api/types";
import { useSigned } from "../../app/session";
import { Command } from "../../parts/Command";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Time } from "../../parts/Time";
import type { Severity } from "../../site/severity";
import { t, word } from "../../text/t";
import styles from "./Probes.module.css";

type Judgement = ProbeReport["verdicts"][number]["judgement"];
const SEVERITY: Record<Judgement, Severity> = { blocked: 3, stranger: 3, unproven: 1, passes: 0, unused: 0 };
const ORDER: readonly Judgement[] = ["blocked", "stranger", "unproven", "passes", "unused"];

function Judged({ judgement }: { judgement: Judgement }) {
  return (
    <span className={styles.judged} data-severity={SEVERITY[judgement]}>
      <Mark severity={SEVERITY[judgement]} /> {word("judgement", judgement)}
    </span>
  );
}

function Table({ report }: { report: ProbeReport }) {
  const echo = new Map(report.ports.map((port) => [`${port.row} ${port.number}`, port]));
  const verdicts = [...report.verdicts].sort((a, b) => ORDER.indexOf(a.judgement) - ORDER.indexOf(b.judgement));
  const told = new Set(verdicts.filter((seen) => seen.transport === "udp").map((seen) => `${seen.row} ${seen.number}`));
  const heard = (key: string): string => {
    const port = echo.get(key);
    return port?.state === "echo" ? t("probes.echo.heard", { heard: port.heard, answered: port.answered }) : "";
  };
  return (
    <div className="tablebox">
      <table className={`plain ${styles.table ?? ""}`}>
        <thead>
          <tr>
            <th>{t("probes.port")}</th>
            <th>{t("probes.number")}</th>
            <th>{t("probes.judgement")}</th>
            <th>{t("probes.verdict")}</th>
            <th>{t("probes.inside")}</th>
            <th>{t("probes.echo")}</th>
            <th>{t("probes.seen")}</th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map((seen) => (
            <tr key={`${seen.row} ${seen.transport} ${seen.number}`}>
              <td>{seen.row}</td>
              <td>
                {seen.number}
                <span className="dim">/{seen.transport}</span>
              </td>
              <td>
                <Judged judgement={seen.judgement} />
              </td>
              <td>{word("verdict", seen.verdict)}</td>
              <td>{seen.inside ? word("inside", seen.inside) : t("value.none")}</td>
              <td>{seen.transport === "udp" ? heard(`${seen.row} ${seen.number}`) : ""}</td>
              <td className="dim">{seen.detail}</td>
            </tr>
          ))}
          {report.ports
            .filter((port) => !told.has(`${port.row} ${port.number}`))
            .map((port) => (
              <tr key={`${port.row} ${port.number}`}>
                <td>{port.row}</td>
                <td>{`${port.number}/udp`}</td>
                <td>{t("value.none")}</td>
                <td>{t("value.none")}</td>
                <td>{word("inside", port.state)}</td>
                <td>{heard(`${port.row} ${port.number}`)}</td>
                <td className="dim">{port.reason}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function Report({ report, open }: { report: ProbeReport; open: boolean }) {
  const counts = ORDER.map((judgement) => ({
    judgement,
    n: report.verdicts.filter((seen) => seen.judgement === judgement).length,
  })).filter(({ n }) => n > 0);
  return (
    <details className={styles.report} open={open}>
      <summary>
        <span className={styles.head}>
          <strong>{t("probes.from", { address: report.address })}</strong>
          <Time us={report.started} />
          <span className="dim">{report.actor}</span>
          {report.ended === null ? <span>{t("probes.running")}</span> : null}
          {counts.map(({ judgement, n }) => (
            <span key={judgement} className={styles.count}>
              {n} <Judged judgement={judgement} />
            </span>
          ))}
        </span>
      </summary>
      {report.verdicts.length === 0 ? <p className={`dim ${styles.line ?? ""}`}>{t("probes.silent")}</p> : null}
      <Table report={report} />
    </details>
  );
}

function How() {
  const { session } = useSigned();
  const host = location.hostname;
  const trust = location.protocol === "https:" ? " --ca ca.crt" : "";
  return (
    <section className={styles.how} aria-label={t("probes.how")}>
      <h3>{t("probes.how")}</h3>
      <p>{t("probes.client")}</p>
      {trust ? <Command text={`curl -o ca.crt http://${host}/ca.crt`} label={t("probes.client")} /> : null}
      <Command text={`sitewarden probe ${host} --user ${session.user.id}${trust}`} label={t("probes.client")} />
      <p>{t("probes.camera")}</p>
      <Command text="sitewarden probe --open ADDRESS" label={t("probes.camera")} />
      <Command text={`sitewarden probe ${host} --key KEY`} label={t("probes.camera")} />
      <p>{t("probes.switches")}</p>
      <Command text="sitewarden probe --multicast" label={t("probes.switches")} />
    </section>
  );
}

/** The last probes from other computers beside what this node had open, and how to run one. */
export function Probes() {
  const query = useQuery({
    queryKey: ["probes"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/network/probes", { signal })),
    refetchInterval: 15_000,
  });
  const items = query.data?.items ?? [];
  const shown = items.find((report) => report.verdicts.length > 0) ?? items[0];
  return (
    <Panel title={t("probes.title")} count={items.length > 0 ? items.length : undefined} flush>
      <p className={`dim ${styles.line ?? ""}`}>{t("probes.about")}</p>
      <Await query={query} rows={3}>
        {items.length === 0 ? <Empty what={t("probes.none")} next={t("probes.none.next")} /> : null}
        {items.map((report) => (
          <Report key={report.id} report={report} open={report === shown} />
        ))}
      </Await>
      <How />
    </Panel>
  );
}
