import { SingleBar } from 'cli-progress';
import type { Stage } from './page.ts';

export interface ProgressBar extends Disposable {
  show(stage: Stage, fraction: number): void;
}

/** A bar on stderr that starts anew for each stage and leaves no trace; none when nobody watches. */
export function progressBar(watched: boolean): ProgressBar | undefined {
  if (!watched) return undefined;
  const bar = new SingleBar({
    format: '{stage} [{bar}] {percentage}%',
    clearOnComplete: true,
    // cli-progress would turn line wrapping off in the terminal, and Ctrl-C would leave it off.
    linewrap: true,
  });
  const stop = () => bar.stop();
  bar.start(1, 0, { stage: 'start  ' });
  process.once('exit', stop);
  return {
    show: (stage, fraction) => bar.update(fraction, { stage: stage.padEnd('compile'.length) }),
    [Symbol.dispose]: () => {
      process.off('exit', stop);
      stop();
    },
  };
}
