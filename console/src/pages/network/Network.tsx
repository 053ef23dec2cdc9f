import { useState } from "react";

import { useCan } from "../../app/session";
import { PageHead, Panel } from "../../parts/Panel";
import { Await } from "../../parts/States";
import { t } from "../../text/t";
import { Collisions } from "./Collisions";
import { Doctor } from "./Doctor";
import { Export } from "./Export";
import { Found } from "./Found";
import { FoundServers } from "./FoundServers";
import { Manifest, type Shown } from "./Manifest";
import { PortMap } from "./Map";
import { MulticastStreams } from "./MulticastStreams";
import { PortTrials } from "./PortTrials";
import { Probes } from "./Probes";
import { usePorts } from "./usePorts";

/** This node's ports: a map with live state, what doctor and probes say of them, what was found, and the manifest itself. */
export function Network() {
  const can = useCan();
  const { query, ports } = usePorts();
  const [shown, setShown] = useState<Shown>({ state: "open", filter: "", picked: "" });
  const node = query.data?.node ?? "";
  return (
    <>
      <PageHead title={t("nav.network")} after={query.data ? <span className="dim">{t("network.node", { node })}</span> : null} />
      <p className="dim" style={{ margin: 0 }}>
        {t("network.about")}
      </p>
      <PortTrials ports={query.data?.items ?? []} />
      <Collisions />
      <Panel title={t("map.title")} flush>
        <Await query={query} rows={10}>
          <PortMap node={node} ports={ports} onPick={(picked) => setShown({ state: "all", filter: "", picked })} />
        </Await>
      </Panel>
      {can("network.doctor") ? <Doctor /> : null}
      <MulticastStreams />
      <FoundServers />
      <Found />
      <Probes />
      <Manifest ports={ports} shown={shown} onShow={setShown} query={query} />
      {can("network.export") ? <Export /> : null}
    </>
  );
}
