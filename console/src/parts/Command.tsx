import { Button, CopyButton } from "@mantine/core";

import { t } from "../text/t";
import styles from "./Command.module.css";
import { Icon } from "./Icon";

/** A command line that is copied with one press; `label` says what for. */
export function Command({ text, label }: { text: string; label?: string }) {
  return (
    <div className={styles.command}>
      <code className="mono">{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            size="compact-sm"
            onClick={copy}
            leftSection={<Icon name="copy" size={14} />}
            aria-label={label ? `${copied ? t("action.copied") : t("action.copy")}: ${label}` : undefined}
          >
            {copied ? t("action.copied") : t("action.copy")}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
