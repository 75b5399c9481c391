/** A checkpoint in which one tensor has another shape: what is said of it, for every tensor and every small change. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../src/model/config.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { checkpointOf } from '../support/checkpoint.ts';
import { fixture } from '../support/fixtures.ts';

const test = suite('config and shapes');

/** How many channels go in and out is up to the checkpoint; the last convolution of derain has no bias that would say so too. */
const FREE: Readonly<Record<string, readonly string[]>> = {
  derain: ['patch_embed.proj.weight', 'output.weight'],
  sr: ['patch_embed.proj.weight'],
};

/** Sizes of the network are read off these, so that another size of one of them may be seen in other tensors only. */
const READ = /^(patch_embed\.proj|(encoder_level[123]|latent)\.0\.ffn\.project_out|tail\.1)\.weight$/;

/** None, and all shapes that differ from this one by a dimension, by one step along one, or by two that changed places. */
function* neighbours(shape: readonly number[]): Generator<number[]> {
  yield [];
  yield [...shape, 1];
  for (let axis = 0; axis < shape.length; axis++) {
    yield shape.filter((_, i) => i !== axis);
    for (const size of [0, shape[axis] - 1, shape[axis] + 1]) yield shape.with(axis, size);
    for (let other = 0; other < axis; other++) {
      if (shape[other] !== shape[axis]) yield shape.with(axis, shape[other]).with(other, shape[axis]);
    }
  }
}

function isConvolution(shape: readonly number[], kernel: number): boolean {
  return shape.length === 4 && shape[2] === kernel && shape[3] === kernel && !shape.includes(0);
}

/** The tensors of which a sentence speaks, in its order. */
function namedIn(sentence: string, tensors: ReadonlyMap<string, unknown>): string[] {
  return sentence.split(/[^\w.]/).filter((word) => tensors.has(word));
}

for (const [name, free] of Object.entries(FREE)) {
  test(`${name}: a tensor of another shape is named in a sentence with numbers`, async () => {
    const data = new Float32Array(0);
    const tensors = new Map(
      [...(await fixture(`${name}.weights.safetensors`))].map(([k, { shape }]) => [k, { data, shape }]),
    );
    const read = (changed: string, shape: number[]): string => {
      try {
        readConfig(checkpointOf(new Map(tensors).set(changed, { data, shape })));
        return '';
      } catch (error) {
        assert.instance(error, InputError, `${changed} [${shape}]: ${(error as Error).stack}`);
        return (error as Error).message;
      }
    };
    const accepted = new Set<string>();
    let refused = 0;
    for (const [key, { shape }] of tensors) {
      assert.is(read(key, shape), '');
      for (const other of neighbours(shape)) {
        const sentence = read(key, other);
        const what = `${key} [${other}]: ${sentence}`;
        if (sentence === '') {
          assert.ok(isConvolution(other, 3), what);
          accepted.add(key);
          continue;
        }
        refused++;
        assert.not.match(sentence, /NaN|undefined/, what);
        if (READ.test(key) && isConvolution(other, shape[3])) {
          assert.ok(namedIn(sentence, tensors).length > 0, what);
        } else {
          assert.is(namedIn(sentence, tensors)[0], key, what);
          if (READ.test(key)) assert.match(sentence, /which no (1x1|3x3) convolution has/, what);
        }
      }
    }
    assert.equal([...accepted], free);
    assert.ok(refused > 10 * tensors.size, `${refused} refused`);
  });
}

test.run();
