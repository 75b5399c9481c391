/** The GPU's clock runs while work is issued, and not while it is waited for; what it was asked with goes. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gpuTimer } from '../../bench/contenders/gpu_timer.ts';

const test = suite('GPU timer');

test('it stops before the wait', async () => {
  const { gl, calls } = recorded('a card');
  const milliseconds = await gpuTimer(gl)!.time(
    async () => void calls.push('issue'),
    async () => void calls.push('wait'),
  );
  assert.is(milliseconds, 3);
  assert.equal(calls, ['createQuery', 'beginQuery', 'issue', 'endQuery', 'flush', 'wait', 'deleteQuery']);
});

test('work that fails leaves no query behind', async () => {
  const fail = async (): Promise<void> => {
    throw new Error('no');
  };
  for (const [issue, wait] of [
    [fail, async () => {}],
    [async () => {}, fail],
  ]) {
    const { gl, calls } = recorded('a card');
    const failed = await gpuTimer(gl)!
      .time(issue, wait)
      .catch((error: Error) => error.message);
    assert.is(failed, 'no');
    assert.equal(calls, ['createQuery', 'beginQuery', 'endQuery', 'flush', 'deleteQuery']);
  }
});

test('llvmpipe’s clock is not believed', () => {
  assert.is(gpuTimer(recorded('llvmpipe (LLVM 15)').gl), undefined);
});

/** A context that does nothing but remember what it was told; its queries are done at once, after 3 ms. */
function recorded(renderer: string): { gl: WebGL2RenderingContext; calls: string[] } {
  const calls: string[] = [];
  const say = (name: string) => () => {
    calls.push(name);
  };
  const gl = {
    QUERY_RESULT_AVAILABLE: 1,
    QUERY_RESULT: 2,
    getExtension: (name: string) =>
      name === 'EXT_disjoint_timer_query_webgl2'
        ? { TIME_ELAPSED_EXT: 3, GPU_DISJOINT_EXT: 4 }
        : { UNMASKED_RENDERER_WEBGL: 5 },
    getParameter: (name: number) => (name === 5 ? renderer : false),
    getQueryParameter: (_: unknown, name: number) => (name === 1 ? true : 3e6),
    createQuery: say('createQuery'),
    beginQuery: say('beginQuery'),
    endQuery: say('endQuery'),
    flush: say('flush'),
    deleteQuery: say('deleteQuery'),
  };
  return { gl: gl as unknown as WebGL2RenderingContext, calls };
}

test.run();
