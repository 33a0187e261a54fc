import type { Text } from "./types";

export type Strings = Readonly<Record<string, string>>;

/** Reads strings in one language: values fill their places, numbers in that language's digits, `{count}` chooses the plural. */
export function reader(strings: Strings, lang: string): Text {
  const digits = new Intl.NumberFormat(lang);
  const plurals = new Intl.PluralRules(lang);
  return (key, values = {}) => {
    const form = `${key}.${plurals.select(Number(values.count ?? 0))}`;
    const found = strings[key] ?? strings[form] ?? strings[`${key}.other`] ?? key;
    return found.replace(/\{(\w+)\}/g, (place, name: string) => {
      const value = values[name];
      return typeof value === "number" ? digits.format(value) : (value ?? place);
    });
  };
}

/** Play time as a clock shows it, `01:05`, in the language's digits. */
export function clockFace(time: number, lang: string): string {
  const { format } = new Intl.NumberFormat(lang, { minimumIntegerDigits: 2 });
  return `${format(Math.floor(time / 60_000))}:${format(Math.floor(time / 1000) % 60)}`;
}

/** Scripts that run from right to left; the bar does then, the board never does. */
export const isRightToLeft = (lang: string) => /^(ar|fa|he|ur)\b/.test(lang);
