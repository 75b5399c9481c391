/** The command line's progress bar, on a terminal of one line that is made up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { progressBar } from '../../cli/progress.ts';

const test = suite('progress bar');

const ESCAPE = '\u001b';

/** Stands in for stderr. Knows the sequences that the bar needs, and none that would last beyond it. */
class Terminal {
  readonly columns = 80;
  line = '';
  column = 0;
  writes = 0;
  private saved = 0;

  constructor(readonly isTTY: boolean) {}

  write(written: string): boolean {
    this.writes++;
    const [text, ...sequences] = written.split(ESCAPE);
    this.print(text);
    for (const sequence of sequences) {
      const code = sequence.match(/^([78]|\[1G|\[0K|\[2K)/)?.[0];
      if (code === '7') this.saved = this.column;
      else if (code === '8') this.column = this.saved;
      else if (code === '[1G') this.column = 0;
      else if (code === '[0K') this.line = this.line.slice(0, this.column);
      else if (code === '[2K') this.line = '';
      else throw new Error(`this terminal does not know ${JSON.stringify(sequence)}`);
      this.print(sequence.slice(code.length));
    }
    return true;
  }

  private print(text: string): void {
    const end = this.column + text.length;
    this.line = this.line.slice(0, this.column) + text + this.line.slice(end);
    this.column = end;
  }
}

const STDERR = Object.getOwnPropertyDescriptor(process, 'stderr')!;

function openTerminal(isTTY: boolean): Terminal {
  const terminal = new Terminal(isTTY);
  Object.defineProperty(process, 'stderr', { ...STDERR, get: () => terminal });
  return terminal;
}

test.after.each(() => {
  Object.defineProperty(process, 'stderr', STDERR);
});

/** The bar is drawn ten times a second at most. */
async function shows(terminal: Terminal, line: RegExp): Promise<void> {
  for (let tries = 0; tries < 100 && !line.test(terminal.line); tries++) await sleep(20);
  assert.match(terminal.line, line);
}

async function expectCleared(terminal: Terminal): Promise<void> {
  assert.equal([terminal.line, terminal.column], ['', 0]);
  const { writes } = terminal;
  await sleep(300);
  assert.is(terminal.writes, writes, 'written after the end');
}

test('shows each stage with its percentage, and leaves a clean line', async () => {
  const terminal = openTerminal(true);
  const listening = process.listenerCount('exit');
  {
    using bar = progressBar(true)!;
    assert.match(terminal.line, /^start {3}\[-{40}\] 0%$/);
    bar.show('compile', 0.75);
    await shows(terminal, /^compile \[={30}-{10}\] 75%$/);
    bar.show('run', 0.1);
    await shows(terminal, /^run {5}\[={4}-{36}\] 10%$/);
  }
  await expectCleared(terminal);
  assert.is(process.listenerCount('exit'), listening);
});

test('leaves a clean line when the process exits before it is done', async () => {
  const terminal = openTerminal(true);
  const listening = process.listeners('exit');
  using bar = progressBar(true)!;
  bar.show('load', 0.5);
  await shows(terminal, /^load {4}\[={20}-{20}\] 50%$/);
  for (const listener of process.listeners('exit').filter((each) => !listening.includes(each))) listener(130);
  await expectCleared(terminal);
});

test('writes nothing where nobody watches', async () => {
  const terminal = openTerminal(true);
  assert.is(progressBar(false), undefined);
  assert.is(terminal.writes, 0);
});

test('writes nothing where stderr is no terminal', async () => {
  const terminal = openTerminal(false);
  {
    using bar = progressBar(true)!;
    bar.show('run', 0.5);
    await sleep(300);
  }
  assert.is(terminal.writes, 0);
});

test.run();
