import { Button, Modal, MultiSelect, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import { useAll } from "../../api/hooks";
import type { Camera, Door, Point, Tile } from "../../api/types";
import { t } from "../../text/t";

const KINDS = ["value", "chart", "state", "picture", "events"] as const;
const SIZES: Record<Tile["kind"], [w: number, h: number]> = {
  value: [3, 2],
  chart: [6, 5],
  state: [3, 2],
  picture: [4, 4],
  events: [6, 5],
};

/** Asks what a new tile shows. */
export function NewTile({ onClose }: { onClose: (tile?: Omit<Tile, "x" | "y">) => void }) {
  const [kind, setKind] = useState<Tile["kind"]>("value");
  const [entity, setEntity] = useState("");
  const [points, setPoints] = useState<string[]>([]);
  const [title, setTitle] = useState("");
  const allPoints = useAll<Point>("point").data ?? [];
  const cameras = useAll<Camera>("camera").data ?? [];
  const doors = useAll<Door>("door").data ?? [];
  const of = (group: "point" | "camera" | "door", items: readonly { id: string; name: string }[]) => ({
    group: t(`kinds.${group}`),
    items: items.map((one) => ({ value: `${group}:${one.id}`, label: one.name })),
  });
  const groups = {
    value: [of("point", allPoints)],
    picture: [of("camera", cameras)],
    state: [of("door", doors), of("camera", cameras)],
    events: [of("door", doors), of("camera", cameras), of("point", allPoints)],
    chart: [],
  }[kind];
  const ready = kind === "events" || (kind === "chart" ? points.length > 0 : entity !== "");
  return (
    <Modal opened onClose={() => onClose()} title={t("tile.new")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const [w, h] = SIZES[kind];
          const chart = kind === "chart";
          onClose({ kind, w, h, title: title.trim(), entity: chart ? "" : entity, points: chart ? points : [], seconds: 3600 });
        }}
      >
        <Select
          label={t("tile.kind")}
          data={KINDS.map((value) => ({ value, label: t(`tile.${value}`) }))}
          value={kind}
          onChange={(value) => {
            setKind(KINDS.find((one) => one === value) ?? "value");
            setEntity("");
          }}
          allowDeselect={false}
        />
        {kind === "chart" ? (
          <MultiSelect
            label={t("kinds.point")}
            data={allPoints.map(({ id, name }) => ({ value: id, label: name }))}
            value={points}
            onChange={setPoints}
            maxValues={8}
            limit={50}
            searchable
          />
        ) : (
          <Select
            label={t("tile.shows")}
            data={groups}
            value={entity || null}
            onChange={(value) => setEntity(value ?? "")}
            limit={50}
            searchable
            clearable={kind === "events"}
          />
        )}
        <TextInput
          label={t("tile.title")}
          maxLength={80}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" disabled={!ready}>
            {t("tile.add")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
