import { Button, CopyButton, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import { useCan } from "../../app/session";
import { Icon } from "../../parts/Icon";
import { Panel } from "../../parts/Panel";
import { Empty, Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t } from "../../text/t";

function Approve({ id, known, onDone }: { id: string; known: boolean; onDone: () => void }) {
  const [code, setCode] = useState("");
  const [error, setError] = useState<unknown>(null);
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        setError(null);
        take(api.POST("/api/v1/controllers/{id}/approve", { params: { path: { id } }, body: { code: code.trim() } })).then(
          onDone,
          setError,
        );
      }}
    >
      {known ? (
        <span className="dim">{t("pairing.known")}</span>
      ) : (
        <TextInput
          value={code}
          onChange={(e) => setCode(e.currentTarget.value)}
          placeholder={t("pairing.code")}
          aria-label={t("pairing.code")}
          required
        />
      )}
      <Button type="submit" disabled={!known && code.trim() === ""}>
        {t("pairing.approve")}
      </Button>
      {error ? <Failure error={error} /> : null}
    </form>
  );
}

/** Controllers that ask to join, and codes with which new ones may. */
export function Pairing() {
  const can = useCan();
  const queries = useQueryClient();
  const [code, setCode] = useState<{ code: string; expires: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const pending = useQuery({
    queryKey: ["controllers", "pending"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/controllers/pending", { signal })),
    refetchInterval: 5000,
  });
  if (!can("controller.approve") && !can("controller.create")) return null;
  const renew = (): void => void queries.invalidateQueries();
  return (
    <Panel
      title={t("pairing.title")}
      flush
      actions={
        <Button
          variant="default"
          onClick={() => {
            setError(null);
            take(api.POST("/api/v1/controllers/pairing-codes", { body: {} })).then(setCode, setError);
          }}
        >
          {t("pairing.make")}
        </Button>
      }
    >
      {code ? (
        <p className="row" style={{ padding: "0 12px" }}>
          {t("pairing.enter")} <code className="mono">{code.code}</code>
          <CopyButton value={code.code}>
            {({ copied, copy }) => (
              <Button variant="default" size="compact-xs" onClick={copy} leftSection={<Icon name="copy" size={14} />}>
                {copied ? t("action.copied") : t("action.copy")}
              </Button>
            )}
          </CopyButton>
          <span className="dim">{t("pairing.until")}</span> <Time us={code.expires} short />
        </p>
      ) : null}
      {error ? <Failure error={error} /> : null}
      {pending.error ? <Failure error={pending.error} retry={() => void pending.refetch()} /> : null}
      {pending.data?.items.length === 0 ? <Empty what={t("pairing.none")} next={t("pairing.none.next")} /> : null}
      <table className="plain">
        <tbody>
          {(pending.data?.items ?? []).map((item) => (
            <tr key={item.id}>
              <td>
                {item.id}
                <div className="dim">
                  {item.name} <span className="mono">{item.remote}</span>
                </div>
                <div className="dim">
                  {t("pairing.label", { label: item.label })} · <Time us={item.since} />
                </div>
              </td>
              <td>{can("controller.approve") ? <Approve id={item.id} known={item.code_set} onDone={renew} /> : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
