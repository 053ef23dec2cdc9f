import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";

import { api, take } from "../api/client";
import type { Session } from "../api/types";
import { Failure } from "../parts/States";
import { t } from "../text/t";
import styles from "./SignIn.module.css";

export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    take(api.POST("/api/v1/session", { body: { username: username.trim(), password } }))
      .then(onSignedIn, (refusal: unknown) => {
        setError(refusal);
        setPassword("");
      })
      .finally(() => setBusy(false));
  };

  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={submit}>
        <div className="row">
          <img src="/favicon.svg" alt="" width="28" height="28" />
          <h1>{t("signin.title")}</h1>
        </div>
        <TextInput
          size="sm"
          label={t("signin.username")}
          value={username}
          onChange={(e) => setUsername(e.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
          required
        />
        <PasswordInput
          size="sm"
          label={t("signin.password")}
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          autoComplete="current-password"
          required
        />
        {error ? <Failure error={error} /> : null}
        <Button type="submit" size="sm" loading={busy}>
          {t("signin.submit")}
        </Button>
        <p className="dim">{t("signin.help")}</p>
      </form>
    </main>
  );
}
