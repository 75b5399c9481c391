/** The figures below the controls. */
import { byId } from './elements.ts';
import type { Loaded, Restored } from './messages.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

const field = (id: string): HTMLElement => byId(id, HTMLElement);

export function showDevice(renderer: string): void {
  field('device').textContent = renderer;
}

/** Before a run, what the last one took is gone. */
export function showInput(input: Size): void {
  field('size').textContent = sizeText(input);
  for (const id of ['time', 'memory']) field(id).textContent = '–';
}

/** What was said of a network that is no longer chosen, or did not work, is gone. */
export function forgetNetwork(): void {
  field('network').textContent = '–';
  const memory = field('memory');
  memory.title = '';
  delete memory.dataset.live;
  delete memory.dataset.fixed;
}

export function showNetwork({ variant, parameters, renderer, memory }: Loaded): void {
  showDevice(renderer);
  field('network').textContent = `${variant}, ${grouped(parameters)} parameters`;
  const element = field('memory');
  element.title = `${megabytes(memory.fixed)} of weights stay, ${megabytes(memory.pooled)} of tensors are kept`;
  element.dataset.live = String(memory.live);
  element.dataset.fixed = String(memory.fixed);
}

export function showRun(input: Size, restored: Restored): void {
  const { image, milliseconds, peakBytes } = restored;
  showNetwork(restored);
  field('size').textContent = `${sizeText(input)} → ${sizeText(image)}`;
  const { load, compile, run } = milliseconds;
  const before = load + compile > 0 ? `, after ${seconds(load)} to load and ${seconds(compile)} to compile` : '';
  field('time').textContent = `${seconds(run)}${before}`;
  field('memory').textContent = `${megabytes(peakBytes)} at the peak`;
}

function sizeText({ width, height }: Size): string {
  return `${width} × ${height}`;
}

/** In groups of three digits. `toLocaleString` loads the tables of a language first, and holds up the page for 50 ms and more. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}
