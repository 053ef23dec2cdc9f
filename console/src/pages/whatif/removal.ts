import type { components } from "../../api/schema";

type Holder = components["schemas"]["CredentialHolder"];
type Credential = components["schemas"]["Credential"];
type Profile = components["schemas"]["AccessProfile"];

export type Draft = components["schemas"]["StartWhatIf"]["draft"];

/** The words that name what goes, with the references whose names stand in them. */
type Said =
  | { key: "whatif.remove.profile"; profile: string; credential: string }
  | { key: "whatif.remove.credential"; credential: string }
  | { key: "whatif.remove.group"; group: string }
  | { key: "whatif.remove.holder" }
  | { key: "whatif.remove.policy"; schedule: string; point: string }
  | { key: "whatif.remove.whole" };

/** Something that could be taken away, and the site as it would be then. */
export interface Removal {
  said: Said;
  draft: Draft;
}

/** What could be taken from a person: a profile of a credential, a credential, a group, all of it. */
export function ofHolder(holder: Holder, credentials: readonly Credential[]): Removal[] {
  const { id } = holder;
  const found: Removal[] = [];
  for (const one of credentials) {
    for (const link of one.profiles) {
      const profiles = one.profiles.filter((other) => other !== link);
      found.push({
        said: { key: "whatif.remove.profile", profile: link.profile, credential: one.name },
        draft: [{ kind: "credential", id: one.id, body: { profiles } }],
      });
    }
    found.push({
      said: { key: "whatif.remove.credential", credential: one.name },
      draft: [{ kind: "credential", id: one.id, body: null }],
    });
  }
  for (const group of holder.groups) {
    const groups = holder.groups.filter((other) => other !== group);
    found.push({
      said: { key: "whatif.remove.group", group },
      draft: [{ kind: "credential-holder", id, body: { groups } }],
    });
  }
  found.push({ said: { key: "whatif.remove.holder" }, draft: [{ kind: "credential-holder", id, body: { enabled: false } }] });
  return found;
}

/** What could be taken from an access profile: one of its policies, all of them. */
export function ofProfile(profile: Profile): Removal[] {
  const { id } = profile;
  const found: Removal[] = profile.policies.map((policy) => ({
    said: { key: "whatif.remove.policy", schedule: policy.schedule, point: policy.access_point },
    draft: [{ kind: "access-profile", id, body: { policies: profile.policies.filter((other) => other !== policy) } }],
  }));
  found.push({ said: { key: "whatif.remove.whole" }, draft: [{ kind: "access-profile", id, body: { enabled: false } }] });
  return found;
}
