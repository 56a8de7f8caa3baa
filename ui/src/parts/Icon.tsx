import styles from "./Icon.module.css";

/** Signs within 16 x 16, drawn with one stroke. */
const paths = {
  alerts: "M8 2.5a3.5 3.5 0 0 0-3.5 3.5v3L3 11.5h10L11.5 9V6A3.5 3.5 0 0 0 8 2.5zM6.7 13.5h2.6",
  assets: "M8 2.5l5 2.7v5.6l-5 2.7-5-2.7V5.2zM3 5.2l5 2.8 5-2.8M8 8v5.5",
  back: "M9.5 3.5L5 8l4.5 4.5",
  check: "M3.5 8.5l3 3 6-7",
  close: "M4 4l8 8M12 4l-8 8",
  cluster: "M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  connections: "M6 10l4-4M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3l1.2-1.2",
  copy: "M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3",
  dags: "M3 3.5h3v3H3zM10 2.5h3v3h-3zM10 10.5h3v3h-3zM6 5h4M6 5.5c2.5.5 1.5 6.5 4 6.5",
  down: "M4 6l4 4 4-4",
  download: "M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13.5h10",
  edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7L11.3 7",
  error: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.7h.01",
  external: "M9.5 3H13v3.5M13 3L7.5 8.5M11.5 9v4H3V4.5h4",
  filter: "M2.5 3.5h11L9.5 8.5v4l-3 1v-5z",
  full: "M3 6.5V3h3.5M9.5 3H13v3.5M13 9.5V13H9.5M6.5 13H3V9.5",
  home: "M2.5 8L8 3l5.5 5M4 7v6h3v-3.5h2V13h3V7",
  info: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 7.5v3.2M8 5.3h.01",
  language: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM2.5 8h11M8 2.5c2 1.8 2 9.2 0 11M8 2.5c-2 1.8-2 9.2 0 11",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3l8 5-8 5z",
  plus: "M8 3v10M3 8h10",
  pools: "M2.5 11c1.4-1.6 2.4-1.6 3.7 0 1.3 1.6 2.3 1.6 3.6 0 1.3-1.6 2.3-1.6 3.7 0M2.5 6.5c1.4-1.6 2.4-1.6 3.7 0 1.3 1.6 2.3 1.6 3.6 0 1.3-1.6 2.3-1.6 3.7 0",
  refresh: "M12.5 8a4.5 4.5 0 1 1-1.5-3.4M12.5 2.5v2.8H9.7",
  runs: "M3 12.5V8M6.3 12.5V4M9.7 12.5V6.5M13 12.5V3",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.2 3.2",
  settings: "M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 3.5v3M6 9.5v3",
  sort: "M5 3v10M2.5 10.5L5 13l2.5-2.5M11 13V3M8.5 5.5L11 3l2.5 2.5",
  star: "M8 2.3l1.7 3.6 4 .5-2.9 2.7.7 3.9L8 11.1l-3.5 1.9.7-3.9-2.9-2.7 4-.5z",
  theme: "M8 2.5a5.5 5.5 0 1 0 5.5 5.5A4.3 4.3 0 0 1 8 2.5z",
  time: "M8 4.5V8l2.5 1.8M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
  trash: "M3 4.5h10M6.5 4V2.5h3V4M4.5 4.5l.5 9h6l.5-9",
  upload: "M8 10.2V2.5M4.8 5.7L8 2.5l3.2 3.2M3 13.5h10",
  up: "M4 10l4-4 4 4",
  user: "M8 2.5a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM2.8 13.5c.6-2.8 2.6-4 5.2-4s4.6 1.2 5.2 4",
  variables: "M5.5 3C3 5.5 3 10.5 5.5 13M10.5 3c2.5 2.5 2.5 7.5 0 10M6.5 6.5l3 3M9.5 6.5l-3 3",
} as const;

export type IconName = keyof typeof paths;

/** Decoration: the word stands beside it or in a label. */
export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg className={`${styles.icon} ${filled ? styles.filled : ""}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
