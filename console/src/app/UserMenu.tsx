import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import { Link } from "react-router";

import { Icon } from "../parts/Icon";
import { t } from "../text/t";
import { useSigned } from "./session";

export function UserMenu() {
  const { session, signOut } = useSigned();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={220} transitionProps={{ duration: 80 }}>
      <Menu.Target>
        <ActionIcon aria-label={t("user.menu", { name: session.user.name })} title={session.user.name}>
          <Icon name="user" size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{session.user.name}</Menu.Label>
        <Menu.Item component={Link} to={`/users/${session.user.id}`}>
          {t("user.page")}
        </Menu.Item>
        <Menu.Item component={Link} to="/settings">
          {t("user.password")}
        </Menu.Item>
        <Menu.Item component={Link} to="/shortcuts">
          {t("shortcuts.title")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("scheme.title")}</Menu.Label>
        {(["light", "dark", "auto"] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            aria-current={colorScheme === scheme}
            rightSection={colorScheme === scheme ? "✓" : null}
          >
            {t(`scheme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={signOut}>{t("user.signout")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
