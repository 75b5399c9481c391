import { stripVTControlCharacters } from 'node:util';
import type { TestEvent, TestFailure } from './events.ts';

/** Counts and prints what happens in one run of the tests (one driver, a visitor, or Node), and notices when it hangs. */
export class Tally {
  passed = 0;
  readonly failures: string[] = [];
  /** Resolves when the run is over, well or not. */
  readonly ended: Promise<void>;

  private end!: () => void;
  private watch?: NodeJS.Timeout;
  private readonly times: [milliseconds: number, title: string][] = [];
  private running = 'the start of the tests';

  constructor(
    /** The driver's name, that of a folder of tests, or 'visitor'. */
    readonly label: string,
    private readonly limitSeconds: number,
    /** Finds the places in the source for those in a stack. */
    private readonly mapStack: (stack: string) => string = (stack) => stack,
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.rearm();
  }

  handle(event: TestEvent): void {
    this.rearm();
    switch (event.type) {
      case 'start':
        this.running = `${event.suite} > ${event.test}`;
        break;
      case 'pass':
        this.passed++;
        this.times.push([event.milliseconds, `${event.suite} > ${event.test}`]);
        break;
      case 'fail':
        this.fail(`${event.suite} > ${event.test}`, event.error);
        break;
      case 'suite': {
        const { passed, failed, skipped, milliseconds } = event.result;
        const skips = skipped > 0 ? `, ${skipped} skipped` : '';
        const mark = failed > 0 ? 'FAIL' : 'ok';
        this.print(
          `${mark.padEnd(4)} ${event.suite}: ${passed} passed, ${failed} failed${skips} (${Math.round(milliseconds)} ms)`,
        );
        break;
      }
      case 'done':
        this.stop();
        break;
    }
  }

  fail(title: string, { message, details, stack }: TestFailure): void {
    this.failures.push(`${this.label}: ${title}`);
    const text = [message, ...shorten(details), ...places(this.mapStack(stack))].join('\n').replaceAll('\n', '\n    ');
    this.print(`FAIL ${title}\n    ${text}`);
  }

  /** The run cannot go on: what was running counts as failed. Does nothing once the run is over. */
  abort(reason: string): void {
    if (!this.watch) return;
    this.fail(this.running, { message: `${reason}; the tests after this one did not run`, details: '', stack: '' });
    this.stop();
  }

  /** The tests that took longest, one line each. */
  slowest(count: number): string[] {
    const sorted = this.times.toSorted(([a], [b]) => b - a);
    return sorted.slice(0, count).map(([milliseconds, title]) => `${(milliseconds / 1000).toFixed(1)} s  ${title}`);
  }

  print(line: string): void {
    console.log(`${this.label.padEnd(11)} ${line}`);
  }

  private stop(): void {
    clearTimeout(this.watch);
    this.watch = undefined;
    this.end();
  }

  private rearm(): void {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.abort(`stopped after ${this.limitSeconds} s`), this.limitSeconds * 1000);
  }
}

/** The lines of a stack that tell where the fault is: not the message, which is printed already, nor the runner. */
function places(stack: string): string[] {
  const lines = stack.split('\n').filter((line) => /^\s+at |^caused by |@\S+:\d+/.test(line));
  return lines.filter((line) => !/tools\/testing\/suite\.ts|entry\.ts/.test(line));
}

/** The difference of two long arrays would fill many screens. */
function shorten(details: string): string[] {
  const lines = stripVTControlCharacters(details).split('\n');
  return lines.length > 40 ? [...lines.slice(0, 40), `... ${lines.length - 40} more lines`] : lines.filter(Boolean);
}
