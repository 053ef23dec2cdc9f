import { Button, FileButton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import type { CredentialHolder } from "../../api/types";
import { useCan } from "../../app/session";
import { Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { t } from "../../text/t";

const LARGEST = 256 * 1024;

/** Returns the content of a file as base64. */
async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function Shown({ id, name, picture }: { id: string; name: string; picture: string }) {
  const query = useQuery({
    queryKey: ["picture", id, picture],
    queryFn: ({ signal }) => take(api.GET("/api/v1/credential-holders/{id}/picture", { params: { path: { id } }, signal })),
    gcTime: 0,
  });
  return (
    <Await query={query} rows={6}>
      {query.data ? (
        <img
          src={`data:${query.data.media_type};base64,${query.data.content}`}
          alt={t("picture.of", { name })}
          style={{ maxInlineSize: "100%", maxBlockSize: 320, display: "block" }}
        />
      ) : null}
    </Await>
  );
}

/** The picture of a person, for those who may see it, and for those who may change it. */
export function HolderPicture({ holder }: { holder: CredentialHolder }) {
  const { id, name, picture } = holder;
  const client = useQueryClient();
  const can = useCan();
  const may = can("credential-holder.update", { ref: `credential-holder:${id}`, area: holder.area, tags: holder.tags });
  const params = { path: { id } };
  const done = { onSuccess: () => client.invalidateQueries({ queryKey: ["entity", "credential-holder", id] }) };
  const setting = useMutation({
    mutationFn: async (file: File) =>
      take(api.PUT("/api/v1/credential-holders/{id}/picture", { params, body: { content: await base64(file) } })),
    ...done,
  });
  const removing = useMutation({
    mutationFn: () => take(api.DELETE("/api/v1/credential-holders/{id}/picture", { params })),
    ...done,
  });
  const chosen = setting.variables;
  const large = chosen && chosen.size > LARGEST;
  return (
    <Panel title={t("picture.title")}>
      <div className="stack">
        {picture ? (
          <Shown id={id} name={name} picture={picture} />
        ) : (
          <Empty what={t("picture.none")} next={may ? t("picture.none.next") : undefined} />
        )}
        {may ? (
          <div className="row">
            <FileButton
              accept="image/jpeg,image/png"
              onChange={(file) => {
                removing.reset();
                if (file) setting.mutate(file);
              }}
            >
              {(props) => (
                <Button variant="default" loading={setting.isPending} {...props}>
                  {t(picture ? "picture.replace" : "picture.choose")}
                </Button>
              )}
            </FileButton>
            {picture ? (
              <Button
                variant="default"
                loading={removing.isPending}
                onClick={() => {
                  setting.reset();
                  removing.mutate();
                }}
              >
                {t("picture.remove")}
              </Button>
            ) : null}
          </div>
        ) : null}
        {setting.error ? (
          large ? (
            <p role="alert">{t("picture.large", { size: Math.ceil(chosen.size / 1024) })}</p>
          ) : (
            <Failure error={setting.error} />
          )
        ) : null}
        {removing.error ? <Failure error={removing.error} /> : null}
      </div>
    </Panel>
  );
}
