const PATHS = {
  overview: "M2 3h5v6H2zM9 3h5v3H9zM9 8h5v5H9zM2 11h5v2H2z",
  wall: "M2 3h5.5v4.5H2zM8.5 3H14v4.5H8.5zM2 8.5h5.5V13H2zM8.5 8.5H14V13H8.5z",
  camera: "M1.5 4.5h9v7h-9zM10.5 7.5 14.5 5v6l-4-2.5",
  door: "M4 14V2h8v12M2 14h12M9.5 8v1",
  zone: "M2 2h5M9 2h5v5M14 9v5H9M7 14H2V9M2 7V2M5.5 5.5h5v5h-5z",
  muster: "M8 2v5M8 14V9M2 8h5M14 8H9M5.5 5.5 8 8l2.5-2.5M5.5 10.5 8 8l2.5 2.5",
  point: "M2 13a6 6 0 1 1 12 0M8 13l3-5",
  events: "M5 4h9M5 8h9M5 12h9M2 4h.5M2 8h.5M2 12h.5",
  network: "M6 2h4v3H6zM1.5 11h4v3h-4zM10.5 11h4v3h-4zM8 5v3M3.5 11V8h9v3",
  storage:
    "M2 4.5C2 3 4.5 2 8 2s6 1 6 2.5S11.5 7 8 7 2 6 2 4.5v7C2 13 4.5 14 8 14s6-1 6-2.5v-7M2 8c0 1.5 2.5 2.5 6 2.5S14 9.5 14 8",
  user: "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 14c.5-3 2.5-4.5 5.5-4.5s5 1.5 5.5 4.5",
  site: "M2 14V6l6-4 6 4v8zM6.5 14v-4h3v4",
  settings: "M2 5h7M12 5h2M2 11h2M7 11h7M10.5 3.5v3M5.5 9.5v3",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14",
  menu: "M2 4h12M2 8h12M2 12h12",
  close: "M4 4l8 8M12 4l-8 8",
  pause: "M5 3v10M11 3v10",
  play: "M4 3l9 5-9 5z",
  back: "M10 3 5 8l5 5",
  forward: "M6 3l5 5-5 5",
  stepback: "M11 3 6 8l5 5M4 3v10",
  step: "M5 3l5 5-5 5M12 3v10",
  timeline: "M2 4h6M10 4h4M2 8h3M7 8h7M2 12h9M9 1.5v13",
  export: "M8 10V2M4.5 5 8 1.5 11.5 5M2.5 9v5h11V9",
  bookmark: "M4 2h8v12l-4-3-4 3z",
  full: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  download: "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  edit: "M3 13l.5-3L11 2.5 13.5 5 6 12.5z",
  copy: "M5 5h8v8H5zM3 11V3h8",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  move: "M8 1.5v13M1.5 8h13M6 3.5 8 1.5l2 2M6 12.5l2 2 2-2M3.5 6l-2 2 2 2M12.5 6l2 2-2 2",
  dashboard: "M2 2.5h7v5H2zM11 2.5h3v5h-3zM2 9.5h3v4H2zM7 9.5h7v4H7z",
  sound: "M2 6h2.5L8 3v10L4.5 10H2zM10.5 6a3 3 0 0 1 0 4M12.3 4a6 6 0 0 1 0 8",
  silent: "M2 6h2.5L8 3v10L4.5 10H2zM10.5 6.2l3.6 3.6M14.1 6.2l-3.6 3.6",
  trash: "M3 4.5h10M6 4V2.5h4V4M4.5 4.5l.5 9h6l.5-9",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing of 16 by 16; decoration, never the only name of a thing. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      style={{ flex: "none" }}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
