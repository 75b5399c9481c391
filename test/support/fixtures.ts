import { type Array4, array4 } from '../reference/array.ts';
import type { NetworkConfig } from '../reference/variants.ts';
import { readSafetensors, type Tensor } from './safetensors.ts';

/** A file of test/fixtures as it is. */
export async function fixtureBytes(name: string): Promise<ArrayBuffer> {
  const response = await fetch(`/fixtures/${name}`);
  if (!response.ok) throw new Error(`fixture '${name}': ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

/** The tensors of a safetensors file of test/fixtures: 'ops.safetensors', 'derain.io.safetensors' .. */
export async function fixture(name: string): Promise<Map<string, Tensor>> {
  return readSafetensors(await fixtureBytes(name)).tensors;
}

/** The config of the network that a fixture belongs to, from its metadata. */
export async function fixtureConfig(name: string): Promise<NetworkConfig> {
  const { metadata } = readSafetensors(await fixtureBytes(name));
  if (!metadata.vmambair) throw new Error(`fixture '${name}' says nothing of its network`);
  const stated = JSON.parse(metadata.vmambair);
  return {
    variant: stated.variant,
    inChannels: stated.in_ch,
    outChannels: stated.out_ch,
    dim: stated.dim,
    blocks: stated.blocks,
    refinement: stated.refinement,
    expansion: stated.expansion,
    bias: stated.bias,
    normBias: stated.norm_bias,
    dualPixel: stated.dual_pixel,
  };
}

/** The tensor of that name, or an error that names what there is. */
export function tensor(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const found = tensors.get(name);
  if (!found) throw new Error(`no '${name}' among ${[...tensors.keys()].join(', ')}`);
  return found;
}

/** The tensor of that name in float64. */
export function fixtureArray(tensors: ReadonlyMap<string, Tensor>, name: string): Array4 {
  const { data, shape } = tensor(tensors, name);
  return array4(data, shape);
}
