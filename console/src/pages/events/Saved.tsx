import { Button, Checkbox, Menu, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { SavedSearch } from "../../api/types";
import { useCan, useSigned } from "../../app/session";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import { ofSaved, type LogFilter } from "./filter";

const SPANS = [0, 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400];

function SaveSearch({ filter, onClose }: { filter: LogFilter; onClose: () => void }) {
  const { session } = useSigned();
  const can = useCan();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [all, setAll] = useState(false);
  const [span, setSpan] = useState("0");
  const save = useMutation({
    mutationFn: () =>
      take(
        api.POST("/api/v1/saved-searches", {
          body: {
            name: name.trim(),
            owner: all ? null : session.user.id,
            types: [...filter.types],
            entity: filter.entity,
            within: filter.area || null,
            holder: filter.holder || null,
            source: filter.source,
            severity: filter.severity,
            text: filter.q,
            span: Number(span),
          },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["list", "saved-search"] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t("events.saved.new")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          label={t("events.saved.name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Select
          label={t("events.saved.span")}
          data={SPANS.map((seconds) => ({
            value: String(seconds),
            label: seconds ? t("events.saved.last", { n: seconds / 3600 }) : t("events.saved.whole"),
          }))}
          value={span}
          onChange={(value) => setSpan(value ?? "0")}
          allowDeselect={false}
        />
        {can("saved-search.share") ? (
          <Checkbox checked={all} onChange={(event) => setAll(event.currentTarget.checked)} label={t("events.saved.all")} />
        ) : (
          <p className="dim">{t("events.saved.own")}</p>
        )}
        {save.error ? <Failure error={save.error} /> : null}
        <div>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === ""}>
            {t("events.saved.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** The searches that are kept, one's own and those for all, and keeping this one. */
export function Saved({ filter, onUse }: { filter: LogFilter; onUse: (filter: LogFilter) => void }) {
  const can = useCan();
  const [saving, setSaving] = useState(false);
  if (!can("saved-search.list")) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default">{t("events.saved")}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <List onUse={onUse} />
          {can("saved-search.create") ? (
            <>
              <Menu.Divider />
              <Menu.Item onClick={() => setSaving(true)}>{t("events.saved.keep")}</Menu.Item>
            </>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {saving ? <SaveSearch filter={filter} onClose={() => setSaving(false)} /> : null}
    </>
  );
}

function List({ onUse }: { onUse: (filter: LogFilter) => void }) {
  const found = useAll<SavedSearch>("saved-search");
  if (found.error) return <Failure error={found.error} />;
  const searches = found.data ?? [];
  if (searches.length === 0) return <Menu.Label>{t("events.saved.none")}</Menu.Label>;
  return searches.map((one) => (
    <Menu.Item key={one.id} onClick={() => onUse(ofSaved(one, Date.now()))}>
      {one.name} {one.owner ? null : <span className="dim">{t("events.saved.shared")}</span>}
    </Menu.Item>
  ));
}
