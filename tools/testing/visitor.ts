import type { TestEvent } from './events.ts';
import { serveTests } from './served.ts';
import { stackMapper } from './stack.ts';
import { Tally } from './tally.ts';

/** What a page sends: the first thing is which browser it is in. */
type Sent = { readonly page: number; readonly browser: string } | { readonly page: number; readonly event: TestEvent };

/**
 * Runs in the page: sends what tests tell, one event after the other. They may put another fetch in place of the browser's. When nobody takes
 * the events any more, the page ends quietly.
 */
const report = (name: string): string => `
const page = Math.random();
const browserFetch = fetch.bind(globalThis);
const send = (what) => browserFetch('/upload/${name}', { method: 'POST', body: JSON.stringify({ page, ...what }) }).catch(() => new Promise(() => {}));
const failed = (test, message, stack = '') => send({ event: {
  type: 'fail', suite: 'outside of the tests', test, error: { message: String(message), details: '', stack },
} });
send({ browser: navigator.userAgent });
globalThis.reportTest = (event) => send({ event });
addEventListener('error', ({ error, message }) => failed('error', error ?? message, error?.stack));
addEventListener('unhandledrejection', ({ reason }) => failed('unhandled rejection', reason, reason?.stack));
const { error } = console;
console.error = (...all) => {
  error.apply(console, all);
  failed('console.error', all.join(' '));
};
`;

/** Runs bundled tests in whatever browser somebody opens the printed address with, in the first page that is opened. */
export async function runInVisitor(bundle: string, limitSeconds: number, port: number): Promise<Tally> {
  // A page that was left open from an earlier run has another name, and is not heard.
  const name = `events-${Date.now()}`;
  const server = await serveTests(bundle, report(name), port);
  const next = async (): Promise<Sent> => JSON.parse((await server.upload(name)).toString());
  try {
    console.log(`Open ${server.url} in the browser to be tested, and keep it in front.\n`);
    const first = await next();
    const { page } = first;
    const tally = new Tally('visitor', limitSeconds, stackMapper(bundle, `${server.url}/tests.js`));
    if ('browser' in first) tally.print(`runs in ${first.browser}`);
    const follow = async (): Promise<void> => {
      for (let sent = await next(); ; sent = await next())
        if (sent.page === page && 'event' in sent) tally.handle(sent.event);
    };
    void follow(); // there is no event after the last
    await tally.ended;
    return tally;
  } finally {
    await server.close();
  }
}
