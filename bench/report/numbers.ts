/** Numbers as they are read: three digits and a unit. */

const UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Such as "0.123", "57.8", "1560". */
export function digits(value: number): string {
  return Math.abs(value) < 99.95 && value !== 0 ? value.toPrecision(3) : value.toFixed(0);
}

/** How many times something, such as "7.82" or "16.6". */
export function times(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : digits(ratio);
}

/** Without zeros that say nothing, for scales: "0.5", "10". */
export function plain(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Milliseconds as "57.8 ms" or, from ten seconds on, as "15.5 s". */
export function time(milliseconds: number): string {
  return milliseconds < 1e4 ? `${digits(milliseconds)} ms` : `${digits(milliseconds / 1e3)} s`;
}

/** Bytes in decimal units, such as "12.3 MB". */
export function size(bytes: number): string {
  if (bytes < 1e3) return `${digits(bytes)} B`;
  return bytes < 1e6 ? `${digits(bytes / 1e3)} KB` : `${digits(bytes / 1e6)} MB`;
}

/** A number with a decimal prefix, such as "10.6 G". */
export function quantity(value: number, format = digits): string {
  const [unit, letter] = UNITS.find(([least]) => value >= least) ?? [1, ''];
  return `${format(value / unit)} ${letter}`.trimEnd();
}

/** A share of one, such as "64 %". */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)} %`;
}
