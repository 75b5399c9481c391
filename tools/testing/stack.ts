import { SourceMap } from 'node:module';

/** Makes a function that puts the places in the sources into a stack which names places in the bundle at `url`. */
export function stackMapper(bundle: string, url: string): (stack: string) => string {
  const encoded = bundle.slice(bundle.lastIndexOf('base64,') + 'base64,'.length);
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString()));
  const place = new RegExp(`${url.replaceAll('.', '\\.')}:(\\d+):(\\d+)`, 'g');
  return (stack) =>
    stack.replace(place, (whole, line, column) => {
      // Stacks count lines and columns from 1, source maps from 0.
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      return 'originalSource' in entry
        ? `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
        : whole;
    });
}
