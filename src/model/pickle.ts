/**
 * Python's pickle format, as far as plain data goes: protocols 2 to 5, without the text opcodes of protocol 0.
 * A pickle is a program for a machine with a stack; this machine can call only what its caller lists.
 * https://docs.python.org/3/library/pickletools.html
 */
import { InputError } from '../tensor/errors.ts';
import { describe } from './shown.ts';

export interface Vocabulary {
  /**
   * What the Python name 'module.name' stands for: a function that is called with a list of arguments, or plain data.
   * Throws for all that is not known.
   */
  resolve(name: string): unknown;
  /** What stands outside of the pickle under this id. */
  load(id: unknown): unknown;
}

/**
 * Dicts become Maps, tuples and lists arrays, integers beyond 2^53 bigints. What is built may contain itself.
 * The state that an object was pickled with (BUILD) is dropped: PyTorch leaves only its notes on modules there.
 * @throws InputError for what the vocabulary throws, and when the pickle is truncated or corrupt.
 */
export function unpickle(bytes: Uint8Array, vocabulary: Vocabulary): unknown {
  return new Machine(bytes, vocabulary).run();
}

const NEWEST_PROTOCOL = 5;

class Machine {
  private readonly view: DataView;
  /** Names keep what looks like a byte order mark. */
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly latin1 = new TextDecoder('latin1');
  private at = 0;
  private stack: unknown[] = [];
  /** The stacks below each mark. */
  private readonly below: unknown[][] = [];
  // Not an array: indices come from the file.
  private readonly memo = new Map<number, unknown>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly vocabulary: Vocabulary,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): unknown {
    for (;;) {
      const at = this.at;
      const opcode = this.u8();
      if (opcode === STOP) return this.pop();
      const operation = OPERATIONS[opcode];
      if (!operation) throw this.corrupt(`has the unknown opcode 0x${opcode.toString(16).padStart(2, '0')}`, at);
      operation(this);
    }
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) throw this.corrupt('takes from an empty stack');
    return this.stack.pop();
  }

  /** The topmost value, which stays. */
  top(): unknown {
    if (this.stack.length === 0) throw this.corrupt('looks at an empty stack');
    return this.stack[this.stack.length - 1];
  }

  /** The topmost `count` values, lowest first. */
  popMany(count: number): unknown[] {
    if (this.stack.length < count) throw this.corrupt(`takes ${count} values from a stack of ${this.stack.length}`);
    return this.stack.splice(this.stack.length - count);
  }

  popPair(): [unknown, unknown] {
    const [first, second] = this.popMany(2);
    return [first, second];
  }

  mark(): void {
    this.below.push(this.stack);
    this.stack = [];
  }

  /** All values above the last mark, lowest first; the mark goes with them. */
  popMark(): unknown[] {
    const below = this.below.pop();
    if (!below) throw this.corrupt('looks for a mark that is not there');
    const values = this.stack;
    this.stack = below;
    return values;
  }

  put(index: number): void {
    this.memo.set(index, this.top());
  }

  memoize(): void {
    this.put(this.memo.size);
  }

  get(index: number): void {
    if (!this.memo.has(index)) throw this.corrupt(`recalls value ${index}, which it has not stored`);
    this.push(this.memo.get(index));
  }

  resolve(name: string): void {
    this.push(this.vocabulary.resolve(name));
  }

  load(): void {
    this.push(this.vocabulary.load(this.pop()));
  }

  call(callee: unknown, args: unknown): void {
    if (typeof callee !== 'function') throw this.corrupt(`calls ${describe(callee)}`);
    if (!Array.isArray(args)) throw this.corrupt(`passes ${describe(args)} for arguments`);
    this.push(callee(args));
  }

  append(values: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.corrupt(`appends to ${describe(list)}`);
    for (const value of values) list.push(value);
  }

  setItems(pairs: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw this.corrupt(`sets an item of ${describe(dict)}`);
    if (pairs.length % 2 !== 0) throw this.corrupt('sets an item without a value');
    for (let i = 0; i < pairs.length; i += 2) dict.set(pairs[i], pairs[i + 1]);
  }

  addItems(values: readonly unknown[]): void {
    const set = this.top();
    if (!(set instanceof Set)) throw this.corrupt(`adds to ${describe(set)}`);
    for (const value of values) set.add(value);
  }

  take(length: number): Uint8Array {
    const begin = this.skip(length);
    return this.bytes.subarray(begin, begin + length);
  }

  u8(): number {
    return this.view.getUint8(this.skip(1));
  }

  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  i32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  /** Rounded beyond 2^53. */
  u64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  f64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  /** A little-endian integer in two's complement. */
  integer(length: number): number | bigint {
    const bytes = this.take(length);
    if (length === 0) return 0;
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).reverse();
    const value = BigInt.asIntN(8 * length, BigInt(`0x${digits.join('')}`));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  text(length: number): string {
    return this.utf8.decode(this.take(length));
  }

  /** A string of Python 2. */
  bytesAsText(length: number): string {
    return this.latin1.decode(this.take(length));
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.corrupt('ends within a name');
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** 'module.name' from two values on the stack. */
  nameFromStack(): string {
    const [module, name] = this.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string')
      throw this.corrupt(`names something by ${describe(module)} and ${describe(name)}`);
    return `${module}.${name}`;
  }

  protocol(): void {
    const version = this.u8();
    if (version > NEWEST_PROTOCOL)
      throw new InputError(`The checkpoint's pickle has protocol ${version}; up to ${NEWEST_PROTOCOL} can be read.`);
  }

  /** Moves past the next bytes and answers where they begin. */
  skip(length: number): number {
    const begin = this.at;
    if (length > this.bytes.length - begin)
      throw this.corrupt(`ends after ${this.bytes.length} bytes, where ${length} more were to come`);
    this.at += length;
    return begin;
  }

  private corrupt(what: string, at = this.at): InputError {
    return new InputError(`The checkpoint's pickle is truncated or corrupt: it ${what}, at byte ${at}.`);
  }
}

const STOP = 0x2e;

/** By opcode; names as in Python's pickletools. */
const OPERATIONS: Readonly<Partial<Record<number, (m: Machine) => void>>> = {
  // PROTO, FRAME
  128: (m) => m.protocol(),
  149: (m) => m.skip(8),
  // MARK, POP, POP_MARK, DUP
  40: (m) => m.mark(),
  48: (m) => m.pop(),
  49: (m) => m.popMark(),
  50: (m) => m.push(m.top()),
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  113: (m) => m.put(m.u8()),
  114: (m) => m.put(m.u32()),
  148: (m) => m.memoize(),
  104: (m) => m.get(m.u8()),
  106: (m) => m.get(m.u32()),
  // NONE, NEWTRUE, NEWFALSE
  78: (m) => m.push(null),
  136: (m) => m.push(true),
  137: (m) => m.push(false),
  // BININT, BININT1, BININT2, LONG1, BINFLOAT
  74: (m) => m.push(m.i32()),
  75: (m) => m.push(m.u8()),
  77: (m) => m.push(m.u16()),
  138: (m) => m.push(m.integer(m.u8())),
  71: (m) => m.push(m.f64()),
  // SHORT_BINUNICODE, BINUNICODE, BINUNICODE8, SHORT_BINSTRING, BINSTRING
  140: (m) => m.push(m.text(m.u8())),
  88: (m) => m.push(m.text(m.u32())),
  141: (m) => m.push(m.text(m.u64())),
  85: (m) => m.push(m.bytesAsText(m.u8())),
  84: (m) => m.push(m.bytesAsText(m.u32())),
  // SHORT_BINBYTES, BINBYTES, BINBYTES8, BYTEARRAY8
  67: (m) => m.push(m.take(m.u8())),
  66: (m) => m.push(m.take(m.u32())),
  142: (m) => m.push(m.take(m.u64())),
  150: (m) => m.push(m.take(m.u64())),
  // EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE
  41: (m) => m.push([]),
  133: (m) => m.push(m.popMany(1)),
  134: (m) => m.push(m.popMany(2)),
  135: (m) => m.push(m.popMany(3)),
  116: (m) => m.push(m.popMark()),
  // EMPTY_LIST, LIST, APPEND, APPENDS
  93: (m) => m.push([]),
  108: (m) => m.push(m.popMark()),
  97: (m) => m.append([m.pop()]),
  101: (m) => m.append(m.popMark()),
  // EMPTY_DICT, DICT, SETITEM, SETITEMS
  125: (m) => m.push(new Map()),
  100: (m) => {
    const pairs = m.popMark();
    m.push(new Map());
    m.setItems(pairs);
  },
  115: (m) => m.setItems(m.popMany(2)),
  117: (m) => m.setItems(m.popMark()),
  // EMPTY_SET, ADDITEMS, FROZENSET
  143: (m) => m.push(new Set()),
  144: (m) => m.addItems(m.popMark()),
  145: (m) => m.push(new Set(m.popMark())),
  // GLOBAL, STACK_GLOBAL, BINPERSID
  99: (m) => m.resolve(`${m.line()}.${m.line()}`),
  147: (m) => m.resolve(m.nameFromStack()),
  81: (m) => m.load(),
  // REDUCE, NEWOBJ, BUILD
  82: (m) => m.call(...m.popPair()),
  129: (m) => m.call(...m.popPair()),
  98: (m) => {
    m.pop();
    m.top();
  },
  // INST: names and calls at once, as some pickles of Python 2 do
  105: (m) => {
    m.resolve(`${m.line()}.${m.line()}`);
    m.call(m.pop(), m.popMark());
  },
};
