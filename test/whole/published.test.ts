/** The networks of the published sizes against PyTorch. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parameterCount } from '../../src/model/config.ts';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { PUBLISHED, type VariantName } from '../reference/variants.ts';
import { checkpointOf } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { sharedEngine } from '../support/engine.ts';
import { fixture, tensor } from '../support/fixtures.ts';
import { hashedWeights, noise } from '../support/hash.ts';
import { parameterShapes } from '../support/parameters.ts';

const test = suite('published');

for (const [name, millions, size] of [
  ['derain', 28.71, 64],
  ['derain33', 28.7, 32],
  ['sr', 12.03, 32],
  ['realsr', 10.5, 32],
] as const) {
  test(`the published ${name}, ${millions} M parameters with hashed weights, matches PyTorch at ${size} x ${size}`, () =>
    publishedMatches(name, millions, size));
}

async function publishedMatches(name: VariantName, millions: number, size: number): Promise<void> {
  const engine = await sharedEngine();
  const network = await Network.pack(engine, checkpointOf(hashedWeights(parameterShapes(PUBLISHED[name]))));
  assert.is(Math.round(parameterCount(network.config) / 1e4), millions * 100);
  const samples = await fixture('full.samples.safetensors');
  using image = engine.tensor(
    noise(1000, 3 * size * size).map((v) => (v + 1) / 2),
    [1, 3, size, size],
  );
  using output = await network.run(new Run(engine), image);
  const values = await output.read();
  network.dispose();
  const found = Array.from(tensor(samples, `${name}.index`).data, (at) => values[at]);
  const error = assertClose(found, tensor(samples, `${name}.value`).data, 1e-3, `published ${name}`);
  console.log(`published ${name}: relative error ${error.toExponential(1)} of 1e-3`);
}

test.run();
