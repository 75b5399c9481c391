/** The page: what is chosen, what is being done, and what is shown of it. */
import { Comparison } from './comparison.ts';
import { byId } from './elements.ts';
import { filesOf, oneOf, pairOf, sort } from './files.ts';
import { onDrop, onPick } from './incoming.ts';
import { Jobs } from './jobs.ts';
import type { Pictures } from './messages.ts';
import { hideNotice, showNotice } from './notice.ts';
import { endProgress, resetProgress, showProgress } from './progress.ts';
import { forgetNetwork, seconds, showDevice, showInput, showNetwork, showRun } from './readings.ts';
import { Restorer } from './restorer.ts';
import { WeightsChoice } from './weights_choice.ts';

interface Chosen extends Pictures {
  /** Of the first file. */
  readonly name: string;
}

const run = byId('run', HTMLButtonElement);
const save = byId('save', HTMLButtonElement);
const samples = [...byId('samples', HTMLElement).querySelectorAll('button')];

const jobs = new Jobs();
const restorer = new Restorer();
const choice = new WeightsChoice(() => {
  // A run with the weights that are no longer chosen is of no use, nor is what was said of them.
  if (busy) jobs.stop();
  forgetRun();
});
const comparison = new Comparison(showNotice);
let picture: Chosen | null = null;
let restored = false;
let busy = false;
let saving = false;
/** Stands for what was dropped or chosen last, until it is open. */
let opening: object | null = null;

/** What goes wrong is said, and the page goes on. */
async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if ((error as Error).name !== 'AbortError') showNotice(error);
  }
}

/** Something that a visitor does: it takes away what was said before. */
function act(work: () => Promise<void>): Promise<void> {
  hideNotice();
  return told(work);
}

/** Part of a job that takes its time: it is watched, and the button stops it. Gives what is to be said in the end. */
async function watched(work: () => Promise<string>): Promise<void> {
  busy = true;
  update();
  resetProgress();
  let end = 'That did not work.';
  try {
    end = await work();
  } catch (error) {
    resetProgress();
    if ((error as Error).name === 'AbortError') end = 'Stopped.';
    throw error;
  } finally {
    busy = false;
    endProgress(end);
    update();
  }
}

/** Opens something. Until it is there nothing can be restored: that would be the picture before. What is chosen later has precedence. */
async function open(work: (isLast: () => boolean) => Promise<void>): Promise<void> {
  const mine = {};
  opening = mine;
  update();
  try {
    await work(() => opening === mine);
  } finally {
    if (opening === mine) opening = null;
    update();
  }
}

function show(
  names: readonly string[],
  read: (signal: AbortSignal) => Promise<readonly Blob[]>,
  sample?: HTMLButtonElement,
): Promise<void> {
  return jobs.run(async (signal) => {
    const files = await read(signal);
    signal.throwIfAborted();
    const caption = names.length === 1 ? names[0] : `Left ${names[0]}, right ${names[1]}`;
    const { width, height } = await comparison.show(files[0], caption);
    picture = { name: names[0], files, width, height };
    restored = false;
    for (const button of samples) button.setAttribute('aria-pressed', String(button === sample));
    if (sample && sample.dataset.weights !== choice.value) {
      choice.choose(sample.dataset.weights!);
      forgetNetwork();
    }
    showInput(picture);
    resetProgress();
    endProgress(`${caption}, ${width} by ${height} pixels.`);
    update();
  });
}

function openSample(sample: HTMLButtonElement): Promise<void> {
  const url = sample.dataset.picture!;
  return open(() => show([url.split('/').at(-1)!], async (signal) => [await download(url, signal)], sample));
}

/** @throws Error with a sentence, or the signal's reason. */
async function download(url: string, signal: AbortSignal): Promise<Blob> {
  const failed = (reason: string) => new Error(`The picture ${url} could not be fetched: ${reason}.`);
  let response: Response;
  try {
    response = await fetch(url, { signal });
    if (response.ok) return await response.blob();
  } catch {
    signal.throwIfAborted();
    throw failed('there is no connection to the server');
  }
  throw failed(`the server answered ${`${response.status} ${response.statusText}`.trim()}`);
}

/** Shows one picture, or the first of a pair. */
function showPictures(files: readonly File[]): Promise<void> {
  const pair = pairOf(files);
  const names = pair.map(({ name }) => name);
  return show(names, async () => pair);
}

/** Loads weights at once, so that a file that holds none is refused where it was dropped. */
function openWeights(file: File): Promise<void> {
  return jobs.run((signal) =>
    watched(async () => {
      const weights = choice.keyFor(file);
      const loaded = await restorer.perform('load', { weights }, { signal, onProgress: showProgress });
      choice.add(file, weights);
      if (picture) showInput(picture);
      showNetwork(loaded);
      return `The weights of ${file.name} are ready.`;
    }),
  );
}

function restore(): Promise<void> {
  return jobs.run((signal) =>
    watched(async () => {
      const input = picture!;
      const { weights } = choice;
      const options = { signal, onProgress: showProgress };
      const output = await restorer.perform('restore', { weights, pictures: input }, options).catch((error) => {
        if (!signal.aborted) forgetRun();
        throw error;
      });
      restored = true;
      showRun(input, output);
      await comparison.compare(output.image);
      return `Restored in ${seconds(output.milliseconds.run)}.`;
    }),
  );
}

function forgetRun(): void {
  forgetNetwork();
  if (picture) showInput(picture);
}

async function saveResult(): Promise<void> {
  // Before the work, during which another picture may be opened.
  const { name } = picture!;
  saving = true;
  update();
  try {
    const url = URL.createObjectURL(await restorer.perform('encode', {}));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${name.replace(/\.\w+$/, '')}.restored.png`;
    link.click();
    // The browser has taken hold of the bytes by the time that it handles the click.
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  } finally {
    saving = false;
    update();
  }
}

/** What was dropped, pasted or picked; the picture last, since it is what is seen, and whatever is wrong with the weights. */
async function take(files: readonly File[], nothing = ''): Promise<void> {
  if (files.length === 0) throw new Error(nothing);
  await open(async (isLast) => {
    const { weights, pictures } = await sort(files);
    if (weights.length > 0 && isLast()) await told(() => openWeights(oneOf(weights)));
    if (pictures.length > 0 && isLast()) await showPictures(pictures);
  });
}

function update(): void {
  run.textContent = busy ? 'Stop' : 'Restore';
  run.classList.toggle('primary', !busy);
  run.disabled = !busy && (!picture || opening !== null);
  save.disabled = busy || !(restored || saving);
  // While it saves it keeps the keyboard's place in the page.
  save.ariaDisabled = String(saving);
}

function listen(): void {
  for (const sample of samples) sample.addEventListener('click', () => act(() => openSample(sample)));
  onPick('open-picture', 'picture-file', (files) => act(() => take(files)));
  onPick('open-weights', 'weights-file', (files) => act(() => take(files)));
  run.addEventListener('click', () => (busy ? jobs.stop() : act(restore)));
  save.addEventListener('click', () => !saving && act(saveResult));

  document.addEventListener('paste', (event) =>
    act(() => take(filesOf(event.clipboardData), 'There is no picture to paste.')),
  );
  onDrop((files) => act(() => take(files, 'No file was dropped.')));
}

listen();
// Why there is no device is said by the attempt to show something.
comparison.renderer.then(showDevice, () => {});
await act(() => openSample(samples[0]));
// Not before: the two workers would start at once, and hold up the page that is being laid out.
restorer.prepare();
