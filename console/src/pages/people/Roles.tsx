import { Button } from "@mantine/core";
import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import { useCan } from "../../app/session";
import type { Entity, Role } from "../../api/types";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { t } from "../../text/t";
import { Refs } from "./Users";

export function Roles() {
  const query = useAll<Role>("role");
  const can = useCan();
  return (
    <Panel
      title={t("people.roles")}
      count={query.data?.length}
      flush
      actions={
        can("role.create") ? (
          <Button component={Link} to="/roles/new/edit">
            {t("people.roles.add")}
          </Button>
        ) : null
      }
    >
      <Await query={query}>
        {query.data?.length === 0 ? <Empty what={t("people.roles.none")} next={t("people.roles.none.next")} /> : null}
        <div className="tablebox">
          <table className="plain">
            <thead>
              <tr>
                <th>{t("people.name")}</th>
                <th>{t("people.grants")}</th>
              </tr>
            </thead>
            <tbody>
              {(query.data ?? []).map((role) => (
                <tr key={role.id}>
                  <td>
                    <Link to={`/roles/${role.id}`}>{role.name}</Link>
                  </td>
                  <td className="mono">
                    {role.grants
                      .map((grant) => t("people.grant", { action: grant.action, selector: grant.selector ?? "*" }))
                      .join(", ")}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Await>
    </Panel>
  );
}

interface Group extends Entity {
  roles?: string[];
}

export function Groups() {
  const query = useAll<Group>("group");
  const can = useCan();
  return (
    <Panel
      title={t("people.groups")}
      count={query.data?.length}
      flush
      actions={
        can("group.create") ? (
          <Button component={Link} to="/groups/new/edit">
            {t("people.groups.add")}
          </Button>
        ) : null
      }
    >
      <Await query={query}>
        {query.data?.length === 0 ? <Empty what={t("people.groups.none")} next={t("people.groups.none.next")} /> : null}
        <table className="plain">
          <tbody>
            {(query.data ?? []).map((group) => (
              <tr key={group.id}>
                <td>
                  <Link to={`/groups/${group.id}`}>{group.name}</Link>
                </td>
                <td>
                  <Refs kind="role" ids={group.roles ?? []} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Await>
    </Panel>
  );
}
