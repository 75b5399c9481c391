import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

export type Content = string | Uint8Array;

export interface ServeOptions {
  /** What is kept in memory, by URL path ('/page.js'): a map, or a function that answers undefined for the rest. */
  readonly files?: ReadonlyMap<string, Content> | ((path: string) => Content | undefined);
  /** Folders on disk by the URL prefix they are served under, such as { '/weights/': '/project/weights' }. */
  readonly folders?: Readonly<Record<string, string>>;
  /** One that is free unless told. */
  readonly port?: number;
}

export interface Served {
  /** Without a slash at its end, such as http://127.0.0.1:40123 */
  readonly url: string;
  /** The bytes of the next `POST /upload/<name>`, in the order in which they come, also when it came before this was asked. */
  upload(name: string): Promise<Buffer>;
  close(): Promise<void>;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
};

// Cross-origin isolation gives the page precise timers and shared memory.
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Starts a small HTTP server which only this machine can reach. */
export async function serve({ files = new Map(), folders = {}, port = 0 }: ServeOptions): Promise<Served> {
  const inMemory = typeof files === 'function' ? files : (path: string) => files.get(path);
  const inbox = new Map<string, Mail>();

  function mailFor(name: string): Mail {
    const mail = inbox.get(name) ?? new Mail();
    inbox.set(name, mail);
    return mail;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);

    if (request.method === 'POST' && path.startsWith('/upload/')) {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      mailFor(path.slice('/upload/'.length)).deliver(Buffer.concat(chunks));
      response.writeHead(204).end();
      return;
    }

    response.setHeader(
      'Content-Type',
      TYPES[extname(path)] ?? (path === '/' ? TYPES['.html'] : 'application/octet-stream'),
    );
    const content = inMemory(path);
    if (content !== undefined) {
      response.end(content);
      return;
    }
    const file = locate(path, folders);
    const info = file === undefined ? undefined : await stat(file).catch(() => undefined);
    if (!file || !info?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Length', info.size);
    await pipeline(createReadStream(file), response);
  }

  const server = createServer((request, response) => {
    // A request that fails (a page closed halfway, a broken URL) must not end the server.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upload: (name) => mailFor(name).next(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What was sent under one name and not asked for yet, or asked for and not sent. */
class Mail {
  private readonly arrived: Buffer[] = [];
  private readonly waiting: ((bytes: Buffer) => void)[] = [];

  deliver(bytes: Buffer): void {
    const taker = this.waiting.shift();
    if (taker) taker(bytes);
    else this.arrived.push(bytes);
  }

  async next(): Promise<Buffer> {
    return this.arrived.shift() ?? new Promise((resolve) => this.waiting.push(resolve));
  }
}

function locate(path: string, folders: Readonly<Record<string, string>>): string | undefined {
  for (const [prefix, folder] of Object.entries(folders)) {
    if (!path.startsWith(prefix)) continue;
    const file = join(folder, path.slice(prefix.length));
    // A path with '..' in it must not lead out of the folder.
    if (file.startsWith(join(folder, sep))) return file;
  }
  return undefined;
}
