import { ActionIcon, Drawer, Kbd, UnstyledButton } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { NavLink, Outlet, useLocation, useNavigation } from "react-router";

import { useLive } from "../live/live";
import { useStatusFeed } from "../live/status";
import { Icon } from "../parts/Icon";
import { t } from "../text/t";
import { useNow } from "../time/ticker";
import { clock } from "../time/zone";
import { AlarmCount } from "./AlarmCount";
import { useShortcuts } from "./keys";
import { LossBar } from "./LossBar";
import { useFollowPort } from "./moved";
import { NAVIGATION } from "./navigation";
import { Palette } from "./Palette";
import { useCan, useSigned } from "./session";
import styles from "./Shell.module.css";
import { UserMenu } from "./UserMenu";

function Navigation({ onGo }: { onGo?: () => void }) {
  const can = useCan();
  return (
    <ul className={styles.links}>
      {NAVIGATION.filter((item) => can(item.action)).map((item) => (
        <li key={item.path}>
          <NavLink to={item.path} end={item.path === "/"} className={styles.link} onClick={onGo} title={t(item.text)}>
            <Icon name={item.icon} />
            <span className={styles.label}>{t(item.text)}</span>
          </NavLink>
        </li>
      ))}
    </ul>
  );
}

function SiteClock({ zone }: { zone: string }) {
  const now = useNow();
  return (
    <span className={styles.clock} title={zone}>
      {clock(now, zone)}
    </span>
  );
}

function DemoNote() {
  const can = useCan();
  const { session } = useSigned();
  if (!session.site.demo) return null;
  return (
    <div className={styles.demo}>
      <span>{t("demo.note")}</span>
      {can("site.update") ? <NavLink to="/setup">{t("demo.finish")}</NavLink> : null}
    </div>
  );
}

/** The frame of every page: navigation, state of the connection, palette, user. */
export function Shell() {
  const { session, refresh } = useSigned();
  const [menu, setMenu] = useState(false);
  const [palette, setPalette] = useState(false);
  const location = useLocation();
  const busy = useNavigation().state !== "idle";
  useLive(refresh);
  useStatusFeed();
  useFollowPort();
  useShortcuts(useCallback(() => setPalette(true), []));
  useEffect(() => {
    document.title = session.site.name;
  }, [session.site.name, location]);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t("shell.skip")}
      </a>
      <header className={styles.head}>
        <ActionIcon className={styles.burger} onClick={() => setMenu(true)} aria-label={t("shell.menu")}>
          <Icon name="menu" />
        </ActionIcon>
        <NavLink to="/" className={styles.site}>
          <img src="/favicon.svg" alt="" width="20" height="20" />
          <span className="cut">{session.site.name}</span>
        </NavLink>
        <UnstyledButton className={styles.find} onClick={() => setPalette(true)} aria-label={t("palette.open")}>
          <Icon name="search" />
          <span className={styles.findText}>{t("palette.hint")}</span>
          <Kbd className={styles.findKey}>{t("key.palette")}</Kbd>
        </UnstyledButton>
        <div className={styles.right}>
          <AlarmCount />
          <SiteClock zone={session.site.timezone} />
          <UserMenu />
        </div>
        {busy ? <div className={styles.busy} role="progressbar" aria-label={t("states.loading")} /> : null}
      </header>
      <nav className={styles.nav} aria-label={t("shell.navigation")}>
        <Navigation />
      </nav>
      <div className={styles.content}>
        <LossBar />
        <DemoNote />
        <main id="main" className={styles.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Drawer
        opened={menu}
        onClose={() => setMenu(false)}
        size={240}
        title={session.site.name}
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        <Navigation onGo={() => setMenu(false)} />
      </Drawer>
      <Palette opened={palette} onClose={() => setPalette(false)} />
    </div>
  );
}
