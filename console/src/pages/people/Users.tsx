import { Button } from "@mantine/core";
import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import { useCan } from "../../app/session";
import type { User } from "../../api/types";
import { EntityLink } from "../../parts/EntityLink";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { t } from "../../text/t";

export function Users() {
  const query = useAll<User>("user");
  const can = useCan();
  const users = query.data ?? [];
  return (
    <Panel
      title={t("people.users")}
      count={query.data?.length}
      flush
      actions={
        can("user.create") ? (
          <Button component={Link} to="/users/new/edit">
            {t("people.users.add")}
          </Button>
        ) : null
      }
    >
      <Await query={query}>
        {users.length === 0 ? <Empty what={t("people.users.none")} next={t("people.users.none.next")} /> : null}
        <div className="tablebox">
          <table className="plain">
            <thead>
              <tr>
                <th>{t("people.name")}</th>
                <th>{t("people.signin")}</th>
                <th>{t("people.roles")}</th>
                <th>{t("people.groups")}</th>
                <th>{t("people.state")}</th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <tr key={user.id}>
                  <td>
                    <Link to={`/users/${user.id}`}>{user.name}</Link>
                  </td>
                  <td className="mono">{user.id}</td>
                  <td>
                    <Refs kind="role" ids={user.roles} />
                  </td>
                  <td>
                    <Refs kind="group" ids={user.groups} />
                  </td>
                  <td>
                    {user.enabled ? (user.password_set ? t("people.enabled") : t("people.nopassword")) : t("people.disabled")}
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

export function Refs({ kind, ids }: { kind: string; ids: readonly string[] }) {
  if (ids.length === 0) return <span className="dim">{t("value.none")}</span>;
  return ids.map((id, i) => (
    <span key={id}>
      {i > 0 ? ", " : ""}
      <EntityLink to={`${kind}:${id}`} />
    </span>
  ));
}
