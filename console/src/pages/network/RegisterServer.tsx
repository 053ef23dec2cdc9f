import { Button, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, take } from "../../api/client";
import type { FoundServer, RegisteredServer } from "../../api/types";
import { Failure } from "../../parts/States";
import { t, word } from "../../text/t";
import styles from "./Servers.module.css";

interface Props {
  server: FoundServer;
  onRegistered: (registered: RegisteredServer) => void;
  onCancel: () => void;
}

/** The form that registers a found server; it shows the fingerprint that a person compares, and sends just that one. */
export function RegisterServer({ server, onRegistered, onCancel }: Props) {
  const queries = useQueryClient();
  const [name, setName] = useState(server.name);
  const [role, setRole] = useState(server.roles[0] ?? "server");
  const [fingerprint] = useState(server.fingerprint);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const register = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body = { name: name.trim(), role, fingerprint };
    take(api.POST("/api/v1/network/servers/{id}/register", { params: { path: { id: server.id } }, body }))
      .then((registered) => {
        void queries.invalidateQueries({ queryKey: ["list", "node"] });
        onRegistered(registered);
      }, setError)
      .finally(() => setBusy(false));
  };

  const vouched = server.trust === "site" ? t("servers.register.site") : t("servers.register.compare");
  return (
    <form className={styles.form} onSubmit={register} aria-label={t("servers.register.what", { name: server.name })}>
      <div className={styles.fields}>
        <TextInput
          label={t("servers.register.name")}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          required
          ref={first}
        />
        <Select
          label={t("servers.register.role")}
          value={role}
          onChange={(value) => setRole(server.roles.find((known) => known === value) ?? role)}
          data={server.roles.map((value) => ({ value, label: word("serverrole", value) }))}
          allowDeselect={false}
        />
      </div>
      {fingerprint ? (
        <p>
          {vouched} <span className={`mono ${styles.key ?? ""}`}>{fingerprint}</span>
        </p>
      ) : (
        <p>{t("servers.register.plain")}</p>
      )}
      {error ? <Failure error={error} /> : null}
      <div className="row">
        <Button type="submit" loading={busy} disabled={name.trim() === ""}>
          {t("servers.register.do")}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t("servers.cancel")}
        </Button>
      </div>
    </form>
  );
}
