import { ActionIcon, Button, SegmentedControl, Select } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import type { Camera, Layout, Tour } from "../../api/types";
import { useKeys } from "../../app/keys";
import { useCan } from "../../app/session";
import { Icon } from "../../parts/Icon";
import { PageHead } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { t } from "../../text/t";
import { Cell } from "./Cell";
import { FORM_KEYS, FORMS, isForm, rowsOf, type Form } from "./forms";
import { NewTour, SaveLayout } from "./Views";
import styles from "./Wall.module.css";

/** What is shown: all cameras page by page (""), "layout:<id>" or "tour:<id>". */
const ALL = "";

/** The step at which a tour is; it goes on by itself. */
function useTour(tour: Tour | undefined): Tour["steps"][number] | undefined {
  const [step, setStep] = useState(0);
  const steps = tour?.steps ?? [];
  const at = steps.length > 0 ? step % steps.length : 0;
  const seconds = steps[at]?.seconds ?? 10;
  const runs = steps.length > 1;
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setTimeout(() => setStep(at + 1), seconds * 1000);
    return () => clearTimeout(timer);
  }, [runs, at, seconds]);
  return steps[at];
}

interface Shown {
  form: Form;
  cells: (string | null)[];
}

function formOf(layout: Layout): Form {
  return isForm(layout.form) ? layout.form : "4";
}

/** Live pictures: all cameras page by page, a layout of one's own or for all, or a tour of them. */
export function Wall() {
  const query = useAll<Camera>("camera");
  const layouts = useAll<Layout>("layout");
  const tours = useAll<Tour>("tour");
  const can = useCan();
  const [stored, setForm] = useLocalStorage({
    key: "sitewarden-wall-form",
    defaultValue: "4",
    getInitialValueInEffect: false,
  });
  const [view, setView] = useLocalStorage({
    key: "sitewarden-wall-view",
    defaultValue: ALL,
    getInitialValueInEffect: false,
  });
  const [page, setPage] = useState(0);
  const [arranged, setArranged] = useState<Shown | null>(null);
  const [saving, setSaving] = useState<"layout" | "tour" | null>(null);
  const wall = useRef<HTMLDivElement>(null);

  const cameras = (query.data ?? []).filter((camera) => camera.enabled);
  const form: Form = isForm(stored) ? stored : "4";
  const tour = tours.data?.find((one) => view === `tour:${one.id}`);
  const step = useTour(tour);
  const layoutId = tour ? step?.layout : view.startsWith("layout:") ? view.slice(7) : undefined;
  const layout = layouts.data?.find((one) => one.id === layoutId);
  const size = FORMS[form].cells;
  const pages = Math.max(1, Math.ceil(cameras.length / size));
  const at = Math.min(page, pages - 1);
  const paged: Shown = { form, cells: cameras.slice(at * size, at * size + size).map((camera) => camera.id) };
  const kept: Shown | null = layout ? { form: formOf(layout), cells: [...layout.cameras] } : null;
  const alone: Shown | null = tour && step?.camera ? { form: "1", cells: [step.camera] } : null;
  const shown = arranged ?? kept ?? alone ?? paged;
  const plain = !arranged && !kept && !alone;
  const grid = FORMS[shown.form];
  const cells = plain ? shown.cells : Array.from({ length: grid.cells }, (_, n) => shown.cells[n] ?? null);
  const byId = new Map(cameras.map((camera) => [camera.id, camera]));

  const choose = useCallback(
    (next: string) => {
      setArranged(null);
      setView(next);
    },
    [setView],
  );
  const divide = useCallback(
    (next: Form) => {
      if (arranged) setArranged({ form: next, cells: arranged.cells });
      else {
        setForm(next);
        setView(ALL);
      }
    },
    [arranged, setForm, setView],
  );
  const turn = useCallback((by: number) => setPage((held) => (Math.min(held, pages - 1) + by + pages) % pages), [pages]);
  const full = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void wall.current?.requestFullscreen();
  }, []);
  useKeys(
    useCallback(
      (key) => {
        const chosen = FORM_KEYS[key];
        if (chosen) divide(chosen);
        else if (key === "ArrowRight") turn(1);
        else if (key === "ArrowLeft") turn(-1);
        else if (key === "f") full();
        else return false;
        return true;
      },
      [divide, turn, full],
    ),
  );

  const views = [
    { group: t("wall.all"), items: [{ value: ALL, label: t("wall.all") }] },
    { group: t("wall.layouts"), items: (layouts.data ?? []).map((one) => ({ value: `layout:${one.id}`, label: one.name })) },
    { group: t("wall.tours"), items: (tours.data ?? []).map((one) => ({ value: `tour:${one.id}`, label: one.name })) },
  ].filter((group) => group.items.length > 0);
  return (
    <>
      <PageHead
        title={t("nav.wall")}
        actions={
          <>
            {plain && pages > 1 ? (
              <span className="row">
                <ActionIcon onClick={() => turn(-1)} aria-label={t("wall.previous")}>
                  <Icon name="back" />
                </ActionIcon>
                {t("wall.page", { page: at + 1, pages })}
                <ActionIcon onClick={() => turn(1)} aria-label={t("wall.next")}>
                  <Icon name="forward" />
                </ActionIcon>
              </span>
            ) : null}
            <Select
              aria-label={t("wall.view")}
              w={180}
              data={views}
              value={layout || tour ? view : ALL}
              onChange={(value) => choose(value ?? ALL)}
              allowDeselect={false}
            />
            <SegmentedControl
              aria-label={t("wall.layout")}
              value={shown.form}
              onChange={(value) => {
                if (isForm(value)) divide(value);
              }}
              data={Object.keys(FORMS).sort((one, other) => FORMS[one as Form].cells - FORMS[other as Form].cells)}
            />
            {can("layout.create") ? (
              <>
                <Button variant="default" onClick={() => setArranged(arranged ? null : { form: shown.form, cells })}>
                  {arranged ? t("wall.arrange.end") : t("wall.arrange")}
                </Button>
                {arranged ? <Button onClick={() => setSaving("layout")}>{t("wall.save.layout")}</Button> : null}
                <Button variant="default" onClick={() => setSaving("tour")}>
                  {t("wall.save.tour")}
                </Button>
              </>
            ) : null}
            <ActionIcon onClick={full} aria-label={t("wall.full")} title={t("wall.full")}>
              <Icon name="full" />
            </ActionIcon>
          </>
        }
      />
      <Await query={query} rows={3}>
        {cameras.length === 0 ? (
          <Empty
            what={t("cameras.none")}
            next={t("cameras.none.next")}
            action={<Link to="/cameras">{t("cameras.none.link")}</Link>}
          />
        ) : (
          <div
            className={styles.wall}
            data-form={shown.form}
            style={{
              gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`,
              gridTemplateRows: `repeat(${plain ? rowsOf(shown.form, cells.length) : grid.rows}, minmax(0, 1fr))`,
            }}
            ref={wall}
          >
            {cells.map((id, n) => (
              <Cell
                key={plain ? (id ?? n) : n}
                camera={id ? (byId.get(id) ?? null) : null}
                choices={arranged ? cameras : null}
                onChoose={(next) =>
                  setArranged({ form: shown.form, cells: cells.map((held, place) => (place === n ? next : held)) })
                }
                span={n < grid.large ? grid.span : 1}
                small={cells.length > 1 && n >= grid.large}
              />
            ))}
          </div>
        )}
      </Await>
      {saving === "layout" ? (
        <SaveLayout
          form={shown.form}
          cameras={cells}
          onClose={(id) => {
            setSaving(null);
            if (id) choose(`layout:${id}`);
          }}
        />
      ) : null}
      {saving === "tour" ? (
        <NewTour
          layouts={layouts.data ?? []}
          cameras={cameras}
          onClose={(id) => {
            setSaving(null);
            if (id) choose(`tour:${id}`);
          }}
        />
      ) : null}
    </>
  );
}
