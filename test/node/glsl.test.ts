import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expandShader, type IncludeError, withoutComments } from '../../tools/glsl.ts';

const test = suite('glsl');
let folder: string;

test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glsl-'));
});

test.after.each(() => rm(folder, { recursive: true }));

test('includes are written out once, and every line knows where it is from', async () => {
  await write('main.frag', '#version 300 es\n#include "lib/a.glsl"\n#include "lib/b.glsl"\nmain\n');
  await write('lib/a.glsl', 'a1\na2\n');
  await write('lib/b.glsl', '#include "a.glsl"\n#include "c.glsl"\nb3\n');
  await write('lib/c.glsl', 'c1\n');

  const { file, source, origins } = await expandShader(join(folder, 'main.frag'), folder);
  assert.is(file, 'main.frag');
  assert.equal(source.split('\n'), ['#version 300 es', 'a1', 'a2', '', 'c1', 'b3', 'main', '']);
  const places = [1, 2, 3, 5, 6, 7].map((line) => {
    const [first, name, start] = origins.findLast(([begin]) => begin <= line)!;
    return `${name}:${start + line - first}`;
  });
  assert.equal(places, ['main.frag:1', 'lib/a.glsl:1', 'lib/a.glsl:2', 'lib/c.glsl:1', 'lib/b.glsl:3', 'main.frag:4']);
});

test('a missing file is an error at the line that asks for it', async () => {
  await write('main.frag', 'x\n#include "none.glsl"\n');
  assert.is(await failure(), 'main.frag:2: cannot read the included file none.glsl');
});

test('a cycle is an error at the line that closes it', async () => {
  await write('main.frag', '#include "a.glsl"\n');
  await write('a.glsl', '\n\n#include "b.glsl"\n');
  await write('b.glsl', '#include "a.glsl"\n');
  assert.is(await failure(), 'b.glsl:1: include cycle: a.glsl -> b.glsl -> a.glsl');
});

test('an include written in another way is an error', async () => {
  await write('main.frag', '#include <a.glsl>\n');
  assert.is(await failure(), 'main.frag:1: an include must be written #include "path"');
});

test('comments go, lines stay', () => {
  const source = '/* one\n * two */\n  a = b / c; // three\n\t/* four */ d /* five */ = e;\n';
  assert.is(withoutComments(source), '\n\na = b / c;\nd  = e;\n');
});

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

async function failure(): Promise<string> {
  return expandShader(join(folder, 'main.frag'), folder).then(
    () => 'no error',
    (error: IncludeError) => error.message,
  );
}

test.run();
