/**
 * Which texture each tensor of a run takes, decided before it.
 *
 * A run does the same each time, so a rehearsal knows when each tensor is there. Tensors that are never there together can share a
 * texture. Finding the fewest bytes is NP-hard; assigning the largest tensors first, each to the smallest texture that is free for it
 * ("greedy by size", Pisarchyk and Lee, arXiv 2001.03288), comes close. Of those of about the same size the highest come first: a lower
 * one can lie in a high texture in several rows, and not the other way round. Where all tensors of the published derain network that are
 * there at once have 2650 bytes a pixel, it takes 2749 in this way, at 128 x 128.
 */
import { type Layout, reflow } from './layout.ts';
import { type Extent, extentOf } from './pool.ts';

/** A tensor, from its allocation to its disposal, by a clock that counts both. */
export interface Use {
  readonly layout: Layout;
  readonly from: number;
  to: number;
}

export interface MemoryPlan {
  readonly textures: readonly Extent[];
  /** Number of the texture that each tensor takes, in the order of their allocation. */
  readonly places: readonly number[];
  /** Of all textures together. */
  readonly bytes: number;
}

/** A texture while it is planned, with its uses in the order of time. */
interface Planned {
  readonly extent: Extent;
  readonly uses: Use[];
}

/** Sizes are about the same where their logarithms round to the same multiple of this. */
const SAME_SIZE = 0.1;

/** @param uses in the order of their allocation */
export function planMemory(uses: readonly Use[]): MemoryPlan {
  const extents = uses.map(({ layout }) => extentOf(layout));
  const places = new Array<number>(uses.length);
  const textures: Planned[] = [];
  const sizes = extents.map(({ bytes }) => Math.round(Math.log(bytes) / SAME_SIZE));
  const order = [...uses.keys()].sort((a, b) => sizes[b] - sizes[a] || extents[b].height - extents[a].height || a - b);
  for (const index of order) {
    const use = uses[index];
    let place = smallest(textures, (texture) => fits(use.layout, texture.extent) && isFree(texture.uses, use));
    if (place < 0) place = textures.push({ extent: extents[index], uses: [] }) - 1;
    textures[place].uses.splice(firstAfter(textures[place].uses, use), 0, use);
    places[index] = place;
  }
  const planned = textures.map(({ extent }) => extent);
  return { textures: planned, places, bytes: planned.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Number of the smallest texture that will do; -1 where none does. */
function smallest(textures: readonly Planned[], willDo: (texture: Planned) => boolean): number {
  let found = -1;
  for (const [place, texture] of textures.entries()) {
    const better = found < 0 || texture.extent.bytes < textures[found].extent.bytes;
    if (better && willDo(texture)) found = place;
  }
  return found;
}

/** Whether a tensor can lie in a texture. */
function fits(layout: Layout, { width, height, layers, precision }: Extent): boolean {
  return layout.layers === layers && layout.precision === precision && reflow(layout, width, height) !== null;
}

function isFree(uses: readonly Use[], use: Use): boolean {
  const next = firstAfter(uses, use);
  return (next === uses.length || uses[next].from > use.to) && (next === 0 || uses[next - 1].to < use.from);
}

/** The place of the first use that begins after this one. */
function firstAfter(uses: readonly Use[], { from }: Use): number {
  let low = 0;
  let high = uses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (uses[middle].from > from) high = middle;
    else low = middle + 1;
  }
  return low;
}
