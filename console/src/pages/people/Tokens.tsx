import { Button, CopyButton, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ifMatch, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Token } from "../../api/types";
import { useCan, useSigned } from "../../app/session";
import { EntityLink } from "../../parts/EntityLink";
import { Icon } from "../../parts/Icon";
import { Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t } from "../../text/t";

const DAYS = ["0", "30", "90", "365"];

function NewToken({ onMade }: { onMade: () => void }) {
  const { session } = useSigned();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState("");
  const [error, setError] = useState<unknown>(null);

  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const expires = Number(days) > 0 ? Math.round((Date.now() + Number(days) * 86_400_000) * 1000) : null;
    take(api.POST("/api/v1/tokens", { body: { name: name.trim(), user: session.user.id, expires } }))
      .then((token) => {
        setMade(token.token);
        setName("");
        onMade();
      }, setError)
      .finally(() => setBusy(false));
  };

  return (
    <Panel title={t("tokens.new")}>
      <form className="row" style={{ alignItems: "flex-end" }} onSubmit={submit}>
        <TextInput
          className="grow"
          label={t("tokens.name")}
          placeholder={t("tokens.name.hint")}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          maxLength={120}
          required
        />
        <Select
          label={t("tokens.expires")}
          value={days}
          onChange={(value) => setDays(value ?? "90")}
          data={DAYS.map((value) => ({
            value,
            label: value === "0" ? t("tokens.never") : t("tokens.days", { n: Number(value) }),
          }))}
          allowDeselect={false}
        />
        <Button type="submit" loading={busy} disabled={name.trim() === ""}>
          {t("tokens.make")}
        </Button>
      </form>
      <div aria-live="polite">
        {made ? (
          <div className="row" style={{ marginTop: 12 }}>
            <span>{t("tokens.once")}</span>
            <code className="mono" data-testid="token">
              {made}
            </code>
            <CopyButton value={made}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy} leftSection={<Icon name="copy" size={14} />}>
                  {copied ? t("action.copied") : t("action.copy")}
                </Button>
              )}
            </CopyButton>
          </div>
        ) : null}
        {error ? <Failure error={error} /> : null}
      </div>
    </Panel>
  );
}

/** Tokens for programs; each acts as its user. */
export function Tokens() {
  const query = useAll<Token>("token");
  const queries = useQueryClient();
  const can = useCan();
  const [error, setError] = useState<unknown>(null);
  const renew = (): void => void queries.invalidateQueries({ queryKey: ["list", "token"] });
  const revoke = (token: Token): void => {
    setError(null);
    take(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id: token.id }, header: ifMatch(token.revision) } })).then(
      renew,
      setError,
    );
  };
  return (
    <div className="stack">
      {can("token.create") ? <NewToken onMade={renew} /> : null}
      <Panel title={t("people.tokens")} count={query.data?.length} flush>
        {error ? <Failure error={error} /> : null}
        <Await query={query}>
          {query.data?.length === 0 ? <Empty what={t("tokens.none")} next={t("tokens.none.next")} /> : null}
          <div className="tablebox">
            <table className="plain">
              <tbody>
                {(query.data ?? []).map((token) => (
                  <tr key={token.id}>
                    <td>{token.name}</td>
                    <td>
                      <EntityLink to={`user:${token.user}`} />
                    </td>
                    <td>{token.created ? <Time us={token.created} /> : null}</td>
                    <td>{token.expires ? <Time us={token.expires} short /> : t("tokens.never")}</td>
                    <td className="num">
                      {can("token.delete", { ref: `token:${token.id}` }) ? (
                        <Button
                          variant="default"
                          size="compact-xs"
                          onClick={() => revoke(token)}
                          aria-label={t("tokens.revoke.of", { name: token.name })}
                        >
                          {t("tokens.revoke")}
                        </Button>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Await>
      </Panel>
    </div>
  );
}
