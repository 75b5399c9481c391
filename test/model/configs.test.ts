/** Networks of other sizes than the fixtures', against the float64 reference, and several pictures at once. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../src/model/config.ts';
import { Network } from '../../src/model/network.ts';
import { Run } from '../../src/model/run.ts';
import { array4 } from '../reference/array.ts';
import { network as reference } from '../reference/network.ts';
import type { NetworkConfig } from '../reference/variants.ts';
import { checkpointOf, fixtureCheckpoint } from '../support/checkpoint.ts';
import { assertClose } from '../support/close.ts';
import { leakFree, sharedEngine } from '../support/engine.ts';
import { hashedWeights, noise } from '../support/hash.ts';
import { runInParts } from '../support/in_parts.ts';
import { parameterShapes } from '../support/parameters.ts';
import { SMALL } from '../support/small.ts';

const test = suite('other sizes');

for (const config of [
  SMALL,
  // Channels and hidden channels that are no whole quads.
  { ...SMALL, variant: 'realsr', dim: 10, blocks: [1, 1, 2, 1], expansion: 1.55, bias: true, normBias: false },
] as NetworkConfig[]) {
  const { variant, dim, blocks, refinement, expansion, bias, normBias } = config;
  test(`${variant} of ${dim} channels, blocks ${blocks}, expansion ${expansion} is the reference's`, async () => {
    const engine = await sharedEngine();
    const weights = hashedWeights(parameterShapes(config));
    const checkpoint = checkpointOf(weights);
    const hidden = [1, 2, 4, 8].map((level) => Math.trunc(level * dim * expansion));
    const found = readConfig(checkpoint);
    assert.equal(
      [found.variant, found.dim, found.blocks, found.refinement, found.hidden, found.bias, found.normBias],
      [variant, dim, blocks, refinement, hidden, bias, normBias],
    );
    const shape: [number, number, number, number] = [1, 3, 8, 16];
    const picture = noise(2000, 3 * 8 * 16).map((v) => (v + 1) / 2);
    const expected = reference(array4(picture, shape), weights, variant);
    await leakFree(engine, async () => {
      const network = await Network.pack(engine, checkpoint);
      using image = engine.tensor(picture, shape);
      // At once, and in as many parts as there may be, some of which end within a quad.
      for (const run of [new Run(engine), runInParts(engine)]) {
        using output = await network.run(run, image);
        assert.equal([...output.shape], [...expected.shape]);
        assertClose(await output.read(), expected.data, 1e-4, variant);
      }
      network.dispose();
    });
  });
}

for (const name of ['derain33', 'sr', 'realsr']) {
  test(`${name}: two pictures at once are what they are one by one`, async () => {
    const engine = await sharedEngine();
    await leakFree(engine, async () => {
      const network = await Network.pack(engine, await fixtureCheckpoint(`${name}.weights.safetensors`));
      const size = 3 * 8 * 24;
      const pictures = noise(3000, 2 * size).map((v) => (v + 1) / 2);
      const run = async (values: Float32Array, n: number): Promise<Float32Array> => {
        using image = engine.tensor(values, [n, 3, 8, 24]);
        using output = await network.run(new Run(engine), image);
        return output.read();
      };
      const both = await run(pictures, 2);
      for (const k of [0, 1]) {
        const alone = await run(pictures.subarray(k * size, (k + 1) * size), 1);
        assertClose(both.subarray(k * alone.length, (k + 1) * alone.length), alone, 1e-6, `${name}, picture ${k}`);
      }
      network.dispose();
    });
  });
}

test.run();
