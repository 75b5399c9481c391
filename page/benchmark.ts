/** The benchmark for visitors: what is measured is chosen, shown as it comes, and drawn when all of it is there. */
import { NAMES } from '../bench/contenders/names.ts';
import { type BenchOptions, runBenchmark } from '../bench/host.ts';
import { readReport } from '../bench/report/read.ts';
import { GrowingTable } from '../bench/report/table_view.ts';
import type { Limits, Report } from '../bench/results.ts';
import type { Case } from '../bench/sections/case.ts';
import { sections } from '../bench/sections/index.ts';
import { Choices } from './choices.ts';
import { byId } from './elements.ts';
import { readFile } from './files.ts';
import { onDrop, onPick } from './incoming.ts';

/** What is over in a minute or two on a graphics card. */
const QUICK_SECTIONS = ['limits', 'operations', 'scan', 'network'];
const QUICK_CONTENDERS = ['engine', 'tfjs webgl', 'tfjs wasm'];
const QUICK_SIDE = 128;

const run = byId('run', HTMLButtonElement);
const open = byId('open', HTMLButtonElement);
const largest = byId('largest', HTMLSelectElement);
const place = byId('report', HTMLElement);
const error = byId('error', HTMLElement);
const fieldsets = document.querySelectorAll('fieldset');

const sides = [...new Set(sections.flatMap(({ cases }) => cases.flatMap(({ side }) => side ?? [])))].sort(
  (a, b) => a - b,
);
const chosenSections = new Choices(
  byId('sections', HTMLElement),
  sections.map(({ id, title }) => ({ value: id, text: title, checked: QUICK_SECTIONS.includes(id) })),
);
const chosenContenders = new Choices(
  byId('contenders', HTMLElement),
  NAMES.map((name, i) => ({ value: name, text: name, checked: QUICK_CONTENDERS.includes(name), fixed: i === 0 })),
);

/** While something runs. */
let stopping: AbortController | undefined;

async function measure(): Promise<void> {
  const options = chosenOptions();
  const total = stepsOf(options);
  if (total === 0)
    throw new Error('Nothing is chosen that could be measured: tick a section, or take larger pictures.');
  const date = new Date().toISOString();
  const table = new GrowingTable();
  place.replaceChildren(table.element);
  let done = 0;
  let current = '';
  let limits: Limits | undefined;
  const show = () => {
    byId('current', HTMLElement).textContent = `${Math.min(done + 1, total)} of ${total}: ${current}`;
    const bar = byId('progress', HTMLElement);
    bar.style.setProperty('--done', String(done / total));
    bar.ariaValueMax = String(total);
    bar.ariaValueNow = String(done);
  };
  const controller = new AbortController();
  stopping = controller;
  update('Running.');
  let end = 'Failed';
  try {
    const device = await runBenchmark(options, {
      signal: controller.signal,
      onStatus(text) {
        current = text;
        show();
      },
      onLimits(result) {
        if (!limits) done++; // they are measured twice if they can be
        limits = result.limits;
        show();
      },
      onCase(section, result) {
        done++;
        table.add(section, result, limits);
        show();
      },
    });
    if (device.sections.length > 0 || device.limits || device.limitsFailure !== undefined)
      await draw({ date, cores: navigator.hardwareConcurrency, devices: [device] });
    else place.replaceChildren();
    end = controller.signal.aborted ? 'Stopped' : 'Done';
  } finally {
    stopping = undefined;
    update(`${end}: ${done} of ${total} measured.`);
  }
}

/** The charts' library takes a while to come up: not before there is something to draw. */
async function draw(report: Report): Promise<void> {
  const { drawReport } = await import('../bench/report/draw.ts');
  drawReport(place, report);
}

function chosenOptions(): BenchOptions {
  return {
    sections: chosenSections.chosen,
    contenders: chosenContenders.chosen,
    repeats: Number(byId('repeats', HTMLSelectElement).value),
    sizes: sides.filter((side) => side <= Number(largest.value)),
  };
}

/** Cases that will be measured, the device's limits counted as one. */
function stepsOf(options: BenchOptions): number {
  const fits = ({ side }: Case): boolean => side === undefined || options.sizes!.includes(side);
  return sections
    .filter(({ id }) => options.sections!.includes(id))
    .reduce((sum, { measures, cases }) => sum + (measures === 'limits' ? 1 : cases.filter(fits).length), 0);
}

async function show(files: readonly File[]): Promise<void> {
  const [first] = files;
  if (!first) throw new Error('No file was dropped.');
  const report = readReport(await readFile(first, (file) => file.text()), first.name);
  await draw(report);
  byId('status', HTMLElement).textContent = `${first.name}, measured ${new Date(report.date).toLocaleDateString()}.`;
}

/** What goes wrong is said, and the page goes on. */
async function attempt(work: () => Promise<void>): Promise<void> {
  error.hidden = true;
  try {
    await work();
  } catch (thrown) {
    error.textContent = thrown instanceof Error ? thrown.message : String(thrown);
    error.hidden = false;
  }
}

function update(status: string): void {
  const busy = stopping !== undefined;
  run.textContent = busy ? 'Stop' : 'Run';
  run.classList.toggle('primary', !busy);
  open.disabled = busy;
  for (const fieldset of fieldsets) fieldset.disabled = busy;
  byId('work', HTMLElement).hidden = !busy;
  const line = byId('status', HTMLElement);
  line.textContent = status;
  // What is under way is seen in more detail.
  line.classList.toggle('unseen', busy);
}

function listen(): void {
  run.addEventListener('click', () => (stopping ? stopping.abort() : attempt(measure)));
  const open = (files: readonly File[]) => attempt(() => show(files));
  onPick('open', 'file', open);
  onDrop(open, () => !stopping);
}

largest.append(
  ...sides.map((side) => new Option(`${side} × ${side}`, String(side), side === QUICK_SIDE, side === QUICK_SIDE)),
);
byId('threads', HTMLElement).hidden = crossOriginIsolated;
listen();
