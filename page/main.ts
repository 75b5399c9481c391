/** The page: what is chosen, what is being done, and what is shown of it. */
import { Comparison } from './comparison.ts';
import { byId } from './elements.ts';
import { filesOf, oneOf, pairOf, sort } from './files.ts';
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
const comparison = new Comparison();
let picture: Chosen | null = null;
let restored = false;
let busy = false;

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
  let end = 'It did not work.';
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

function open(
  names: readonly string[],
  read: () => Promise<readonly Blob[]>,
  sample?: HTMLButtonElement,
): Promise<void> {
  return jobs.run(async (signal) => {
    const files = await read();
    signal.throwIfAborted();
    const { width, height } = await comparison.show(files[0]);
    picture = { name: names[0], files, width, height };
    restored = false;
    const caption = names.length === 1 ? names[0] : `Left ${names[0]}, right ${names[1]}`;
    byId('caption', HTMLElement).textContent = caption;
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
  return open([url.split('/').at(-1)!], async () => [await (await fetch(url)).blob()], sample);
}

/** Takes one picture, or the two of a pair. */
function openPictures(files: readonly File[]): Promise<void> {
  const pair = pairOf(files);
  const names = pair.map(({ name }) => name);
  return open(names, async () => pair);
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
  const url = URL.createObjectURL(await restorer.perform('encode', {}));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${picture!.name.replace(/\.\w+$/, '')}.restored.png`;
  link.click();
  // The browser has taken hold of the bytes by the time that it handles the click.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** What was dropped, pasted or picked; the picture last, since it is what is seen, and whatever is wrong with the weights. */
async function take(files: readonly File[], nothing: string): Promise<void> {
  if (files.length === 0) throw new Error(nothing);
  const { weights, pictures } = await sort(files);
  if (weights.length > 0) await told(() => openWeights(oneOf(weights)));
  if (pictures.length > 0) await openPictures(pictures);
}

function update(): void {
  run.textContent = busy ? 'Stop' : 'Restore';
  run.classList.toggle('primary', !busy);
  run.disabled = !busy && !picture;
  save.disabled = busy || !restored;
}

function pick(button: string, input: string): void {
  const field = byId(input, HTMLInputElement);
  byId(button, HTMLButtonElement).addEventListener('click', () => field.click());
  field.addEventListener('change', () => {
    const files = [...(field.files ?? [])];
    field.value = ''; // the same file can be picked again
    if (files.length > 0) act(() => take(files, ''));
  });
}

function listen(): void {
  for (const sample of samples) sample.addEventListener('click', () => act(() => openSample(sample)));
  pick('open-picture', 'picture-file');
  pick('open-weights', 'weights-file');
  run.addEventListener('click', () => (busy ? jobs.stop() : act(restore)));
  save.addEventListener('click', () => act(saveResult));

  document.addEventListener('paste', (event) =>
    act(() => take(filesOf(event.clipboardData), 'There is no picture to paste.')),
  );
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!relatedTarget) document.body.classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    act(() => take(filesOf(event.dataTransfer), 'What was dropped is no file.'));
  });
}

listen();
// Why there is no device is said by the attempt to show something.
comparison.renderer.then(showDevice, () => {});
await act(() => openSample(samples[0]));
// Not before: the two workers would start at once, and hold up the page that is being laid out.
restorer.prepare();
