import { Button } from "@mantine/core";
import { useState } from "react";

import { Problem, toProblem } from "../api/problem";
import { Failure } from "./States";

interface Props {
  /** Path with its query under the console's own origin. */
  href: string;
  label: string;
  title?: string;
}

/** The server makes some files for a minute before they begin. */
const TIMEOUT_MS = 90_000;

async function save(href: string): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(href, { credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Problem(0, "unreachable", "", href);
  }
  if (!answer.ok) throw toProblem(answer.status, await answer.json().catch(() => null));
  const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "download";
  keep(name, await answer.blob());
}

function keep(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Gives a text to the person as a file. */
export function saveText(name: string, text: string, type: string): void {
  keep(name, new Blob([text], { type }));
}

/** A button that fetches a file; a refusal stands beside it, in place of a page of its own. */
export function Download({ href, label, title }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  return (
    <>
      <Button
        variant="default"
        loading={busy}
        title={title}
        aria-label={title}
        onClick={() => {
          setBusy(true);
          setError(null);
          save(href)
            .catch(setError)
            .finally(() => setBusy(false));
        }}
      >
        {label}
      </Button>
      {error ? <Failure error={error} /> : null}
    </>
  );
}

/** Both forms of a report; `what` names it for those who hear the page. */
export function Reports({
  path,
  query,
  label,
  short = (form) => form,
}: {
  path: "events" | "rights";
  query: URLSearchParams;
  label: (form: string) => string;
  /** What stands on the buttons; the form alone where the page says what it is a report of. */
  short?: (form: string) => string;
}) {
  return (
    <>
      {(["csv", "pdf"] as const).map((form) => {
        const params = new URLSearchParams(query);
        params.set("form", form);
        return (
          <Download
            key={form}
            href={`/api/v1/reports/${path}?${params.toString()}`}
            label={short(form.toUpperCase())}
            title={label(form.toUpperCase())}
          />
        );
      })}
    </>
  );
}
