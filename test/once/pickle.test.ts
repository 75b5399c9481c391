/** The unpickler: every opcode that it knows, and a sentence for everything that can be wrong with a pickle. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unpickle, type Vocabulary } from '../../src/model/pickle.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { opcodes, pickle } from '../support/pickle.ts';
import { refused } from '../support/refused.ts';

const test = suite('pickle');

/** Knows one function, which answers its arguments. */
const VOCABULARY: Vocabulary = {
  resolve: (name) => {
    if (name === 'here.args') return (args: unknown) => ({ kind: 'call', args });
    throw new InputError(`${name} is not known`);
  },
  load: (id) => ({ kind: 'load', id }),
};

const run = (...parts: (string | number)[]): unknown => unpickle(opcodes(...parts), VOCABULARY);

test('plain data comes back', () => {
  const value = new Map<unknown, unknown>([
    ['numbers', [0, 1, -1, 255, 2 ** 31 - 1, -(2 ** 31) + 1, 2 ** 40, -(2 ** 52), 0.1, -2.5e300]],
    ['others', [null, true, false, '', 'ä € 🌧 \ufeff', []]],
    [3, new Map([['nested', [[1, [2]]]]])],
  ]);
  assert.equal(unpickle(pickle(value), VOCABULARY), value);
});

test('every opcode does what it says', () => {
  for (const [parts, value] of [
    // Numbers.
    [['K', 255], 255],
    [['M', 1, 2], 513],
    [['J', 255, 255, 255, 255], -1],
    [[0x8a, 0], 0],
    [[0x8a, 1, 0xff], -1],
    [[0x8a, 2, 0xff, 0x00], 255],
    [[0x8a, 7, 0, 0, 0, 0, 0, 0, 0x20], 9007199254740992n],
    [[0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1], 2n ** 64n],
    [['G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
    // Texts and bytes.
    [['U', 2, 'a', 0xe4], 'aä'],
    [['T', 1, 0, 0, 0, 'a'], 'a'],
    [[0x8c, 3, 0xe2, 0x82, 0xac], '€'],
    [['X', 1, 0, 0, 0, 'a'], 'a'],
    [[0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 'a'], 'a'],
    [['C', 2, 1, 2], Uint8Array.of(1, 2)],
    [['B', 1, 0, 0, 0, 1], Uint8Array.of(1)],
    [[0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 1], Uint8Array.of(1)],
    [[0x96, 1, 0, 0, 0, 0, 0, 0, 0, 1], Uint8Array.of(1)],
    // Tuples, lists, dicts, sets.
    [[')'], []],
    [['N', 0x85], [null]],
    [
      ['NK', 1, 0x86],
      [null, 1],
    ],
    [
      ['K', 1, 'K', 2, 'K', 3, 0x87],
      [1, 2, 3],
    ],
    [
      ['(K', 1, 'K', 2, 't'],
      [1, 2],
    ],
    [['(K', 1, 'l'], [1]],
    [
      [']K', 1, 'a(K', 2, 'K', 3, 'e'],
      [1, 2, 3],
    ],
    [['}K', 1, 'Ns(K', 2, 'NK', 3, 'Nu'], new Map([1, 2, 3].map((key) => [key, null]))],
    [['(K', 1, 'Nd'], new Map([[1, null]])],
    [[0x8f, '(K', 1, 0x90], new Set([1])],
    [['(K', 1, 'K', 1, 0x91], new Set([1])],
    // The stack and the memo.
    [['NK', 1, '0'], null],
    [['N(K', 1, 'K', 2, '1'], null],
    [
      ['K', 7, '2', 0x86],
      [7, 7],
    ],
    [
      [']q', 0, 'h', 0, 0x86],
      [[], []],
    ],
    [
      [']r', 255, 255, 255, 255, 'j', 255, 255, 255, 255, 0x86],
      [[], []],
    ],
    [
      ['K', 5, 0x94, 'K', 6, 0x94, 'h', 0, 0x87],
      [5, 6, 5],
    ],
    // Protocols.
    [[0x80, 5, 0x95, 1, 0, 0, 0, 0, 0, 0, 0, 'N'], null],
    // Calls and references.
    [['chere\nargs\nK', 1, 0x85, 'R'], { kind: 'call', args: [1] }],
    [['chere\nargs\n)', 0x81], { kind: 'call', args: [] }],
    [[0x8c, 4, 'here', 0x8c, 4, 'args', 0x93, ')R'], { kind: 'call', args: [] }],
    [['(K', 1, 'ihere\nargs\n'], { kind: 'call', args: [1] }],
    [['K', 1, 'Q'], { kind: 'load', id: 1 }],
    [['}(K', 1, 'NuNb'], new Map([[1, null]])],
  ] as [(string | number)[], unknown][]) {
    assert.equal(run(...parts, '.'), value, `${parts}`);
  }
});

test('what was stored is recalled, not copied', () => {
  const [a, b] = run(']q', 0, 'h', 0, 0x86, 'h', 0, 'K', 1, 'a0.') as unknown[][];
  assert.is(a, b);
  assert.equal(a, [1]);
});

test('a list that contains itself can be built', () => {
  const list = run(']q', 0, 'h', 0, 'a.') as unknown[];
  assert.is(list[0], list);
});

test('broken pickles get their sentence', async () => {
  for (const [parts, sentence] of [
    [[], /ends after 0 bytes, where 1 more were to come, at byte 0/],
    [['N'], /ends after 1 bytes/],
    [['.'], /takes from an empty stack, at byte 1/],
    [['0N.'], /takes from an empty stack/],
    [['K'], /ends after 1 bytes, where 1 more/],
    [['X', 255, 255, 255, 255, 'a.'], /where 4294967295 more were to come/],
    [['T', 255, 255, 255, 255, 'a.'], /where 4294967295 more/],
    [[0x8d, 255, 255, 255, 255, 255, 255, 255, 255, 'a.'], /where 18446744073709552000 more/],
    [[0x8e, 0, 0, 0, 0, 0, 0, 0, 0x80, 'a.'], /where 9223372036854776000 more/],
    [[0x8a, 9, 'abc.'], /where 9 more/],
    [[0x80, 6, 'N.'], /protocol 6; up to 5/],
    [[0xff], /unknown opcode 0xff, at byte 0/],
    [[0x00], /unknown opcode 0x00/],
    [["S'text'\n."], /unknown opcode 0x53/],
    [[0x82, 1, '.'], /unknown opcode 0x82/],
    [['K', 1, 't.'], /looks for a mark/],
    [['K', 1, 0x86, '.'], /takes 2 values from a stack of 1/],
    [['(', 0x85, '.'], /takes 1 values from a stack of 0/],
    [['h', 3, '.'], /recalls value 3, which it has not stored/],
    [['j', 255, 255, 255, 127, '.'], /recalls value 2147483647/],
    [['q', 3, '.'], /looks at an empty stack/],
    [['2.'], /looks at an empty stack/],
    [[0x94, '.'], /looks at an empty stack/],
    [['NNa.'], /appends to None/],
    [['}Na.'], /appends to a dict of 0/],
    [['](NNu.'], /sets an item of \[\]/],
    [['}(Nu.'], /an item without a value/],
    [['NNNs.'], /sets an item of None/],
    [['N(N', 0x90, '.'], /adds to None/],
    [['N)R.'], /calls None/],
    [['})R.'], /calls a dict of 0/],
    [['chere\nargs\nNR.'], /passes None for arguments/],
    [['b.'], /takes from an empty stack/],
    [['Nb.'], /looks at an empty stack/],
    [['cos\nsystem\n)R.'], /^os\.system is not known$/],
    [['(X', 2, 0, 0, 0, 'lsios\nsystem\n.'], /^os\.system is not known$/],
    [[0x8c, 2, 'os', 0x8c, 6, 'system', 0x93, '.'], /^os\.system is not known$/],
    [['NN', 0x93, '.'], /names something by None and None/],
    [['cos\nsyst'], /ends within a name/],
    [['cos'], /ends within a name/],
    [['Q.'], /takes from an empty stack/],
  ] as [(string | number)[], RegExp][]) {
    await refused(() => run(...parts), sentence);
  }
});

test('depth is no matter', async () => {
  const depth = 1e5;
  await refused(() => run('('.repeat(depth)), /ends after 100000 bytes/);
  assert.ok(Array.isArray(run(`${'('.repeat(depth)}${'t'.repeat(depth)}.`)));
  assert.ok(Array.isArray(run(`)${'\x85'.repeat(depth)}.`)));
});

test.run();
