import { join } from 'node:path';
import { root } from '../root.ts';
import { type Served, serve } from '../serve.ts';

/** A page that runs bundled tests once it is opened, and what they load. `script` is run ahead of them. */
export function serveTests(bundle: string, script = '', port = 0): Promise<Served> {
  const page = `<!doctype html>
<meta charset="utf-8">
<title>Tests</title>
<link rel="icon" href="data:,">
<script>${script}</script>
<script type="module" src="/tests.js"></script>
`;
  return serve({
    files: new Map([
      ['/', page],
      ['/tests.js', bundle],
    ]),
    folders: {
      '/fixtures/': join(root, 'test/fixtures'),
      '/weights/': join(root, 'weights'),
      '/samples/': join(root, 'samples'),
      '/src/': join(root, 'src'),
    },
    port,
  });
}
