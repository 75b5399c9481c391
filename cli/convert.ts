import type { DType } from '../src/model/dtype.ts';
import { aboutCheckpoint, openCheckpoint } from './checkpoint.ts';
import { checkTargets, writeAll } from './files.ts';
import { encodeFloats } from './floats.ts';
import { encodeSafetensors, type RawTensor } from './safetensors.ts';

export interface ConvertOptions {
  /** The type of all tensors; each keeps its own without it. */
  readonly dtype?: 'f32' | 'f16' | 'bf16';
}

/** The command `convert`: writes a checkpoint, of whatever format, as a safetensors file. */
export async function convert(weights: string, output: string, options: ConvertOptions): Promise<void> {
  await checkTargets([output], weights, { what: 'checkpoint' });
  const { checkpoint, config } = await openCheckpoint(weights);
  const dtype = options.dtype?.toUpperCase() as DType | undefined;
  const tensors: Record<string, RawTensor> = {};
  await aboutCheckpoint(weights, async () => {
    for (const name of checkpoint.names) {
      const to = dtype ?? checkpoint.dtype(name);
      const bytes = encodeFloats(to, await checkpoint.values(name), name);
      tensors[name] = { dtype: to, shape: checkpoint.shape(name), bytes };
    }
  });
  const file = encodeSafetensors(tensors);
  writeAll([[output, file]]);
  console.log(`${config.variant} network, ${file.length.toLocaleString('en')} bytes`);
  console.log(`wrote ${output}`);
}
