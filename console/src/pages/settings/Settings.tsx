import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import { useCan, useSigned } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await } from "../../parts/States";
import { Age } from "../../parts/Time";
import { size, span } from "../../site/units";
import { t, word } from "../../text/t";
import { Password } from "./Password";
import { SiteForm } from "./SiteForm";

function System() {
  const query = useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/system", { signal })),
    refetchInterval: 5000,
  });
  const system = query.data;
  return (
    <Panel title={t("system.title")} flush>
      <Await query={query} rows={6}>
        {system ? (
          <>
            <dl className="facts" style={{ padding: 12 }}>
              <dt>{t("system.version")}</dt>
              <dd>{system.version}</dd>
              <dt>{t("system.node")}</dt>
              <dd>{system.node}</dd>
              <dt>{t("system.uptime")}</dt>
              <dd>{span(system.uptime)}</dd>
              <dt>{t("system.events")}</dt>
              <dd>{system.event_head.toLocaleString("en")}</dd>
              {system.storage.map((disk) => (
                <Disk key={disk.path} disk={disk} />
              ))}
            </dl>
            <div className="tablebox">
              <table className="plain">
                <thead>
                  <tr>
                    <th>{t("system.process")}</th>
                    <th>{t("system.state")}</th>
                    <th className="num">{t("system.since")}</th>
                    <th className="num">{t("system.restarts")}</th>
                    <th className="num">{t("system.memory")}</th>
                    <th className="num">{t("system.pid")}</th>
                  </tr>
                </thead>
                <tbody>
                  {system.processes.map((process) => (
                    <tr key={process.name}>
                      <td>{process.name}</td>
                      <td>{word("state", process.state)}</td>
                      <td className="num">
                        <Age us={process.since} />
                      </td>
                      <td className="num">{process.restarts}</td>
                      <td className="num">{size(process.memory)}</td>
                      <td className="num">{process.pid}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        ) : null}
      </Await>
    </Panel>
  );
}

function Disk({ disk }: { disk: { path: string; total: number; free: number } }) {
  const share = disk.total > 0 ? disk.free / disk.total : 1;
  const severity = share < 0.03 ? 3 : share < 0.1 ? 2 : 0;
  return (
    <>
      <dt>{t("system.disk")}</dt>
      <dd>
        {severity > 0 ? <Mark severity={severity} label={word("severity", severity === 3 ? "alarm" : "warning")} /> : null}{" "}
        {t("system.disk.text", { free: size(disk.free), total: size(disk.total), path: disk.path })}
      </dd>
    </>
  );
}

export function Settings() {
  const { session } = useSigned();
  const can = useCan();
  return (
    <>
      <PageHead
        title={t("nav.settings")}
        actions={
          session.site.demo && can("site.update") ? (
            <Button component={Link} to="/setup">
              {t("demo.finish")}
            </Button>
          ) : null
        }
      />
      <div className="columns">
        {can("system.get") ? <System /> : <span />}
        <div className="stack">
          {can("site.update") ? <SiteForm /> : null}
          <Password />
        </div>
      </div>
    </>
  );
}
