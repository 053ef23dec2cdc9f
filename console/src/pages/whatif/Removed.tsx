import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import { useAll, useEntity } from "../../api/hooks";
import type { components } from "../../api/schema";
import type { Entity } from "../../api/types";
import { useCan } from "../../app/session";
import { Panel } from "../../parts/Panel";
import { t } from "../../text/t";
import { ofHolder, ofProfile, type Removal } from "./removal";
import { Trying } from "./WhatIf";

type Holder = components["schemas"]["CredentialHolder"];
type Profile = components["schemas"]["AccessProfile"];

function useNames(kind: "access-profile" | "holder-group" | "schedule" | "access-point"): (id: string) => string {
  const names = new Map((useAll<Entity>(kind).data ?? []).map((one) => [one.id, one.name]));
  return (id) => names.get(id) ?? id;
}

function Choice({ removals, label }: { removals: readonly Removal[]; label: (one: Removal) => string }) {
  const [place, setPlace] = useState(0);
  const chosen = removals[place] ?? removals[0];
  return (
    <Panel title={t("whatif.removed")}>
      <Trying
        key={JSON.stringify(chosen?.draft)}
        read={() => chosen?.draft ?? null}
        label={t("whatif.removed.try")}
        before={
          <NativeSelect
            className="grow"
            style={{ minWidth: "min(100%, 280px)" }}
            aria-label={t("whatif.removed.what")}
            value={String(chosen === undefined ? 0 : removals.indexOf(chosen))}
            onChange={(event) => setPlace(Number(event.currentTarget.value))}
            data={removals.map((one, i) => ({ value: String(i), label: label(one) }))}
          />
        }
      />
    </Panel>
  );
}

function OfHolder({ holder }: { holder: Holder }) {
  const query = useQuery({
    queryKey: ["list", "credential", { holder: holder.id }],
    queryFn: ({ signal }) =>
      take(api.GET("/api/v1/credentials", { params: { query: { holder: holder.id, limit: 100 } }, signal })),
  });
  const profile = useNames("access-profile");
  const group = useNames("holder-group");
  if (!query.data) return null;
  const label = ({ said }: Removal): string => {
    if (said.key === "whatif.remove.profile") return t(said.key, { profile: profile(said.profile), credential: said.credential });
    if (said.key === "whatif.remove.credential") return t(said.key, { credential: said.credential });
    return said.key === "whatif.remove.group" ? t(said.key, { group: group(said.group) }) : t("whatif.remove.holder");
  };
  return <Choice removals={ofHolder(holder, query.data.items)} label={label} />;
}

function OfProfile({ id }: { id: string }) {
  const query = useEntity<Profile & Entity>("access-profile", id);
  const schedule = useNames("schedule");
  const point = useNames("access-point");
  if (!query.data) return null;
  const label = ({ said }: Removal): string =>
    said.key === "whatif.remove.policy"
      ? t(said.key, { schedule: schedule(said.schedule), point: point(said.point) })
      : t("whatif.remove.whole");
  return <Choice removals={ofProfile(query.data)} label={label} />;
}

/** Asks what would have become of the last days without something that a person has. */
export function HolderWithout({ holder }: { holder: Holder }) {
  return useCan()("access.what-if") ? <OfHolder holder={holder} /> : null;
}

/** The same without a policy of an access profile, or the profile. */
export function ProfileWithout({ id }: { id: string }) {
  return useCan()("access.what-if") ? <OfProfile id={id} /> : null;
}
