import { ActionIcon, Button, Checkbox, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";

import { api, ifMatch, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Dashboard, Tile as TileOf } from "../../api/types";
import { useCan, useSigned } from "../../app/session";
import { Icon } from "../../parts/Icon";
import { PageHead } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { t } from "../../text/t";
import styles from "./Dashboards.module.css";
import { foot, placed } from "./grid";
import { NewTile } from "./NewTile";
import { Tile } from "./Tile";

const ROW = 56;
const GAP = 8;

/** Dashboards: tiles that a person arranged, for oneself or for all. */
export function Dashboards() {
  const { id = "" } = useParams();
  const query = useAll<Dashboard>("dashboard");
  const navigate = useNavigate();
  const can = useCan();
  const [making, setMaking] = useState(false);
  const all = query.data ?? [];
  const shown = all.find((one) => one.id === id) ?? (id ? undefined : all[0]);
  const create = can("dashboard.create") ? (
    <Button variant="default" onClick={() => setMaking(true)}>
      {t("dashboard.new")}
    </Button>
  ) : null;
  return (
    <>
      <Await query={query} rows={6}>
        {shown ? (
          <Board key={`${shown.id} ${shown.revision}`} board={shown}>
            <Select
              aria-label={t("dashboard.which")}
              w={200}
              data={all.map((one) => ({ value: one.id, label: one.name }))}
              value={shown.id}
              onChange={(next) => void navigate(`/dashboards/${next ?? ""}`)}
              allowDeselect={false}
            />
            {create}
          </Board>
        ) : (
          <>
            <PageHead title={t("nav.dashboards")} actions={create} />
            <Empty what={t(id ? "dashboard.gone" : "dashboard.none")} next={t("dashboard.none.next")} />
          </>
        )}
      </Await>
      {making ? (
        <New
          onClose={(made) => {
            setMaking(false);
            if (made) void navigate(`/dashboards/${made}`);
          }}
        />
      ) : null}
    </>
  );
}

function Board({ board, children }: { board: Dashboard; children: React.ReactNode }) {
  const client = useQueryClient();
  const can = useCan();
  const grid = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState<TileOf[] | null>(null);
  const [adding, setAdding] = useState(false);
  const { session } = useSigned();
  const mine = board.owner === session.user.id || can("dashboard.share");
  const tiles = draft ?? board.tiles;
  const save = useMutation({
    mutationFn: (next: TileOf[]) =>
      take(
        api.PATCH("/api/v1/dashboards/{id}", {
          params: { path: { id: board.id }, header: ifMatch(board.revision) },
          body: { tiles: next },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["list", "dashboard"] });
      setDraft(null);
    },
  });
  const cell = (): { width: number; height: number } => ({
    width: ((grid.current?.clientWidth ?? 1200) + GAP) / 12,
    height: ROW + GAP,
  });
  const full = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void grid.current?.requestFullscreen();
  };
  return (
    <>
      <PageHead
        title={board.name}
        after={<span className="dim">{board.owner ? t("dashboard.own") : t("dashboard.shared")}</span>}
        actions={
          <>
            {children}
            {can("dashboard.update") && mine ? (
              draft ? (
                <>
                  <Button variant="default" onClick={() => setAdding(true)}>
                    {t("tile.new")}
                  </Button>
                  <Button variant="default" onClick={() => setDraft(null)}>
                    {t("dashboard.leave")}
                  </Button>
                  <Button onClick={() => save.mutate(draft)} loading={save.isPending}>
                    {t("dashboard.keep")}
                  </Button>
                </>
              ) : (
                <Button variant="default" onClick={() => setDraft([...board.tiles])}>
                  {t("dashboard.arrange")}
                </Button>
              )
            ) : null}
            <ActionIcon onClick={full} aria-label={t("dashboard.full")} title={t("dashboard.full")}>
              <Icon name="full" />
            </ActionIcon>
          </>
        }
      />
      {save.error ? <Failure error={save.error} /> : null}
      {draft ? <p className="dim">{t("tile.move.help")}</p> : null}
      {tiles.length === 0 ? <Empty what={t("dashboard.empty")} next={t("dashboard.empty.next")} /> : null}
      <div className={styles.grid} ref={grid}>
        {inOrder(tiles).map(([tile, n]) => (
          <Tile
            key={n}
            tile={tile}
            arranged={draft !== null}
            cell={cell}
            onPlace={(place) => setDraft((held) => placed(held ?? tiles, n, place))}
            onRemove={() => setDraft((held) => (held ?? tiles).filter((_, other) => other !== n))}
          />
        ))}
      </div>
      {adding ? (
        <NewTile
          onClose={(made) => {
            setAdding(false);
            if (made) setDraft((held) => [...(held ?? []), { ...made, x: 0, y: foot(held ?? []) }]);
          }}
        />
      ) : null}
    </>
  );
}

/** Tiles as they are read, with their number: row by row, so that a phone shows them in that order. */
function inOrder(tiles: readonly TileOf[]): [TileOf, number][] {
  return tiles.map((tile, n): [TileOf, number] => [tile, n]).sort(([a], [b]) => a.y - b.y || a.x - b.x);
}

function New({ onClose }: { onClose: (id?: string) => void }) {
  const { session } = useSigned();
  const client = useQueryClient();
  const can = useCan();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const make = useMutation({
    mutationFn: () =>
      take(api.POST("/api/v1/dashboards", { body: { name: name.trim(), owner: shared ? null : session.user.id } })),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["list", "dashboard"] });
      onClose(made.id);
    },
  });
  return (
    <Modal opened onClose={() => onClose()} title={t("dashboard.new")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <TextInput
          label={t("dashboard.name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        {can("dashboard.share") ? (
          <Checkbox checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} label={t("dashboard.share")} />
        ) : null}
        {make.error ? <Failure error={make.error} /> : null}
        <div>
          <Button type="submit" loading={make.isPending} disabled={name.trim() === ""}>
            {t("dashboard.make")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
