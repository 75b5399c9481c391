import { parameterCount, VARIANTS } from '../src/model/config.ts';
import { openCheckpoint } from './checkpoint.ts';

/** The command `info`: what a checkpoint says of its network. */
export async function info(weights: string, { json }: { readonly json?: boolean }): Promise<void> {
  const { checkpoint, config, bytes } = await openCheckpoint(weights);
  const parameters = parameterCount(config);
  const tensors = checkpoint.names.length;
  const dtypes = [...new Set(checkpoint.names.map((name) => checkpoint.dtype(name)))].sort();
  if (json) {
    console.log(JSON.stringify({ weights, bytes, tensors, dtypes, parameters, config }));
    return;
  }
  const { variant, inChannels, outChannels, dim, blocks, refinement, hidden, bias, normBias, dualPixel } = config;
  const { scale } = VARIANTS[variant];
  const count = (n: number): string => n.toLocaleString('en');
  const presence = (is: boolean): string => (is ? 'yes' : 'no');
  const rows = {
    file: `${count(bytes)} bytes, ${count(tensors)} tensors of ${dtypes.join(' and ')}`,
    channels: `${inChannels} in${dualPixel ? ' (dual pixel)' : ''}, ${outChannels} out`,
    'output size': scale === 1 ? 'as the input' : `${scale} times the input`,
    features: `${[1, 2, 4, 8].map((factor) => factor * dim).join(', ')} at the four levels`,
    'feed-forward': `${hidden.join(', ')} at the four levels`,
    blocks: `${blocks.join(', ')} at the four levels, ${refinement} for refinement`,
    biases: `${presence(bias)} in convolutions, ${presence(normBias)} in norms`,
  };
  console.log(`${variant} network with ${count(parameters)} parameters`);
  for (const [name, value] of Object.entries(rows)) console.log(`  ${name.padEnd(14)}${value}`);
}
