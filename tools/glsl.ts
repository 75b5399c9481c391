import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Plugin } from 'esbuild';

/** A shader with its includes written out; the same shape as ShaderSource in src/tensor/program.ts. */
export interface ExpandedShader {
  /** Path of the shader relative to the project's root, with forward slashes. */
  readonly file: string;
  readonly source: string;
  /** [first expanded line, file, line in that file]: from there on, lines come from that place. Lines count from 1. */
  readonly origins: [number, string, number][];
}

/** A fault in a shader's includes, at the line which asks for the include. */
export class IncludeError extends Error {
  override name = 'IncludeError';

  constructor(
    readonly reason: string,
    readonly file: string,
    readonly line: number,
    readonly lineText: string,
  ) {
    super(`${file}:${line}: ${reason}`);
  }
}

const INCLUDE = /^\s*#\s*include\s+"([^"]+)"\s*(?:\/\/.*)?$/;
const INCLUDE_LIKE = /^\s*#\s*include\b/;

/** Reads the shader at `path` (absolute) and writes its `#include "..."` lines out, each file at most once. */
export async function expandShader(path: string, root: string): Promise<ExpandedShader> {
  const lines: string[] = [];
  const origins: [number, string, number][] = [];
  const seen = new Set<string>();
  const nameOf = (file: string) => relative(root, file).split(sep).join('/');

  async function append(file: string, text: string, open: string[]): Promise<void> {
    const name = nameOf(file);
    const trail = [...open, file];
    seen.add(file);
    origins.push([lines.length + 1, name, 1]);

    // A final newline ends the last line; it does not begin an empty one.
    const own = text.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n');
    for (let index = 0; index < own.length; index++) {
      const fail = (reason: string) => new IncludeError(reason, name, index + 1, own[index]);
      if (!INCLUDE_LIKE.test(own[index])) {
        lines.push(own[index]);
        continue;
      }
      const match = INCLUDE.exec(own[index]);
      if (!match) throw fail('an include must be written #include "path"');
      const target = join(dirname(file), match[1]);
      if (trail.includes(target)) {
        throw fail(`include cycle: ${[...trail.slice(trail.indexOf(target)), target].map(nameOf).join(' -> ')}`);
      }
      if (seen.has(target)) {
        // An empty line in place of a repeated include keeps the numbering of this file going.
        lines.push('');
        continue;
      }
      const included = await readFile(target, 'utf8').catch(() => {
        throw fail(`cannot read the included file ${nameOf(target)}`);
      });
      await append(target, included, trail);
      origins.push([lines.length + 1, name, index + 2]);
    }
  }

  await append(path, await readFile(path, 'utf8'), []);
  return { file: nameOf(path), source: `${lines.join('\n')}\n`, origins };
}

/** A shader without comments and indents, line for line: of the library's bundle they would be a fifth. */
export function withoutComments(source: string): string {
  const kept = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => comment.replace(/[^\n]/g, ''));
  return kept.replace(/^[ \t]+|[ \t]+$/gm, '');
}

/** esbuild plugin: `import shader from './x.frag'` gives the expanded shader. */
export function glsl(root: string): Plugin {
  return {
    name: 'glsl',
    setup(build) {
      build.onLoad({ filter: /\.(frag|vert)$/ }, async ({ path }) => {
        try {
          const shader = await expandShader(path, root);
          const source = build.initialOptions.minify ? withoutComments(shader.source) : shader.source;
          return { contents: JSON.stringify({ ...shader, source }), loader: 'json' };
        } catch (error) {
          if (!(error instanceof IncludeError)) throw error;
          const { message, file, line, lineText } = error;
          return { errors: [{ text: message, location: { file, line, lineText } }] };
        }
      });
    },
  };
}
