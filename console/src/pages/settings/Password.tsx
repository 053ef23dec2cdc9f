import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";

import { api, take } from "../../api/client";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";

export function Password() {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setDone(false);
    take(api.PUT("/api/v1/session/password", { body: { old, new: fresh } }))
      .then(() => {
        setDone(true);
        setOld("");
        setFresh("");
      }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <Panel title={t("password.title")}>
      <form className="stack" onSubmit={submit}>
        <PasswordInput
          label={t("password.old")}
          value={old}
          onChange={(e) => setOld(e.currentTarget.value)}
          autoComplete="current-password"
          required
        />
        <PasswordInput
          label={t("password.new")}
          value={fresh}
          onChange={(e) => setFresh(e.currentTarget.value)}
          autoComplete="new-password"
          required
        />
        <div aria-live="polite">
          {done ? t("password.done") : null}
          {error ? <Failure error={error} /> : null}
        </div>
        <Button type="submit" loading={busy} style={{ alignSelf: "flex-start" }}>
          {t("password.submit")}
        </Button>
      </form>
    </Panel>
  );
}
