import { ActionIcon, Button, NumberInput, Select } from "@mantine/core";
import { useEffect, useState, type PointerEvent } from "react";

import { Icon } from "../../parts/Icon";
import { fetchPicture, thumbnailAddress } from "../../player/snapshot";
import { t } from "../../text/t";
import { between, fit, type Mask } from "./masks";
import styles from "./Masks.module.css";

const WIDTH = 640;
const SIDES = ["left", "top", "width", "height"] as const;

interface Point {
  x: number;
  y: number;
}

function where(event: PointerEvent<HTMLElement>): Point {
  const box = event.currentTarget.getBoundingClientRect();
  return { x: ((event.clientX - box.left) / box.width) * 100, y: ((event.clientY - box.top) / box.height) * 100 };
}

/** The recorded picture of a moment; null while there is none. */
function useRecorded(camera: string, ms: number | null): string | null {
  const [held, setHeld] = useState<string | null>(null);
  useEffect(() => {
    if (!camera || ms === null) return undefined;
    const ending = new AbortController();
    const timer = setTimeout(() => {
      void fetchPicture(thumbnailAddress(camera, ms, WIDTH), ending.signal).then((blob) => {
        if (!ending.signal.aborted) setHeld(blob && URL.createObjectURL(blob));
      });
    }, 300);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [camera, ms]);
  useEffect(() => (held ? () => URL.revokeObjectURL(held) : undefined), [held]);
  return held;
}

interface Props {
  cameras: { value: string; label: string }[];
  /** Moment of the picture to draw on, ms. */
  at: number | null;
  masks: Mask[];
  onChange: (masks: Mask[]) => void;
}

/** Rectangles that are made black, drawn on a recorded picture or given as numbers. */
export function Masks({ cameras, at, masks, onChange }: Props) {
  const [chosen, setChosen] = useState("");
  const camera = cameras.find((one) => one.value === chosen)?.value ?? cameras[0]?.value ?? "";
  const picture = useRecorded(camera, at);
  const [from, setFrom] = useState<Point | null>(null);
  const [to, setTo] = useState<Point | null>(null);
  const drawn = from && to ? between(camera, from, to) : null;
  const mine = masks.flatMap((mask, index) => (mask.camera === camera ? [{ mask, index }] : []));
  const replace = (index: number, next: Mask | null): void =>
    onChange(masks.flatMap((mask, n) => (n !== index ? [mask] : next ? [next] : [])));
  const end = (): void => {
    if (drawn) onChange([...masks, drawn]);
    setFrom(null);
    setTo(null);
  };
  return (
    <div className="stack">
      {cameras.length > 1 ? (
        <Select label={t("masks.camera")} data={cameras} value={camera} onChange={(value) => setChosen(value ?? "")} />
      ) : null}
      <div
        className={styles.picture}
        role="img"
        aria-label={t("masks.draw")}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setFrom(where(event));
          setTo(null);
        }}
        onPointerMove={(event) => from && setTo(where(event))}
        onPointerUp={end}
        onPointerCancel={() => setFrom(null)}
      >
        {picture ? (
          <img className={styles.image} src={picture} alt="" draggable={false} />
        ) : (
          <div className={styles.none}>{t("masks.nopicture")}</div>
        )}
        {[...mine.map((one) => one.mask), ...(drawn ? [drawn] : [])].map((mask, n) => (
          <div
            key={n}
            className={styles.mask}
            style={{ left: `${mask.left}%`, top: `${mask.top}%`, width: `${mask.width}%`, height: `${mask.height}%` }}
          >
            {n + 1}
          </div>
        ))}
      </div>
      <div className={styles.rows}>
        {mine.map(({ mask, index }, n) => (
          <div key={index} className={styles.row}>
            <span>{n + 1}</span>
            {SIDES.map((side) => (
              <NumberInput
                key={side}
                label={n === 0 ? t(`masks.${side}`) : undefined}
                aria-label={t("masks.side", { side: t(`masks.${side}`), number: n + 1 })}
                size="xs"
                value={mask[side]}
                min={0}
                max={100}
                step={1}
                decimalScale={1}
                suffix=" %"
                hideControls
                onBlur={(event) => {
                  const value = Number.parseFloat(event.currentTarget.value);
                  if (Number.isFinite(value)) replace(index, fit({ ...mask, [side]: value }));
                }}
              />
            ))}
            <ActionIcon aria-label={t("masks.remove", { number: n + 1 })} onClick={() => replace(index, null)}>
              <Icon name="close" />
            </ActionIcon>
          </div>
        ))}
      </div>
      <div>
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => onChange([...masks, { camera, left: 40, top: 40, width: 20, height: 20 }])}
        >
          {t("masks.add")}
        </Button>
      </div>
    </div>
  );
}
