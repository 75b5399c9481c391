import type { Shape } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { roomFor } from './room.ts';

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onStep?: () => void;
  /**
   * Told of activations by the name of the module that made them; the tensor is disposed soon after. Of what is made in strips of
   * channels, `first` is the first channel.
   */
  readonly trace?: (name: string, tensor: Tensor, first?: number) => void;
  /** Bytes between two kernels that are made at once; what takes more is made in parts. What `roomFor` says unless told. */
  readonly room?: number;
}

/** One pass through a network: where it runs, when it pauses, who watches. */
export class Run {
  readonly trace: RunOptions['trace'];
  /** Bytes that parts of channels may take: none, so that parts are as small as can be, until a network has sized them. */
  room: number;

  constructor(
    readonly engine: Recorder,
    private readonly options: RunOptions = {},
  ) {
    this.trace = options.trace;
    this.room = options.room ?? 0;
  }

  /** For a network whose widest activation has this shape, and whose output is so many times larger, unless the room was told. */
  sizeParts(widest: Shape, scale = 1): void {
    this.room = this.options.room ?? roomFor(this.engine.format, widest, scale);
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
