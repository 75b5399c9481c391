/** A report as one file that needs nothing else. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../../tools/bundle.ts';
import { root } from '../../tools/root.ts';
import type { Report } from '../results.ts';

/** HTML with looks, script and numbers in it. */
export async function reportPage(report: Report): Promise<string> {
  const [script, look, style] = await Promise.all([
    bundle("import './bench/report/view.ts';", { minify: true, sourcemap: false, legalComments: 'eof' }),
    readFile(join(root, 'page/look.css'), 'utf8'),
    readFile(join(root, 'bench/report/report.css'), 'utf8'),
  ]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Benchmark</title>
<link rel="icon" href="data:,">
<style>
${look}${style}</style>
</head>
<body>
<header><h1>Benchmark</h1></header>
<main id="report"></main>
<script type="application/json" id="data">${JSON.stringify(report).replaceAll('<', '\\u003c')}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}
