import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Fragment, useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";

import { api, ifMatch, take } from "../../api/client";
import { FIELDS, type Field } from "../../api/fields";
import { itemPath, listPath, useEntity } from "../../api/hooks";
import type { Entity } from "../../api/types";
import { useCan } from "../../app/session";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Failure } from "../../parts/States";
import { kindOf, PLURALS, type Kind } from "../../site/kinds";
import { t, word } from "../../text/t";
import { ScanCard } from "../controllers/ScanCard";
import { Footage } from "../cameras/Footage";
import { NotFound } from "../NotFound";
import { WhatIf } from "../whatif/WhatIf";
import { FieldInput } from "./FieldInput";
import { draftOf, fitting, inOrder, isHidden, readDraft, type Draft } from "./form";

function Remove({ kind, document }: { kind: Kind; document: Entity }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = (): void => {
    take(api.DELETE(itemPath(kind), { params: { path: { id: document.id }, header: ifMatch(document.revision) } })).then(() => {
      queries.removeQueries({ queryKey: ["entity", kind, document.id] });
      void queries.invalidateQueries();
      void navigate(`/${PLURALS[kind]}`, { replace: true });
    }, setError);
  };
  return (
    <Panel title={t("entity.delete")}>
      <div className="row">
        {asked ? (
          <>
            <span className="grow">{t("entity.delete.what", { name: document.name })}</span>
            <Button variant="default" onClick={() => setAsked(false)}>
              {t("action.cancel")}
            </Button>
            <Button color="red" onClick={remove}>
              {t("entity.delete.do", { name: document.name })}
            </Button>
          </>
        ) : (
          <Button variant="default" onClick={() => setAsked(true)}>
            {t("entity.delete")}
          </Button>
        )}
      </div>
      {error ? <Failure error={error} /> : null}
    </Panel>
  );
}

const NONE: readonly Field[] = [];

function Form({ kind, document }: { kind: Kind; document: Entity | null }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const fields = FIELDS[PLURALS[kind]] ?? NONE;
  const before = useMemo(() => draftOf(fields, document as Record<string, unknown> | null), [fields, document]);
  const [draft, setDraft] = useState<Draft>(before);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const read = (): Record<string, unknown> | null => {
    const found = readDraft(fields, draft, document ? before : null);
    setWrong("wrong" in found ? found.wrong : {});
    return "wrong" in found ? null : found.body;
  };
  const save = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    const body = read();
    if (!body) return;
    setBusy(true);
    setError(null);
    const call = document
      ? api.PATCH(itemPath(kind), { params: { path: { id: document.id }, header: ifMatch(document.revision) }, body })
      : api.POST(listPath(kind), { body: body as { name: string } });
    take(call as Promise<{ data?: Entity; error?: unknown; response: Response }>)
      .then((saved) => {
        void queries.invalidateQueries();
        void navigate(`/${PLURALS[kind]}/${saved.id}`, { replace: true });
      }, setError)
      .finally(() => setBusy(false));
  };

  return (
    <div className="stack">
      <form onSubmit={save} style={{ maxWidth: 640 }} noValidate>
        <Panel title={document ? t("entity.edit", { kind: word("kind", kind) }) : t("entity.add", { kind: word("kind", kind) })}>
          <div className="stack">
            {inOrder(fitting(fields, draft))
              .filter((field) => !isHidden(field, document === null))
              .map((field) => (
                <Fragment key={field.name}>
                  <FieldInput
                    field={field}
                    value={draft[field.name] ?? ""}
                    wrong={wrong[field.name]}
                    isSet={(document as Record<string, unknown> | null)?.[`${field.name}_set`] === true}
                    onChange={(value) => setDraft((held) => ({ ...held, [field.name]: value }))}
                  />
                  {kind === "camera" && field.name === "url" ? (
                    <Footage value={draft.url} onChoose={(url) => setDraft((held) => ({ ...held, url }))} />
                  ) : null}
                  {kind === "credential" && field.name === "card" ? (
                    <ScanCard onCard={(card) => setDraft((held) => ({ ...held, card }))} />
                  ) : null}
                </Fragment>
              ))}
            {error ? <Failure error={error} /> : null}
            <div className="row">
              <Button type="submit" loading={busy}>
                {t("action.save")}
              </Button>
              <Button variant="default" onClick={() => void navigate(-1)}>
                {t("action.cancel")}
              </Button>
            </div>
          </div>
        </Panel>
      </form>
      <WhatIf kind={kind} id={document?.id ?? null} read={read} />
    </div>
  );
}

function Edit({ kind, id }: { kind: Kind; id: string }) {
  const query = useEntity<Entity>(kind, id);
  const can = useCan();
  return (
    <Await query={query} rows={8}>
      {query.data ? (
        <>
          <PageHead title={query.data.name} />
          <Form key={query.data.revision} kind={kind} document={query.data} />
          {can(`${kind}.delete`, { ref: `${kind}:${id}` }) ? (
            <div style={{ maxWidth: 640 }}>
              <Remove kind={kind} document={query.data} />
            </div>
          ) : null}
        </>
      ) : null}
    </Await>
  );
}

/** The form of any entity, made from the API's own description of it. "new" in the place of an id makes a new one. */
export function FormPage() {
  const { plural = "", id = "" } = useParams();
  const kind = kindOf(plural);
  if (!kind) return <NotFound />;
  if (id !== "new") return <Edit key={`${kind} ${id}`} kind={kind} id={id} />;
  return (
    <>
      <PageHead title={t("entity.add", { kind: word("kind", kind) })} />
      <Form key={kind} kind={kind} document={null} />
    </>
  );
}
