/** A small writer of pickles (protocol 2), for tests. https://docs.python.org/3/library/pickletools.html */

/** A Python name. */
export class Global {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}
}

/** A call of something with arguments. */
export class Call {
  constructor(
    readonly callee: unknown,
    readonly args: readonly unknown[],
  ) {}
}

/** A reference to what lies outside of the pickle. */
export class Persistent {
  constructor(readonly id: unknown) {}
}

/** null, booleans, 32-bit integers, other numbers, strings, arrays (as tuples), Maps (as dicts) and the three above. */
export function pickle(value: unknown): Uint8Array {
  const code: number[] = [0x80, 2];
  write(value, code);
  code.push(0x2e);
  return Uint8Array.from(code);
}

/** The bytes of opcodes, written as text (latin1), and of other numbers. */
export function opcodes(...parts: (string | number)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...latin1(part)])));
}

function write(value: unknown, code: number[]): void {
  const op = (text: string): void => void code.push(...latin1(text));
  if (value === null) op('N');
  else if (typeof value === 'boolean') op(value ? '\x88' : '\x89');
  else if (typeof value === 'number') writeNumber(value, code);
  else if (typeof value === 'string') {
    const text = new TextEncoder().encode(value);
    code.push(0x58, ...littleEndian(text.length, 4), ...text);
  } else if (Array.isArray(value)) {
    op('(');
    for (const item of value) write(item, code);
    op('t');
  } else if (value instanceof Map) {
    op('}(');
    for (const [key, item] of value) {
      write(key, code);
      write(item, code);
    }
    op('u');
  } else if (value instanceof Global) op(`c${value.module}\n${value.name}\n`);
  else if (value instanceof Call) {
    write(value.callee, code);
    write(value.args, code);
    op('R');
  } else if (value instanceof Persistent) {
    write(value.id, code);
    op('Q');
  } else throw new Error(`cannot pickle ${value}`);
}

function writeNumber(value: number, code: number[]): void {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
    code.push(0x4a, ...littleEndian(value, 4));
  } else if (Number.isSafeInteger(value)) {
    code.push(0x8a, 8, ...littleEndian(value, 8));
  } else {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, false);
    code.push(0x47, ...bytes);
  }
}

function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));
}

function latin1(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
