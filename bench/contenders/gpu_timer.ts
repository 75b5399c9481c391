import { rendererOf } from '../renderer.ts';
import type { GpuTimer } from './contender.ts';

/** What TypeScript does not know of EXT_disjoint_timer_query_webgl2. */
interface TimerExtension {
  readonly TIME_ELAPSED_EXT: number;
  readonly GPU_DISJOINT_EXT: number;
}

/** Milliseconds between two looks at a query, and how many looks there are. */
const PAUSE = 2;
const LOOKS = 500;

/**
 * The clock of a WebGL context, where it has one that can be believed: llvmpipe's starts anew with each tile of a picture, and tells how
 * long the last ones took. Its time goes from the first to the last thing that the GPU does for the work, pauses
 * in which it waits for more included.
 */
export function gpuTimer(gl: WebGL2RenderingContext): GpuTimer | undefined {
  const extension = gl.getExtension('EXT_disjoint_timer_query_webgl2') as TimerExtension | null;
  if (!extension || /llvmpipe/i.test(rendererOf(gl))) return undefined;
  const { TIME_ELAPSED_EXT, GPU_DISJOINT_EXT } = extension;
  return {
    async time(issue, wait) {
      const query = gl.createQuery()!;
      try {
        gl.beginQuery(TIME_ELAPSED_EXT, query);
        try {
          await issue();
        } finally {
          // Before the wait: after it, the way from the GPU to the page and back would be in the GPU's time.
          gl.endQuery(TIME_ELAPSED_EXT);
          gl.flush();
        }
        await wait();
        for (let i = 0; i < LOOKS; i++) {
          // A result becomes known between tasks only.
          await new Promise((resolve) => setTimeout(resolve, PAUSE));
          if (!gl.getQueryParameter(query, gl.QUERY_RESULT_AVAILABLE)) continue;
          const nanoseconds = gl.getQueryParameter(query, gl.QUERY_RESULT) as number;
          return gl.getParameter(GPU_DISJOINT_EXT) ? undefined : nanoseconds / 1e6;
        }
        return undefined;
      } finally {
        gl.deleteQuery(query);
      }
    },
  };
}
