/** Draws the tables of a page of numbers. The table stays beside its picture: the picture adds, it replaces nothing. */
import UPlot from "uplot";
import { find } from "./page";

/** Dollars are told in thousandths: a day may cost less than a cent. */
type Unit = "" | "bytes" | "dollars";

interface Series {
  readonly name: string;
  readonly line: boolean;
  readonly unit: Unit;
}

interface Read {
  readonly series: readonly Series[];
  /** Seconds since 1970 for days, the number itself otherwise. */
  readonly at: readonly number[];
  readonly labels: readonly string[];
  readonly values: readonly (readonly number[])[];
  readonly days: boolean;
}

const HEIGHT = 260;
const NARROW = 480;
const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

function read(table: HTMLTableElement): Read {
  const series = [...table.querySelectorAll<HTMLElement>("thead th[data-kind]")].map((head) => ({
    name: head.textContent ?? "",
    line: head.dataset.kind === "line",
    unit: (head.dataset.unit ?? "") as Unit,
  }));
  const heads = [...table.querySelectorAll<HTMLElement>("tbody th[data-at]")];
  const days = heads.some((head) => head.dataset.at?.includes("-"));
  // A table of days has the newest on top; an axis runs the other way.
  if (days) heads.reverse();
  return {
    series,
    at: heads.map((head) => (days ? Date.parse(head.dataset.at ?? "") / 1000 : Number(head.dataset.at))),
    labels: heads.map((head) => head.textContent ?? ""),
    values: series.map((_, place) =>
      heads.map((head) => Number(head.parentElement?.querySelectorAll<HTMLElement>("td")[place]?.dataset.value ?? 0)),
    ),
    days,
  };
}

/** A number as an axis has room for it. */
export function short(value: number, unit: Unit): string {
  if (unit === "dollars") return `$${(value / 1000).toLocaleString("en", { maximumFractionDigits: 3 })}`;
  const steps: readonly string[] = unit === "bytes" ? ["", "K", "M", "G", "T", "P"] : ["", "k", "m", "bn"];
  let amount = value;
  let step = 0;
  while (Math.abs(amount) >= 1000 && step < steps.length - 1) {
    amount /= 1000;
    step += 1;
  }
  const said = amount.toLocaleString("en", { maximumFractionDigits: amount < 10 && step ? 1 : 0 });
  return `${said}${step ? ` ${steps[step]}` : ""}${unit === "bytes" ? `${step ? "" : " "}B` : ""}`;
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(read: Read, width: number): UPlot.Options {
  const [muted, line, violet, sun] = [colour("--muted"), colour("--line"), colour("--violet"), colour("--sun")];
  const { bars, linear } = UPlot.paths;
  const unit = read.series[0]?.unit ?? "";
  const axis = { stroke: muted, font: FONT, ticks: { stroke: line, width: 1, size: 4 } };
  const labelAt = (value: number) => read.labels[read.at.indexOf(value)] ?? "";
  const series = read.series.map((one, place): UPlot.Series => {
    const stroke = place ? sun : violet;
    const paths = one.line ? linear?.() : bars?.({ size: [0.72, 34], radius: 0.18 });
    return {
      label: one.name,
      stroke,
      width: one.line ? 2.5 : 0,
      points: { show: one.line && read.at.length < 40, size: 5, fill: stroke },
      value: (_, value) => (value === null || value === undefined ? "–" : short(value, one.unit)),
      ...(one.line ? {} : { fill: stroke }),
      ...(paths ? { paths } : {}),
    };
  });
  const step = read.days ? (read.at[1] ?? 0) - (read.at[0] ?? 0) || 86_400 : 1;
  return {
    width,
    height: width < NARROW ? HEIGHT * 0.8 : HEIGHT,
    ms: 1e-3,
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1e3), "Etc/UTC"),
    scales: {
      x: { time: read.days, range: (_, low, high) => [low - step * 0.6, high + step * 0.6] },
      y: { range: (_, _low, high) => [0, high > 0 ? high * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        values: (_, places) =>
          places.map((value) => (read.days ? dayOf(value) : Number.isInteger(value) ? String(value) : "")),
      },
      {
        ...axis,
        grid: { stroke: line, width: 1 },
        size: 58,
        space: 44,
        incrs: wholeSteps(),
        values: (_, places) => places.map((value) => short(value, unit)),
      },
    ],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
    legend: { live: true },
    series: [
      { label: read.days ? "Day" : "Hour", value: (_, value) => (value === null ? "–" : labelAt(value)) },
      ...series,
    ],
  };
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}

/** 1, 2, 5, 10 …: a play can't be halved. */
function wholeSteps(): number[] {
  return [...Array(16).keys()].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
}

function draw(picture: HTMLElement): void {
  const table = find<HTMLTableElement>(`#${picture.dataset.chart}`);
  if (!table) return;
  const numbers = read(table);
  if (!numbers.values.some((values) => values.some((value) => value > 0))) return;
  picture.hidden = false;
  let plot: UPlot | null = null;
  const again = () => {
    plot?.destroy();
    const data = [numbers.at, ...numbers.values].map((values) => [...values]) as UPlot.AlignedData;
    plot = new UPlot(options(numbers, Math.max(picture.clientWidth, 200)), data, picture);
  };
  again();
  let width = picture.clientWidth;
  new ResizeObserver(() => {
    if (picture.clientWidth === width) return;
    width = picture.clientWidth;
    plot?.setSize({ width: Math.max(width, 200), height: width < NARROW ? HEIGHT * 0.8 : HEIGHT });
  }).observe(picture);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  // The office has a switch of its own for light and dark.
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

for (const picture of document.querySelectorAll<HTMLElement>("[data-chart]")) draw(picture);
