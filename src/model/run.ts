import type { Shape } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onStep?: () => void;
  /**
   * Told of activations by the name of the module that made them; the tensor is disposed soon after. Of what is made in strips of
   * channels, `first` is the first channel.
   */
  readonly trace?: (name: string, tensor: Tensor, first?: number) => void;
  /**
   * Bytes between two kernels that are made at once; what takes more is made in parts. CACHE_BYTES unless told. Scans may take as much as a
   * chunk of the widest of them does all the same.
   */
  readonly cacheBytes?: number;
}

/** Bytes that fit into caches. With twice as many, the published derain network takes 3.8 KB a pixel at 64 x 64 in place of 2.8, and as long. */
const CACHE_BYTES = 2 * 2 ** 20;

/** One pass through a network: where it runs, when it pauses, who watches. */
export class Run {
  readonly trace: RunOptions['trace'];
  readonly cacheBytes: number;
  /** The largest activation that is scanned, once a network runs: the chunks of all scans are sized by it. */
  widestScan: Shape | null = null;

  constructor(
    readonly engine: Recorder,
    private readonly options: RunOptions = {},
  ) {
    this.trace = options.trace;
    this.cacheBytes = options.cacheBytes ?? CACHE_BYTES;
  }

  /** Between two parts of the work: lets the GPU catch up, reports progress. @throws the signal's reason once it is aborted. */
  async step(): Promise<void> {
    const { signal, onStep } = this.options;
    signal?.throwIfAborted();
    await this.engine.settle();
    signal?.throwIfAborted();
    onStep?.();
  }
}
