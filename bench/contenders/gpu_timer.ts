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
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  if (!extension || /llvmpipe/i.test(renderer)) return undefined;
  const { TIME_ELAPSED_EXT, GPU_DISJOINT_EXT } = extension;
  return {
    async time(work) {
      const query = gl.createQuery()!;
      gl.beginQuery(TIME_ELAPSED_EXT, query);
      try {
        await work();
      } finally {
        gl.endQuery(TIME_ELAPSED_EXT);
      }
      try {
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
