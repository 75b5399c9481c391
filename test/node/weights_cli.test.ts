/** The commands info and convert, as processes, and the rounding of what convert writes. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFloats } from '../../cli/floats.ts';
import { encodeSafetensors } from '../../cli/safetensors.ts';
import { inMemory } from '../../src/model/bytes.ts';
import { readSafetensors as readStrictly } from '../../src/model/safetensors.ts';
import { root } from '../../tools/root.ts';
import { packed } from '../support/cli.ts';
import { pth } from '../support/pth.ts';
import { refused } from '../support/refused.ts';
import { brainToNumber, halfToNumber, readSafetensors, type SafeTensors, type Tensor } from '../support/safetensors.ts';

const test = suite('info and convert');

const FIXTURES = join(root, 'test/fixtures');
const REFINED = 'refinement.0.attn.out_conv.weight';

let folder: string;
let program: readonly string[];

test.before(async () => {
  program = await packed();
});

test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weights-cli-'));
});

test.after.each(() => rm(folder, { recursive: true }));

test('info tells about a checkpoint of PyTorch', async () => {
  await copyFile(join(FIXTURES, 'realsr.pth'), join(folder, 'realsr.pth'));
  const text = await cli('info', 'realsr.pth');
  assert.equal([text.code, text.stderr], [0, '']);
  assert.is(
    text.stdout,
    `realsr network with 262,033 parameters
  file          2,231,637 bytes, 231 tensors of F32
  channels      3 in, 3 out
  output size   4 times the input
  features      8, 16, 32, 64 at the four levels
  feed-forward  21, 42, 85, 170 at the four levels
  blocks        1, 1, 1, 1 at the four levels, 1 for refinement
  biases        no in convolutions, yes in norms
`,
  );
  const json = await cli('info', 'realsr.pth', '--json');
  assert.equal([json.code, json.stderr], [0, '']);
  assert.match(json.stdout, /^\{.*\}\n$/);
  assert.equal(JSON.parse(json.stdout), {
    weights: 'realsr.pth',
    bytes: 2231637,
    tensors: 231,
    dtypes: ['F32'],
    parameters: 262033,
    config: {
      variant: 'realsr',
      inChannels: 3,
      outChannels: 3,
      dim: 8,
      blocks: [1, 1, 1, 1],
      refinement: 1,
      hidden: [21, 42, 85, 170],
      bias: false,
      normBias: true,
      dualPixel: false,
    },
  });
});

if (process.platform !== 'win32') {
  test('info goes quietly when nobody reads what it prints', () => {
    const words = [process.execPath, ...program, 'info', 'derain'].map((word) => `'${word}'`).join(' ');
    const { stderr } = spawnSync('sh', ['-c', `{ ${words}; echo "ended with $?" >&2; } | true`]);
    assert.is(String(stderr), 'ended with 0\n');
  });
}

test('info tells about bundled checkpoints, safetensors files and dual pixels', async () => {
  const [bundled, dual] = await Promise.all([
    cli('info', 'sr'),
    cli('info', join(FIXTURES, 'dualpixel.weights.safetensors')),
  ]);
  assert.equal([bundled.code, dual.code], [0, 0]);
  assert.match(bundled.stdout, /^sr network with [\d,]+ parameters\n.* tensors of F16\n[\s\S]*4 times the input/);
  assert.match(
    dual.stdout,
    /^derain network[\s\S]* 6 in \(dual pixel\), 3 out[\s\S]* yes in convolutions, no in norms\n$/,
  );
});

test('convert writes the same values under names without module., in the order in which they were', async () => {
  const weights = await fixture('derain.weights.safetensors');
  await writeFile(join(folder, 'parallel.pth'), parallel(weights));
  await copyFile(join(FIXTURES, 'realsr.pth'), join(folder, 'realsr.pth'));
  const runs = await Promise.all([
    cli('convert', 'parallel.pth', 'derain.safetensors'),
    cli('convert', 'realsr.pth', 'realsr.SafeTensors', '--dtype', 'f32'),
  ]);
  for (const { code, stderr } of runs) assert.equal([code, stderr], [0, '']);
  assert.match(runs[0].stdout, /^derain network, [\d,]+ bytes\nwrote derain\.safetensors\n$/);
  assert.equal(await files(), ['derain.safetensors', 'parallel.pth', 'realsr.SafeTensors', 'realsr.pth']);
  assertSame(await written('derain.safetensors'), weights);
  assertSame(await written('realsr.SafeTensors'), await fixture('realsr.weights.safetensors'));
});

test('convert narrows with --dtype, and without it keeps the types', async () => {
  const input = join(FIXTURES, 'derain.pth');
  const { tensors } = await fixture('derain.weights.safetensors');
  for (const [dtype, digits] of [
    ['f16', 11],
    ['bf16', 8],
  ] as const) {
    assert.is((await cli('convert', input, 'narrow.safetensors', '--dtype', dtype)).code, 0);
    const narrow = await written('narrow.safetensors');
    for (const [name, { data, shape }] of tensors) {
      const found = narrow.tensors.get(name)!;
      assert.equal(found.shape, shape);
      for (let i = 0; i < data.length; i++) {
        // Half a unit in the last place, or half the smallest step.
        const limit = Math.max(Math.abs(data[i]) * 2 ** -digits, 2 ** -25);
        assert.ok(Math.abs(found.data[i] - data[i]) <= limit, `${dtype} ${name} ${i}: ${found.data[i]} for ${data[i]}`);
      }
    }
    assert.is((await cli('convert', 'narrow.safetensors', 'again.safetensors')).code, 0);
    assert.equal(await read('again.safetensors'), await read('narrow.safetensors'));
    assert.match((await cli('info', 'again.safetensors')).stdout, new RegExp(`tensors of ${dtype.toUpperCase()}\n`));
  }
});

test('values beyond a type are refused by name, and what was there stays', async () => {
  const weights = await fixture('derain.weights.safetensors');
  weights.tensors.get(REFINED)!.data[5] = -65520;
  await writeFile(join(folder, 'in.pth'), parallel(weights));
  await writeFile(join(folder, 'out.safetensors'), 'what was there');
  const run = await cli('convert', 'in.pth', 'out.safetensors', '--dtype', 'f16');
  assert.equal([run.code, run.stdout], [1, '']);
  assert.is(
    run.stderr,
    `The checkpoint 'in.pth' cannot be used: ${REFINED} holds -65520 at element 5, which is too large for F16.\n`,
  );
  assert.is((await read('out.safetensors')).toString(), 'what was there');
  assert.equal(await files(), ['in.pth', 'out.safetensors']);
});

test('bad input ends with 1, one sentence and no output', async () => {
  const good = join(FIXTURES, 'derain.pth');
  await writeFile(join(folder, 'empty.pth'), '');
  await writeFile(join(folder, 'page.pth'), '<!doctype html><title>Sign in</title>');
  await writeFile(join(folder, 'cut.pth'), (await readFile(good)).subarray(0, 500_000));
  await copyFile(good, join(folder, 'same.safetensors'));
  await mkdir(join(folder, 'taken.safetensors'));
  const nan = await fixture('derain.weights.safetensors');
  nan.tensors.get(REFINED)!.data[7] = Number.NaN;
  await writeFile(join(folder, 'nan.pth'), parallel(nan));
  const before = await files();
  const broken: [weights: string, sentence: RegExp][] = [
    ['none.pth', /^There is no checkpoint 'none\.pth': no such file, and the bundled ones are derain and sr\.$/],
    ['.', /^The checkpoint '\.' cannot be read: it is a folder\.$/],
    ['empty.pth', /^The checkpoint 'empty\.pth' is empty\.$/],
    ['page.pth', /^The checkpoint 'page\.pth' cannot be used: This is a web page, not a checkpoint\.$/],
    ['cut.pth', /^The checkpoint 'cut\.pth' cannot be used: .* its 500000 bytes do not end with a directory\.$/],
    [join(FIXTURES, 'pth/command.pth'), /cannot be used: .* asks for posix\.system\. /],
    [join(FIXTURES, 'pth/legacy.pth'), /cannot be used: .* before 1\.6/],
    [join(FIXTURES, 'pth/bare.pth'), /cannot be used: .* not of a VmambaIR network: it has no patch_embed/],
  ];
  const targets: [args: string[], sentence: RegExp][] = [
    [['nan.pth', 'out.safetensors'], new RegExp(`'nan.pth' cannot be used: .*${REFINED} holds NaN at element 7\\.$`)],
    [[good, 'none/out.safetensors'], /^The output folder 'none' cannot be written to: it does not exist\.$/],
    [[good, 'taken.safetensors'], /^The output 'taken\.safetensors' cannot be written: it is a folder\.$/],
    [
      ['same.safetensors', './same.safetensors'],
      /^The output '\.\/same\.safetensors' would overwrite the checkpoint that /,
    ],
  ];
  // The two commands read in the same way; one of them may leave something behind.
  const commands: [args: string[], sentence: RegExp][] = [
    [['info', 'cut.pth'], broken[4][1]],
    ...broken.map(([weights, sentence]): [string[], RegExp] => [['convert', weights, 'out.safetensors'], sentence]),
    ...targets.map(([args, sentence]): [string[], RegExp] => [['convert', ...args], sentence]),
  ];
  await Promise.all(
    commands.map(async ([args, sentence]) => {
      const { code, stdout, stderr } = await cli(...args);
      const title = args.join(' ');
      assert.match(stderr.trimEnd(), sentence, `${title}: ${stderr}`);
      assert.match(stderr, /^[^\n]+\n$/, title);
      assert.equal([code, stdout], [1, ''], title);
    }),
  );
  assert.equal(await files(), before);
});

test('wrong usage ends with 2', async () => {
  const cases: [args: string[], message: RegExp][] = [
    [['info'], /missing required argument 'weights'/],
    [['info', 'a', 'b'], /too many arguments/],
    [['convert', 'derain'], /missing required argument 'output'/],
    [['convert', 'derain', 'out.pth'], /'out\.pth' is invalid.*\.safetensors file/],
    [['convert', 'derain', 'out.safetensors', '--dtype', 'f64'], /'f64' is invalid.*f32, f16, bf16/],
  ];
  await Promise.all(
    cases.map(async ([args, message]) => {
      const { code, stdout, stderr } = await cli(...args);
      assert.match(stderr, message);
      assert.equal([code, stdout], [2, ''], args.join(' '));
    }),
  );
  assert.equal(await files(), []);
});

test('every 16-bit number is kept, and what lies between two goes to the nearer, a tie to the even one', async () => {
  for (const [dtype, toNumber, infinity] of [
    ['F16', halfToNumber, 0x7c00],
    ['BF16', brainToNumber, 0x7f80],
  ] as const) {
    const narrow = (values: number[]): number[] => {
      const { buffer } = encodeFloats(dtype, Float32Array.from(values), 'x');
      return [...new Uint16Array(buffer)];
    };
    const magnitudes = Array.from({ length: infinity }, (_, bits) => bits);
    assert.equal(narrow(magnitudes.map(toNumber)), magnitudes);
    assert.equal(
      narrow(magnitudes.map((bits) => toNumber(bits | 0x8000))),
      magnitudes.map((bits) => bits | 0x8000),
    );

    const lower = magnitudes.slice(0, -1);
    const ties = lower.map((bits) => (toNumber(bits) + toNumber(bits + 1)) / 2);
    // The float32 numbers on both sides of a tie.
    const beside = (step: 1 | -1): number[] => {
      const words = new Uint32Array(Float32Array.from(ties).buffer).map((word) => word + step);
      return [...new Float32Array(words.buffer)];
    };
    assert.equal(
      narrow(ties),
      lower.map((bits) => bits + (bits & 1)),
    );
    assert.equal(narrow(beside(-1)), lower);
    assert.equal(
      narrow(beside(1)),
      lower.map((bits) => bits + 1),
    );

    // Half a step beyond the largest number is too far.
    const largest = toNumber(infinity - 1);
    const limit = largest + (largest - toNumber(infinity - 2)) / 2;
    for (const sign of [1, -1])
      await refused(() => narrow([0, sign * limit]), /^x holds .* at element 1, which is too large/);
  }
});

test('what is written covers its data without holes, tensors without elements included', async () => {
  const bytes = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
  const tensors = {
    first: { shape: [0], bytes: bytes.subarray(0, 0) },
    half: { dtype: 'F16', shape: [1], bytes: Uint8Array.of(0, 0x3c) },
    empty: { shape: [2, 0], bytes: bytes.subarray(0, 0) },
    'naïve €': { shape: [3], bytes },
    7: { shape: [1, 1], bytes: bytes.subarray(0, 4) }, // an object lists such a name first
    last: { shape: [0, 4], bytes: bytes.subarray(0, 0) },
  } as const;
  const checkpoint = await readStrictly(inMemory(encodeSafetensors(tensors)));
  for (const [name, { shape }] of Object.entries(tensors)) assert.equal(checkpoint.shape(name), [...shape], name);
  assert.equal([...(await checkpoint.values('half'))], [1]);
  assert.equal([...(await checkpoint.values('naïve €'))], [1, 2, 3]);
  assert.equal([...(await checkpoint.values('7'))], [1]);
});

/** As a model trained on several GPUs is saved. */
function parallel({ tensors }: SafeTensors): Uint8Array {
  const stored = ([name, { data, shape }]: [string, Tensor]) =>
    [`module.${name}`, { storage: new Uint8Array(data.buffer), shape }] as const;
  return pth(new Map([...tensors].map(stored)));
}

function assertSame(actual: SafeTensors, expected: SafeTensors): void {
  assert.equal([...actual.tensors.keys()], [...expected.tensors.keys()]);
  for (const [name, { data, shape }] of expected.tensors) {
    const found = actual.tensors.get(name)!;
    assert.equal(found.shape, shape, name);
    assert.ok(Buffer.from(found.data.buffer).equals(Buffer.from(data.buffer)), name);
  }
}

async function fixture(name: string): Promise<SafeTensors> {
  return readSafetensors(new Uint8Array(await readFile(join(FIXTURES, name))).buffer);
}

async function written(name: string): Promise<SafeTensors> {
  return readSafetensors(new Uint8Array(await read(name)).buffer);
}

function read(name: string): Promise<Buffer> {
  return readFile(join(folder, name));
}

async function files(): Promise<string[]> {
  return (await readdir(folder)).sort();
}

/** Runs the command line in the test's folder. */
function cli(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...program, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test.run();
