/** All ways where there is time, and those that are judged where there is not. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Requirement } from '../../bench/sections/case.ts';
import { waysFor } from '../../bench/ways.ts';

const test = suite('ways');

const WAYS = ['tuned', 'composed'];
const of = (requirements: Requirement[], short = true, allWays = false): readonly string[] =>
  waysFor({ requirements, allWays }, 'tfjs webgl', WAYS, short);

test('all of them where time is not short, or where a case asks for it', () => {
  assert.equal(of([], false), WAYS);
  assert.equal(of([], true, true), WAYS);
});

test('on drivers in software those that are judged, or else the first', () => {
  const ratio = { llvmpipe: 2 };
  assert.equal(of([]), ['tuned']);
  assert.equal(of([{ contender: 'onnx wasm', ratio }]), ['tuned']);
  assert.equal(of([{ contender: 'tfjs webgl', way: 'composed', ratio }]), ['composed']);
  assert.equal(of([{ contender: 'tfjs webgl', ratio }]), WAYS, 'whichever is the fastest');
});

test.run();
