import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import { useZone } from "../../app/session";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import { stamp } from "../../time/zone";

interface Props {
  /** The cameras that are shown, the first one first. */
  cameras: readonly { id: string; name: string }[];
  at: number;
  now: number;
  onClose: () => void;
}

/** Names the moment that is shown, for a camera. */
export function BookmarkForm({ cameras, at, now, onClose }: Props) {
  const zone = useZone();
  const client = useQueryClient();
  const [camera, setCamera] = useState(cameras[0]?.id ?? "");
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const keep = useMutation({
    mutationFn: () =>
      take(
        api.POST("/api/v1/bookmarks", { body: { name: name.trim(), description: note, camera, time: Math.round(at * 1000) } }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["list", "bookmark"] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t("bookmark.title", { at: stamp(at, zone, now) })}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          keep.mutate();
        }}
      >
        <TextInput
          label={t("bookmark.name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={120}
          data-autofocus
        />
        <Select
          label={t("bookmark.camera")}
          value={camera}
          onChange={(value) => setCamera(value ?? camera)}
          data={cameras.map((one) => ({ value: one.id, label: one.name }))}
          allowDeselect={false}
        />
        <Textarea
          label={t("bookmark.note")}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={2000}
          autosize
          minRows={2}
        />
        <p className="dim" style={{ margin: 0 }}>
          {t("bookmark.about")}
        </p>
        {keep.error ? <Failure error={keep.error} /> : null}
        <div>
          <Button type="submit" loading={keep.isPending} disabled={name.trim() === "" || camera === ""}>
            {t("bookmark.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
