import { Button } from "@mantine/core";

import { useCan } from "../../app/session";
import type { Door, Status } from "../../api/types";
import { against } from "../../site/doors";
import { t, word } from "../../text/t";
import { useDoorCommand } from "./useDoorCommand";

/** Lets one person through, with what came of it on the button itself. */
export function QuickRelease({ door, status }: { door: Door; status: Status | undefined }) {
  const can = useCan();
  const { outcome, send } = useDoorCommand(door.id);
  if (!can("door.release", { ref: `door:${door.id}`, area: door.area, tags: door.tags })) return null;
  const held = against("release", status);
  const text =
    outcome?.state === "refused"
      ? t("command.release.refused")
      : outcome?.state === "done"
        ? t("command.release.done")
        : t("command.release.do");
  return (
    <Button
      variant="default"
      size="compact-xs"
      loading={outcome?.state === "running"}
      onClick={() => void send("release", "")}
      disabled={held !== ""}
      title={held ? word("against", held) : t("command.release.what", { door: door.name, seconds: door.release_time })}
      aria-label={`${text}: ${door.name}`}
    >
      {text}
    </Button>
  );
}
