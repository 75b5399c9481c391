import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('smoke');

test('the page has WebGL2 that renders to float textures', () => {
  const gl = document.createElement('canvas').getContext('webgl2');
  assert.ok(gl, 'no WebGL2 context');
  assert.ok(gl.getExtension('EXT_color_buffer_float'), 'no EXT_color_buffer_float');
  gl.getExtension('WEBGL_lose_context')?.loseContext();
});

test('the page is isolated, for precise timers', () => {
  assert.ok(crossOriginIsolated);
});

test.run();
