/** A context that somebody else draws with too: whatever state it is left in, results are the same. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add } from '../../src/ops/elementwise.ts';
import { sharedEngine } from '../support/engine.ts';

const test = suite('state of a context');

type Change = (gl: WebGL2RenderingContext) => () => void;

const enable =
  (name: 'SCISSOR_TEST' | 'CULL_FACE' | 'RASTERIZER_DISCARD' | 'DEPTH_TEST' | 'STENCIL_TEST' | 'BLEND'): Change =>
  (gl) => {
    gl.enable(gl[name]);
    return () => gl.disable(gl[name]);
  };

const store =
  (
    name: 'UNPACK_FLIP_Y_WEBGL' | 'UNPACK_ROW_LENGTH' | 'UNPACK_SKIP_ROWS' | 'PACK_ROW_LENGTH' | 'PACK_SKIP_PIXELS',
    value: number,
  ): Change =>
  (gl) => {
    gl.pixelStorei(gl[name], value);
    return () => gl.pixelStorei(gl[name], 0);
  };

const CHANGES: Readonly<Record<string, Change>> = {
  'a scissor': (gl) => {
    gl.scissor(0, 0, 2, 2);
    return enable('SCISSOR_TEST')(gl);
  },
  'culling of both faces': (gl) => {
    gl.cullFace(gl.FRONT_AND_BACK);
    return enable('CULL_FACE')(gl);
  },
  'no rasteriser': enable('RASTERIZER_DISCARD'),
  'a depth test': (gl) => {
    gl.depthFunc(gl.NEVER);
    return enable('DEPTH_TEST')(gl);
  },
  'a stencil test': (gl) => {
    gl.stencilFunc(gl.NEVER, 0, 1);
    return enable('STENCIL_TEST')(gl);
  },
  blending: enable('BLEND'),
  'no green': (gl) => {
    gl.colorMask(true, false, true, true);
    return () => gl.colorMask(true, true, true, true);
  },
  'uploads upside down': store('UNPACK_FLIP_Y_WEBGL', 1),
  'uploads of long rows': store('UNPACK_ROW_LENGTH', 100),
  'uploads that skip rows': store('UNPACK_SKIP_ROWS', 1),
  'readback of long rows': store('PACK_ROW_LENGTH', 100),
  'readback that skips pixels': store('PACK_SKIP_PIXELS', 1),
  'a vertex array with an attribute and no buffer': (gl) => {
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.enableVertexAttribArray(0);
    return () => gl.deleteVertexArray(array);
  },
  'a sampler of mipmaps': (gl) => {
    const sampler = gl.createSampler()!;
    gl.samplerParameteri(sampler, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    gl.bindSampler(0, sampler);
    return () => gl.deleteSampler(sampler);
  },
};

for (const [name, change] of Object.entries(CHANGES)) {
  test(`${name} changes nothing`, async () => {
    const engine = await sharedEngine();
    const { gl } = engine;
    const values = Float32Array.from({ length: 180 }, (_, i) => i + 1);
    const undo = change(gl);
    try {
      using x = engine.tensor(values, [1, 4, 5, 9]);
      using y = add(engine, x, x);
      assert.equal(
        [...(await y.read())],
        [...values].map((v) => 2 * v),
      );
      assert.is(gl.getError(), gl.NO_ERROR);
    } finally {
      undo();
    }
  });
}

test.run();
