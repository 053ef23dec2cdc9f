import { Tabs } from "@mantine/core";
import { useSearchParams } from "react-router";

import { PageHead } from "../../parts/Panel";
import { t } from "../../text/t";
import { Audit } from "./Audit";
import { Groups, Roles } from "./Roles";
import { Tokens } from "./Tokens";
import { Users } from "./Users";

const TABS = { users: Users, roles: Roles, groups: Groups, tokens: Tokens, audit: Audit } as const;

/** Who may use the console and programs, and what each may do. */
export function People() {
  const [search, setSearch] = useSearchParams();
  const tab = search.get("tab") ?? "users";
  return (
    <>
      <PageHead title={t("nav.people")} />
      <Tabs value={tab in TABS ? tab : "users"} onChange={(value) => setSearch(value ? { tab: value } : {})} keepMounted={false}>
        <Tabs.List mb="md">
          {(Object.keys(TABS) as (keyof typeof TABS)[]).map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`people.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(TABS).map(([name, Page]) => (
          <Tabs.Panel key={name} value={name}>
            <Page />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
