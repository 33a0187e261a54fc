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
  /** What a place on the axis is: "Day", "Week", "Month" or "Hour (UTC)". */
  readonly axis: string;
  readonly series: readonly Series[];
  /** Seconds since 1970 for days, the number itself otherwise. */
  readonly at: readonly number[];
  readonly labels: readonly string[];
  readonly values: readonly (readonly number[])[];
  readonly days: boolean;
  /** The place whose time still goes on; -1 without one. */
  readonly unfinished: number;
}

const HEIGHT = 260;
const NARROW = 480;
/** Pixels of a line, and of the rim on each side of it. */
const LINE = 2.5;
const RIM = 1.25;
/** What hours are marked by: a day has whole parts of it. */
const HOURS = [1, 2, 3, 4, 6, 12];
/** As the tables shorten them; a browser's own words differ ("Sept"). */
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Of axes, grid, bars and lines; of a line's rim, and of a bar whose time still goes on. */
const INKS = ["--muted", "--line", "--violet", "--sun", "--on-sun", "--control"];
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
    axis: table.querySelector("thead th")?.textContent ?? "",
    series,
    at: heads.map((head) => (days ? Date.parse(head.dataset.at ?? "") / 1000 : Number(head.dataset.at))),
    labels: heads.map((head) => head.textContent ?? ""),
    values: series.map((_, place) =>
      heads.map((head) => Number(head.parentElement?.querySelectorAll<HTMLElement>("td")[place]?.dataset.value ?? 0)),
    ),
    days,
    unfinished: heads.findIndex((head) => head.closest("[data-so-far]")),
  };
}

const widthOf = (picture: HTMLElement) => Math.max(picture.clientWidth, 200);
const heightOf = (width: number) => (width < NARROW ? HEIGHT * 0.8 : HEIGHT);

/** A number as an axis has room for it. */
export function short(value: number, unit: Unit): string {
  const sign = unit === "dollars" ? "$" : "";
  if (sign && value < 10_000_000) return `$${(value / 1000).toLocaleString("en", { maximumFractionDigits: 3 })}`;
  const steps: readonly string[] = unit === "bytes" ? ["", "K", "M", "G", "T", "P"] : ["", "k", "M", "bn"];
  let amount = sign ? value / 1000 : value;
  let step = 0;
  while (Math.abs(amount) >= 1000 && step < steps.length - 1) {
    amount /= 1000;
    step += 1;
  }
  const said = amount.toLocaleString("en", { maximumFractionDigits: amount < 10 && step ? 1 : 0 });
  return `${sign}${said}${step ? ` ${steps[step]}` : ""}${unit === "bytes" ? `${step ? "" : " "}B` : ""}`;
}

const colour = (picture: HTMLElement, name: string) => getComputedStyle(picture).getPropertyValue(name).trim();

function options(read: Read, picture: HTMLElement): UPlot.Options {
  const [muted = "", line = "", violet = "", sun = "", rim = "", begun = ""] = INKS.map((ink) => colour(picture, ink));
  const width = widthOf(picture);
  const { bars, linear } = UPlot.paths;
  const lines = new Map<number, UPlot.Series.Paths | null>();
  const unit = read.series[0]?.unit ?? "";
  const axis = { stroke: muted, font: FONT, ticks: { stroke: line, width: 1, size: 4 } };
  const labelAt = (value: number) => read.labels[read.at.indexOf(value)] ?? "";
  const series = read.series.map((one, place): UPlot.Series => {
    const value: UPlot.Series.Value = (_, _value, _place, at) =>
      typeof at === "number" ? short(read.values[place]?.[at] ?? 0, one.unit) : "";
    if (!one.line) {
      const fills = read.at.map((_, at) => (at === read.unfinished ? begun : violet));
      const paths = bars?.({ size: [0.72, 34], radius: 0.18, disp: { fill: { unit: 3, values: () => fills } } });
      return {
        label: one.name,
        fill: violet,
        width: 0,
        points: { show: false, fill: violet },
        value,
        ...(paths ? { paths } : {}),
      };
    }
    // The sun alone is faint on white and on the bars of the dark theme: it has a rim that is dark on both.
    const straight = linear?.();
    const paths: UPlot.Series.PathBuilder = (plot, ...span) => {
      const path = straight?.(plot, ...span) ?? null;
      lines.set(place + 1, path);
      return path;
    };
    return {
      label: one.name,
      stroke: rim,
      width: LINE + 2 * RIM,
      points: { show: read.at.length < 40, size: 8, width: RIM, stroke: rim, fill: sun },
      value,
      paths,
    };
  });
  const step = read.days ? (read.at[1] ?? 0) - (read.at[0] ?? 0) || 86_400 : 1;
  return {
    width,
    height: heightOf(width),
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
        space: read.days ? 64 : 40,
        ...(read.days ? {} : { incrs: HOURS }),
        values: (_, places) => places.map((value) => (read.days ? dayOf(value, read.axis) : String(value))),
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
    legend: {
      live: true,
      markers: {
        width: (_, place) => (read.series[place - 1]?.line ? 1 : 0),
        stroke: rim,
        fill: (_, place) => (read.series[place - 1]?.line ? sun : violet),
      },
      // The table beside the picture says the same, and Chromium reads the legend out in spite of the role of the picture.
      mount: (_, legend) => legend.setAttribute("aria-hidden", "true"),
    },
    hooks: {
      drawSeries: [(plot, place) => fillLine(plot, lines.get(place)?.stroke, sun)],
      setLegend: [
        (plot) => plot.root.querySelector(".u-legend")?.classList.toggle("points", typeof plot.legend.idx === "number"),
      ],
    },
    series: [
      { label: read.axis, class: "axis", value: (_, value) => (value === null ? "" : labelAt(value)) },
      ...series,
    ],
  };
}

/** Draws a line once more, within its rim. */
function fillLine(plot: UPlot, path: UPlot.Series.Paths["stroke"], stroke: string): void {
  if (!(path instanceof Path2D)) return;
  // As far as the library moves a stroke of that width, to meet whole pixels.
  const aside = (((LINE + 2 * RIM) * devicePixelRatio) % 2) / 2;
  plot.ctx.save();
  plot.ctx.translate(aside, aside);
  plot.ctx.strokeStyle = stroke;
  plot.ctx.lineWidth = LINE * devicePixelRatio;
  plot.ctx.lineJoin = "round";
  plot.ctx.stroke(path);
  plot.ctx.restore();
}

/** A place on an axis as the table names it, but for its year where there are days. */
function dayOf(seconds: number, axis: string): string {
  const when = new Date(seconds * 1000);
  const month = MONTHS[when.getUTCMonth()];
  return axis === "Month" ? `${month} ${when.getUTCFullYear()}` : `${when.getUTCDate()} ${month}`;
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
    // A line ends before the time that still goes on: it would fall for no reason but that.
    const drawn = numbers.values.map((values, place) =>
      values.map((value, at) => (numbers.series[place]?.line && at === numbers.unfinished ? null : value)),
    );
    const data: UPlot.AlignedData = [[...numbers.at], ...drawn];
    plot = new UPlot(options(numbers, picture), data, picture);
  };
  again();
  let width = picture.clientWidth;
  new ResizeObserver(() => {
    if (picture.clientWidth === width) return;
    width = picture.clientWidth;
    plot?.setSize({ width: widthOf(picture), height: heightOf(width) });
  }).observe(picture);
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
    matchMedia(query).addEventListener("change", again);
  // The office has a switch of its own for light and dark.
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

for (const picture of document.querySelectorAll<HTMLElement>("[data-chart]")) draw(picture);
