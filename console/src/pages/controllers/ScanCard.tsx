import { Button, Modal, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { AccessPoint, Controller, Door } from "../../api/types";
import { useCan } from "../../app/session";
import { Await, Empty, Failure } from "../../parts/States";
import { t } from "../../text/t";

const SECONDS = 30;

interface Place {
  controller: string;
  reader: number;
}

function Reader({ onCard }: { onCard: (card: string) => void }) {
  const points = useAll<AccessPoint>("access-point");
  const doors = useAll<Door>("door");
  const controllers = useAll<Controller>("controller");
  const [chosen, setChosen] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  const scan = useMutation({
    mutationFn: (place: Place) => {
      const abort = new AbortController();
      stop.current = abort;
      return take(
        api.POST("/api/v1/controllers/{id}/scan", {
          params: { path: { id: place.controller } },
          body: { reader: place.reader, seconds: SECONDS },
          signal: abort.signal,
        }),
      );
    },
    onSuccess: (found) => onCard(found.card),
  });
  useEffect(() => () => stop.current?.abort(), []);

  const ours = new Set((controllers.data ?? []).filter(({ driver }) => driver === "link").map(({ id }) => id));
  const served = new Map((doors.data ?? []).map((door) => [door.id, door.controller]));
  const places = new Map<string, Place>();
  for (const point of points.data ?? []) {
    const controller = served.get(point.door);
    if (controller && ours.has(controller)) places.set(point.id, { controller, reader: point.reader });
  }
  const options = (points.data ?? []).filter((point) => places.has(point.id)).map(({ id, name }) => ({ value: id, label: name }));
  const place = chosen === null ? undefined : places.get(chosen);
  return (
    <Await query={[points, doors, controllers].find((query) => query.isPending || query.error) ?? points} rows={2}>
      <form
        className="stack"
        onSubmit={(event) => {
          // The form of the credential lies around this one in React's tree.
          event.preventDefault();
          event.stopPropagation();
          if (place) scan.mutate(place);
        }}
      >
        <p style={{ margin: 0 }}>{t("scan.what")}</p>
        {options.length === 0 ? <Empty what={t("scan.none")} next={t("scan.none.next")} /> : null}
        <Select
          label={t("scan.reader")}
          data={options}
          value={chosen}
          onChange={setChosen}
          disabled={scan.isPending}
          searchable
          data-autofocus
        />
        <div aria-live="polite">
          {scan.isPending ? <p style={{ margin: 0 }}>{t("scan.waiting", { seconds: SECONDS })}</p> : null}
          {scan.error ? <Failure error={scan.error} /> : null}
        </div>
        <div>
          <Button type="submit" loading={scan.isPending} disabled={!place}>
            {t("scan.do")}
          </Button>
        </div>
      </form>
    </Await>
  );
}

/** Reads a card at a reader of the site, instead of typing its number. */
export function ScanCard({ onCard }: { onCard: (card: string) => void }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("controller.scan")) return null;
  return (
    <>
      <div>
        <Button variant="default" size="compact-sm" onClick={() => setOpen(true)}>
          {t("scan.open")}
        </Button>
      </div>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t("scan.title")}
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        <Reader
          onCard={(card) => {
            setOpen(false);
            onCard(card);
          }}
        />
      </Modal>
    </>
  );
}
