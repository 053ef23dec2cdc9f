import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { api, take } from "../../api/client";
import type { Camera } from "../../api/types";
import { useCan } from "../../app/session";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { Quiet, Talker, type Silent } from "../../player/talk";
import { t } from "../../text/t";

const WHY = { insecure: "talk.insecure", denied: "talk.denied", none: "talk.none" } as const;

/** Press to talk through the camera's loudspeaker. */
export function Talk({ camera }: { camera: Camera }) {
  const can = useCan();
  const talker = useRef<Talker | null>(null);
  const [on, setOn] = useState(false);
  const [quiet, setQuiet] = useState<Silent | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => () => talker.current?.stop(), []);
  if (!can("camera.talk", { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags })) return null;

  const end = (): void => {
    talker.current?.stop();
    talker.current = null;
    setOn(false);
  };
  const begin = (): void => {
    if (talker.current) return;
    const made = new Talker(
      async (audio) => {
        await take(api.POST("/api/v1/cameras/{id}/talk", { params: { path: { id: camera.id } }, body: { audio } }));
      },
      (failed) => {
        setError(failed);
        end();
      },
    );
    talker.current = made;
    setError(null);
    setQuiet(null);
    setOn(true);
    made.start().catch((failed: unknown) => {
      if (failed instanceof Quiet) setQuiet(failed.why);
      else setError(failed);
      end();
    });
  };
  return (
    <Panel title={t("talk.title")}>
      <div className="stack">
        <Button
          variant={on ? "filled" : "default"}
          aria-pressed={on}
          style={{ touchAction: "none" }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            begin();
          }}
          onPointerUp={end}
          onPointerCancel={end}
          onKeyDown={(event) => {
            if ((event.key === " " || event.key === "Enter") && !event.repeat) {
              event.preventDefault();
              begin();
            }
          }}
          onKeyUp={end}
          onBlur={end}
          onContextMenu={(event) => event.preventDefault()}
        >
          {on ? t("talk.on") : t("talk.press")}
        </Button>
        {quiet ? (
          <p role="status" style={{ margin: 0 }}>
            {t(WHY[quiet])}
          </p>
        ) : null}
        {error ? <Failure error={error} /> : null}
      </div>
    </Panel>
  );
}
