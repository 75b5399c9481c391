/** Names and values out of a file, made fit for a sentence: short, and on one line. */

const LENGTH = 80;

export function shown(text: string): string {
  const short = text.length > LENGTH ? `${text.slice(0, LENGTH)}..` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}

/** A value out of a pickle: numbers and short lists of them as they are; of larger things only the kind. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `'${shown(value)}'`;
  if (typeof value === 'bigint') return 'an integer beyond 2^53';
  if (Array.isArray(value)) {
    const plain = value.length <= 8 && value.every((item) => !Array.isArray(item));
    return plain ? `[${value.map(describe).join(', ')}]` : `a list of ${value.length}`;
  }
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Set) return `a set of ${value.size}`;
  return typeof value === 'object' && 'kind' in value ? `a ${value.kind}` : 'a function';
}
