/** The bar of three stages, and what is said aloud about them. */
import type { Progress } from '../src/index.ts';
import { byId } from './elements.ts';

type Stage = Progress['stage'];

const NAMES: Readonly<Record<Stage, string>> = { load: 'Loading', compile: 'Compiling', run: 'Restoring' };
const STAGES = Object.keys(NAMES) as Stage[];

const bar = byId('progress', HTMLElement);
const status = byId('status', HTMLElement);
let current: Stage | null = null;

/** All stages empty. */
export function resetProgress(): void {
  current = null;
  bar.dataset.state = 'busy';
  for (const stage of STAGES) fill(stage, 0);
  bar.setAttribute('aria-valuenow', '0');
}

/** A stage that is under way means that those before it are done, or were not needed. */
export function showProgress({ stage, fraction }: Progress): void {
  const at = STAGES.indexOf(stage);
  for (const before of STAGES.slice(0, at)) fill(before, 1);
  fill(stage, fraction);
  const percent = Math.floor(fraction * 100);
  bar.setAttribute('aria-valuenow', String(percent));
  bar.setAttribute('aria-valuetext', `${NAMES[stage]}, ${percent} %`);
  // Aloud only when the stage changes: a sentence for each percent would never end.
  if (stage !== current) say(`${NAMES[stage]}.`);
  current = stage;
  for (const name of STAGES) segment(name).classList.toggle('current', name === stage);
  segment(stage).querySelector('span')!.dataset.percent = ` ${percent} %`;
}

export function endProgress(sentence: string): void {
  bar.dataset.state = 'idle';
  bar.removeAttribute('aria-valuetext');
  for (const stage of STAGES) segment(stage).classList.remove('current');
  say(sentence);
}

function say(sentence: string): void {
  status.textContent = sentence;
}

function fill(stage: Stage, fraction: number): void {
  segment(stage).style.setProperty('--done', String(fraction));
}

function segment(stage: Stage): HTMLElement {
  return bar.querySelector<HTMLElement>(`[data-stage=${stage}]`)!;
}
