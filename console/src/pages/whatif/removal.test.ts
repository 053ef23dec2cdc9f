import { expect, test } from "vitest";

import { ofHolder, ofProfile } from "./removal";

const link = (profile: string) => ({ profile, valid_from: null, valid_to: null });
type Holder = Parameters<typeof ofHolder>[0];
type Credential = Parameters<typeof ofHolder>[1][number];
type Profile = Parameters<typeof ofProfile>[0];

test("of a person each profile, credential and group can go alone, or all", () => {
  const holder = { id: "ada", groups: ["staff", "choir"] } as unknown as Holder;
  const card = { id: "ada-card", name: "Card", profiles: [link("day"), link("night")] } as unknown as Credential;
  expect(ofHolder(holder, [card]).map((one) => one.draft)).toEqual([
    [{ kind: "credential", id: "ada-card", body: { profiles: [link("night")] } }],
    [{ kind: "credential", id: "ada-card", body: { profiles: [link("day")] } }],
    [{ kind: "credential", id: "ada-card", body: null }],
    [{ kind: "credential-holder", id: "ada", body: { groups: ["choir"] } }],
    [{ kind: "credential-holder", id: "ada", body: { groups: ["staff"] } }],
    [{ kind: "credential-holder", id: "ada", body: { enabled: false } }],
  ]);
});

test("of a profile each policy can go alone, or all", () => {
  const policies = [
    { schedule: "office", access_point: "main-in" },
    { schedule: "office", access_point: "side-in" },
  ];
  const profile = { id: "staff", policies } as unknown as Profile;
  expect(ofProfile(profile).map((one) => one.draft)).toEqual([
    [{ kind: "access-profile", id: "staff", body: { policies: [policies[1]] } }],
    [{ kind: "access-profile", id: "staff", body: { policies: [policies[0]] } }],
    [{ kind: "access-profile", id: "staff", body: { enabled: false } }],
  ]);
});
