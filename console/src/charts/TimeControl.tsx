import { ActionIcon, Button, Popover, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";

import { useZone } from "../app/session";
import { Icon } from "../parts/Icon";
import { t } from "../text/t";
import { fromField, stamp, toField } from "../time/zone";
import styles from "./Chart.module.css";
import { isLive, moved, PRESETS, within, zoomed, type Range, type Span } from "./range";

interface Props {
  range: Range;
  span: Span;
  onRange: (range: Range) => void;
}

/** The one control of what time is shown: the last hours, up to now and going on, or from and to. */
export function TimeControl({ range, span, onRange }: Props) {
  const zone = useZone();
  const narrow = useMediaQuery("(max-width: 900px)");
  const middle = (span.start + span.end) / 2;
  const live = isLive(range);
  const value = live ? String(range.last) : "";
  const data = PRESETS.map(([seconds, text]) => ({ value: String(seconds), label: t(text) }));
  const choose = (chosen: string | null): void => {
    if (chosen) onRange({ last: Number(chosen) });
  };
  return (
    <div className={styles.controls} role="group" aria-label={t("chart.time")}>
      {narrow ? (
        <Select
          aria-label={t("chart.last")}
          w={100}
          data={data}
          value={value || null}
          placeholder={t("chart.span")}
          onChange={choose}
        />
      ) : (
        <SegmentedControl aria-label={t("chart.last")} value={value} onChange={choose} data={data} />
      )}
      <ActionIcon.Group>
        <ActionIcon onClick={() => onRange(moved(span, -0.5))} aria-label={t("chart.back")} title={t("chart.back")}>
          <Icon name="back" />
        </ActionIcon>
        <ActionIcon onClick={() => onRange(moved(span, 0.5))} aria-label={t("chart.forward")} title={t("chart.forward")}>
          <Icon name="forward" />
        </ActionIcon>
        <ActionIcon onClick={() => onRange(zoomed(span, middle, 0.5))} aria-label={t("chart.closer")} title={t("chart.closer")}>
          <Icon name="plus" />
        </ActionIcon>
        <ActionIcon onClick={() => onRange(zoomed(span, middle, 2))} aria-label={t("chart.wider")} title={t("chart.wider")}>
          <Icon name="minus" />
        </ActionIcon>
      </ActionIcon.Group>
      <FromTo
        key={live ? "live" : `${span.start} ${span.end}`}
        span={span}
        zone={zone}
        label={live ? t("chart.live") : t("chart.fromto", { from: stamp(span.start, zone, 0), to: stamp(span.end, zone, 0) })}
        onSpan={onRange}
      />
    </div>
  );
}

function FromTo({ span, zone, label, onSpan }: { span: Span; zone: string; label: string; onSpan: (span: Span) => void }) {
  const [from, setFrom] = useState(() => toField(span.start, zone));
  const [to, setTo] = useState(() => toField(span.end, zone));
  const [opened, setOpened] = useState(false);
  const [start, end] = [fromField(from, zone), fromField(to, zone)];
  const fits = start !== null && end !== null && end > start;
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" onClick={() => setOpened(!opened)}>
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (!fits) return;
            setOpened(false);
            onSpan(within({ start, end }));
          }}
        >
          <TextInput
            type="datetime-local"
            step={1}
            label={t("chart.from")}
            description={t("form.moment", { zone })}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            step={1}
            label={t("chart.to")}
            value={to}
            error={fits ? undefined : t("chart.wrong")}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <div>
            <Button type="submit" disabled={!fits}>
              {t("chart.show")}
            </Button>
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
