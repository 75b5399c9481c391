import type { TestEvent } from './events.ts';
import { serveTests } from './served.ts';
import { stackMapper } from './stack.ts';
import { Tally } from './tally.ts';

/** Runs in the page: sends what tests tell, one event after the other. They may put another fetch in place of the browser's. */
const REPORT = `
const send = fetch.bind(globalThis);
globalThis.reportTest = (event) => send('/upload/event', { method: 'POST', body: JSON.stringify(event) });
const failed = (error) => reportTest({
  type: 'fail',
  suite: navigator.userAgent,
  test: 'error outside of the tests',
  error: { message: String(error), details: '', stack: error?.stack ?? '' },
});
addEventListener('error', ({ error }) => failed(error));
addEventListener('unhandledrejection', ({ reason }) => failed(reason));
`;

/** Runs bundled tests in whatever browser somebody opens the printed address with. */
export async function runInVisitor(bundle: string, limitSeconds: number, port: number): Promise<Tally> {
  const server = await serveTests(bundle, REPORT, port);
  console.log(`Open ${server.url} in the browser to be tested, and keep it in front.\n`);
  const next = async (): Promise<TestEvent> => JSON.parse((await server.upload('event')).toString());
  const first = await next();
  const tally = new Tally('visitor', limitSeconds, stackMapper(bundle, `${server.url}/tests.js`));
  const follow = async (event: TestEvent): Promise<void> => {
    for (let each = event; ; each = await next()) tally.handle(each);
  };
  void follow(first); // there is no event after the last
  await tally.ended;
  await server.close();
  return tally;
}
