import { Button, CopyButton, SegmentedControl, Select, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import { Icon } from "../../parts/Icon";
import { Panel } from "../../parts/Panel";
import { Await } from "../../parts/States";
import { t, word } from "../../text/t";
import styles from "./Network.module.css";

const NODE = [
  "nftables",
  "ufw",
  "firewalld",
  "windows",
  "inventory",
  "inventory-csv",
  "table",
  "markdown",
  "csv",
  "json",
] as const;
const MATRIX = ["table", "markdown", "csv", "json", "ios", "nftables"] as const;
const PROFILES = ["strict", "seed"] as const;
const FORMATS = { node: NODE, matrix: MATRIX } as const;
type What = keyof typeof FORMATS;

/** Firewall rules, inventories and lists of this node, and the flows between the site's networks. */
export function Export() {
  const [what, setWhat] = useState<What>("node");
  const [chosen, setChosen] = useState<string>("nftables");
  const [profile, setProfile] = useState<(typeof PROFILES)[number]>("strict");
  const [deny, setDeny] = useState(false);
  const formats: readonly string[] = FORMATS[what];
  const format = formats.includes(chosen) ? chosen : (formats[0] ?? "table");
  const denies = what === "node" && format === "nftables";
  const more = denies && deny ? { deny_outgoing: true } : {};
  const query = useQuery({
    queryKey: ["ports-export", what, format, profile, more],
    queryFn: ({ signal }) => {
      const shared = { parseAs: "text", signal } as const;
      return what === "node"
        ? take(
            api.GET("/api/v1/network/ports/export", {
              params: { query: { format: format as (typeof NODE)[number], profile, ...more } },
              ...shared,
            }),
          )
        : take(
            api.GET("/api/v1/network/matrix", {
              params: { query: { format: format as (typeof MATRIX)[number], profile } },
              ...shared,
            }),
          );
    },
  });
  const path = what === "node" ? "ports/export" : "matrix";
  const text = query.data ?? "";
  return (
    <Panel
      title={t("network.export")}
      flush
      actions={
        <>
          <SegmentedControl
            aria-label={t("network.export.what")}
            value={what}
            onChange={(value) => setWhat(value)}
            data={(["node", "matrix"] as const).map((value) => ({ value, label: word("export", value) }))}
          />
          <Select
            aria-label={t("network.profile")}
            w={230}
            value={profile}
            onChange={(value) => setProfile(PROFILES.find((known) => known === value) ?? "strict")}
            data={PROFILES.map((value) => ({ value, label: word("profile", value) }))}
            allowDeselect={false}
          />
          <Select
            aria-label={t("network.format")}
            w={150}
            value={format}
            onChange={(value) => setChosen(value ?? "nftables")}
            data={formats.map((value) => ({ value, label: word("format", value) }))}
            allowDeselect={false}
          />
          {denies ? <Switch label={t("network.deny")} checked={deny} onChange={(e) => setDeny(e.currentTarget.checked)} /> : null}
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy} leftSection={<Icon name="copy" size={14} />}>
                {copied ? t("action.copied") : t("action.copy")}
              </Button>
            )}
          </CopyButton>
          <Button
            component="a"
            variant="default"
            href={`/api/v1/network/${path}?format=${format}&profile=${profile}${denies && deny ? "&deny_outgoing=true" : ""}`}
            download={`sitewarden-${what === "node" ? "ports" : "matrix"}.${format}.txt`}
            leftSection={<Icon name="download" size={14} />}
          >
            {t("action.download")}
          </Button>
        </>
      }
    >
      <p className={`dim ${styles.about ?? ""}`}>{word("export", `about.${what}.${format}`)}</p>
      <Await query={query} rows={8}>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
        <pre className={`mono ${styles.text ?? ""}`} tabIndex={0} aria-label={word("format", format)}>
          {text}
        </pre>
      </Await>
    </Panel>
  );
}
