import { Button, Modal, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import type { FoundController } from "../../api/types";
import { useCan } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { Empty, Failure, Loading } from "../../parts/States";
import { t } from "../../text/t";

const search = async () => take(api.POST("/api/v1/controllers/search", { body: { seconds: 2 } }));

function Add({ found, onDone }: { found: FoundController; onDone: (name: string) => void }) {
  const queries = useQueryClient();
  const board = found.driver !== "link";
  const [name, setName] = useState(board ? t("nearby.board", { serial: String(found.serial) }) : found.id);
  const [code, setCode] = useState("");
  const add = useMutation({
    mutationFn: () => {
      if (board) {
        const config = { serial: found.serial };
        const made = { id: found.id, name: name.trim(), driver: "uhppote" as const, address: found.sender, config };
        return take(api.POST("/api/v1/controllers", { body: made }));
      }
      const mode = found.mode === "direct" ? ("direct" as const) : ("server" as const);
      const address = mode === "direct" ? found.address : "";
      const body = { id: found.id, name: name.trim(), mode, address, commissioning: code.trim() || undefined };
      return take(api.POST("/api/v1/controllers", { body }));
    },
    onSuccess: (made) => {
      void queries.invalidateQueries();
      onDone(made.name);
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <TextInput
        label={t("nearby.name")}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        maxLength={120}
        required
        ref={focus}
      />
      {board ? (
        <p className="dim" style={{ margin: 0 }}>
          {t("nearby.board.help")}
        </p>
      ) : (
        <PasswordInput
          label={t("nearby.code")}
          description={t("nearby.code.help")}
          value={code}
          onChange={(e) => setCode(e.currentTarget.value)}
          autoComplete="off"
          maxLength={80}
        />
      )}
      {add.error ? <Failure error={add.error} /> : null}
      <div>
        <Button type="submit" loading={add.isPending} disabled={name.trim() === ""}>
          {t("nearby.add.of", { id: found.id })}
        </Button>
      </div>
    </form>
  );
}

function State({ found }: { found: FoundController }) {
  if (found.trial) return t("nearby.trial");
  if (found.proven === false) {
    return (
      <>
        <Mark severity={2} /> {t("nearby.foreign")}
      </>
    );
  }
  const text = found.in_site ? t("nearby.insite") : found.paired ? t("nearby.paired") : t("nearby.new");
  return <span title={found.proven ? t("nearby.proven") : undefined}>{text}</span>;
}

function Mode({ found }: { found: FoundController }) {
  if (found.driver !== "link") return t("nearby.mode.asked");
  return found.mode === "direct" || !found.server ? t("nearby.mode.direct") : t("nearby.mode.server", { server: found.server });
}

function Found({ items }: { items: readonly FoundController[] }) {
  const can = useCan();
  const [adding, setAdding] = useState<string | null>(null);
  const [added, setAdded] = useState<Record<string, string>>({});
  return (
    <div className="tablebox">
      <table className="plain">
        <thead>
          <tr>
            <th>{t("nearby.controller")}</th>
            <th>{t("nearby.address")}</th>
            <th className="wide-only">{t("nearby.mode")}</th>
            <th>{t("nearby.state")}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {items.map((found) => {
            const key = `${found.id} ${found.hardware}`;
            const inSite = found.in_site || added[found.id] !== undefined;
            return (
              <Fragment key={key}>
                <tr>
                  <td>
                    {inSite ? <Link to={`/controllers/${found.id}`}>{found.id}</Link> : found.id}
                    <div className="dim">
                      {found.model} · {found.firmware}
                    </div>
                    {added[found.id] ? (
                      <div role="status">
                        {t(found.driver === "link" ? "nearby.added" : "nearby.board.added", { name: added[found.id] ?? "" })}
                      </div>
                    ) : null}
                  </td>
                  <td>
                    <span className="mono" style={{ whiteSpace: "nowrap" }}>
                      {found.address}/{found.prefix}
                    </span>
                    {found.dhcp ? <span className="dim"> {t("nearby.dhcp")}</span> : null}
                    <div className="mono dim">{found.hardware}</div>
                  </td>
                  <td className="wide-only">
                    <Mode found={found} />
                  </td>
                  <td>
                    <State found={found} />
                  </td>
                  <td>
                    {!inSite && adding !== key && can("controller.create") ? (
                      <Button
                        variant="default"
                        size="compact-xs"
                        aria-label={t("nearby.add.of", { id: found.id })}
                        onClick={() => setAdding(key)}
                      >
                        {t("nearby.add")}
                      </Button>
                    ) : null}
                  </td>
                </tr>
                {adding === key && !inSite ? (
                  <tr>
                    <td colSpan={5}>
                      <Add
                        found={found}
                        onDone={(name) => {
                          setAdded((held) => ({ ...held, [found.id]: name }));
                          setAdding(null);
                        }}
                      />
                    </td>
                  </tr>
                ) : null}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Opens the pop-up that asks the server who answers on its networks, and adds what answers. */
export function SearchControllers() {
  const can = useCan();
  const [open, setOpen] = useState(false);
  const asking = useMutation({ mutationFn: search });
  if (!can("controller.search")) return null;
  const begin = (): void => {
    setOpen(true);
    asking.mutate();
  };
  return (
    <>
      <Button variant="default" onClick={begin}>
        {t("nearby.search")}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t("nearby.title")}
        size="xl"
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        <div className="stack" aria-live="polite">
          {asking.isPending ? (
            <>
              <p className="dim">{t("nearby.searching")}</p>
              <Loading rows={3} />
            </>
          ) : asking.error ? (
            <Failure error={asking.error} retry={() => asking.mutate()} />
          ) : asking.data ? (
            <>
              {asking.data.items.length === 0 ? (
                <Empty what={t("nearby.none")} next={t("nearby.none.next")} />
              ) : (
                <Found items={asking.data.items} />
              )}
              <div className="row">
                <span className="dim grow">
                  {t("nearby.where", { networks: asking.data.networks.join(", ") || t("value.none") })}
                </span>
                <Button variant="default" onClick={() => asking.mutate()}>
                  {t("nearby.again")}
                </Button>
              </div>
            </>
          ) : null}
        </div>
      </Modal>
    </>
  );
}

function focus(input: HTMLInputElement | null): void {
  input?.focus();
}
