import { useLocalStorage } from "@mantine/hooks";
import { useEffect } from "react";
import { useNavigate } from "react-router";

import { NAVIGATION } from "./navigation";

/** Keys are for the page unless somebody types, or a dialog is open. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Single-key shortcuts can be turned off (WCAG 2.1.4). */
export function useSingleKeys(): [boolean, (on: boolean) => void] {
  const [on, set] = useLocalStorage({ key: "sitewarden-single-keys", defaultValue: true, getInitialValueInEffect: false });
  return [on, set];
}

/** Calls `handle` for plain keys while the page has them; it returns true for a key that it took. */
export function useKeys(handle: (key: string) => boolean): void {
  const [on] = useSingleKeys();
  useEffect(() => {
    if (!on) return undefined;
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"]:not(.keeps-keys [role="dialog"])')) return;
      // Space and Enter belong to what has the focus.
      if (
        (event.key === " " || event.key === "Enter") &&
        event.target instanceof Element &&
        event.target.closest("a, button, [role=slider]")
      )
        return;
      if (handle(event.key)) event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [handle, on]);
}

/** The shortcuts that work on every page: palette, "g" and a place, help, filter. */
export function useShortcuts(openPalette: () => void): void {
  const navigate = useNavigate();
  const [on] = useSingleKeys();
  useEffect(() => {
    let going = 0;
    const press = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
        return;
      }
      if (!on || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]')) return;
      const place = Date.now() - going < 1500 ? NAVIGATION.find((item) => item.key === event.key) : undefined;
      going = 0;
      if (place) {
        event.preventDefault();
        void navigate(place.path);
      } else if (event.key === "g") {
        going = Date.now();
      } else if (event.key === "?") {
        void navigate("/shortcuts");
      } else if (event.key === "/") {
        const filter = document.querySelector<HTMLInputElement>("[data-filter]");
        if (filter) {
          event.preventDefault();
          filter.focus();
        }
      }
    };
    document.addEventListener("keydown", press, { capture: true });
    return () => document.removeEventListener("keydown", press, { capture: true });
  }, [navigate, on, openPalette]);
}
