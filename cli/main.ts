/** The command line: reads the arguments, runs a command and turns what went wrong into a sentence and an exit code. */
import { CommanderError } from 'commander';
import { DeviceError, InputError } from '../src/tensor/errors.ts';
import { NoDeviceError } from '../tools/browser.ts';
import { vmambair } from './arguments.ts';
import { removeScratch } from './scratch.ts';

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => leave(code));

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads may leave early, as `head` does.
  if (error.code !== 'EPIPE') process.exitCode = say(new Error(`The output cannot be printed: ${error.message}.`), 1);
});

try {
  await vmambair().parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

/**
 * Ends the process at once. Playwright kills its browser when the process exits; what removes the browser's files
 * joins the queue only now, to come after that. Output files are never half written between two events.
 */
function leave(code: number): void {
  process.on('exit', removeScratch);
  process.exit(code);
}

/** Says on stderr what went wrong, and answers the exit code. */
function explain(error: unknown): number {
  // Commander has said its own already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof InputError) return say(error, 1);
  if (error instanceof DeviceError || error instanceof NoDeviceError) return say(error, 3);
  // A mistake in this program: its stack helps whoever mends it.
  console.error(error);
  return 1;
}

function say({ message }: Error, code: number): number {
  // One sentence is one line, whatever a browser put in.
  console.error(message.replace(/\s*\n\s*/g, ' '));
  return code;
}
