/** Serves the page on this machine. */
import { Command, InvalidArgumentError } from 'commander';
import { buildPage } from './build.ts';
import { serve } from './serve.ts';

const { port } = new Command('npm start --')
  .option('--port <number>', 'the port to listen on; 0 takes one that is free', portOf, 8080)
  .parse()
  .opts<{ port: number }>();

const files = await buildPage();
try {
  const { url } = await serve({ files: (path) => files.get(path === '/' ? 'index.html' : path.slice(1)), port });
  console.log(`The page is at ${url}/`);
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  console.error(code === 'EADDRINUSE' ? `Port ${port} is in use; choose another with --port.` : message);
  process.exitCode = 1;
}

function portOf(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 0 && value < 65536))
    throw new InvalidArgumentError('must be a whole number from 0 to 65535');
  return value;
}
