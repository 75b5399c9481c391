import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One pass through a network: where it runs, when it pauses, who watches. */
export class Run {
  constructor(
    readonly engine: Recorder,
    private readonly signal?: AbortSignal,
    private readonly onStep?: () => void,
    /**
     * Told of activations by the name of the module that made them; the tensor is disposed soon after. Of what is made in strips of
     * channels, `first` is the first channel.
     */
    readonly trace?: (name: string, tensor: Tensor, first?: number) => void,
  ) {}

  /** Between two parts of the work: lets the GPU catch up, reports progress. @throws the signal's reason once it is aborted. */
  async step(): Promise<void> {
    this.signal?.throwIfAborted();
    await this.engine.settle();
    this.signal?.throwIfAborted();
    this.onStep?.();
  }
}
