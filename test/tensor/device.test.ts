/** Devices that cannot do what is needed: each gets its sentence, and nothing of what was tried is left. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/tensor/engine.ts';
import { DeviceError, InputError } from '../../src/tensor/errors.ts';
import { LosableContext, newContext } from '../support/context.ts';
import { rejectsWith } from '../support/rejection.ts';

const test = suite('device that falls short');

const MISSING = /^.+ cannot render to float textures \(EXT_color_buffer_float is missing\)\.$/;
const INCOMPLETE = /^.+ offers EXT_color_buffer_float, but cannot render to a float32 texture\.$/;
const NONE = /^This browser offers no WebGL2 context\.$/;
const NOT_HERE =
  /^The canvas of \d+ x \d+ gives no WebGL2 context: it has one of another kind, or this browser offers none\.$/;

let gl: WebGL2RenderingContext;
/** Textures and framebuffers made in it that are there. */
let alive: Set<object | null>;

test.before.each(() => {
  gl = newContext();
  alive = new Set();
  for (const kind of ['Texture', 'Framebuffer'] as const) {
    const [create, remove] = [gl[`create${kind}`], gl[`delete${kind}`]];
    Object.assign(gl, {
      [`create${kind}`]: () => {
        const made = create.call(gl);
        alive.add(made);
        return made;
      },
      [`delete${kind}`]: (object: WebGLTexture | WebGLFramebuffer | null) => {
        remove.call(gl, object as never);
        alive.delete(object);
      },
    });
  }
});

test.after.each(() => {
  delete (gl as Partial<WebGL2RenderingContext>).getExtension;
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers keep only so many contexts
});

/** No texture, no framebuffer, and nobody who would ask for the context when it is lost. */
function assertUntouched(): void {
  assert.is(alive.size, 0, 'textures and framebuffers');
  assert.is(gl.getParameter(gl.FRAMEBUFFER_BINDING), null);
  assert.ok(gl.canvas.dispatchEvent(new Event('webglcontextlost', { cancelable: true })), 'somebody listens');
  assert.is(gl.getError(), gl.NO_ERROR);
}

function withoutFloats(): void {
  const { getExtension } = gl as { getExtension(name: string): unknown };
  Object.assign(gl, {
    getExtension: (name: string) => (name === 'EXT_color_buffer_float' ? null : getExtension.call(gl, name)),
  });
}

/** Says of framebuffers with more attachments than that that they are incomplete. */
function incompleteBeyond(attachments: number): void {
  // To ask for an attachment that a device does not have is an error of WebGL.
  if (attachments >= gl.getParameter(gl.MAX_COLOR_ATTACHMENTS)) return;
  const { checkFramebufferStatus } = gl;
  gl.checkFramebufferStatus = (target) => {
    const beyond = gl.getFramebufferAttachmentParameter(
      target,
      gl.COLOR_ATTACHMENT0 + attachments,
      gl.FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE,
    );
    return beyond === gl.NONE ? checkFramebufferStatus.call(gl, target) : gl.FRAMEBUFFER_UNSUPPORTED;
  };
}

test('does not render to float textures', async () => {
  withoutFloats();
  await rejectsWith(createEngine(gl), DeviceError, MISSING);
  assertUntouched();
});

test('says that it renders to float textures, but has no complete framebuffer of them', async () => {
  incompleteBeyond(0);
  await rejectsWith(createEngine(gl), DeviceError, INCOMPLETE);
  assertUntouched();
});

for (const [complete, attachments] of [
  [7, 4],
  [3, 1],
]) {
  test(`renders to ${complete} float textures at once: it is used with ${attachments}`, async () => {
    incompleteBeyond(complete);
    const engine = await createEngine(gl);
    assert.is(engine.format.attachments, attachments);
    engine.dispose();
    assertUntouched();
  });
}

test('comes back without float textures: it cannot be used', async () => {
  const engine = await createEngine(gl);
  const context = new LosableContext(engine);
  await context.loseAndWait();
  withoutFloats();
  await context.giveBack();
  await rejectsWith(engine.finished(), DeviceError, MISSING);
  engine.dispose();
});

test('is none, on a canvas that was given', async () => {
  for (const canvas of [document.createElement('canvas'), new OffscreenCanvas(1, 1)]) {
    canvas.getContext('2d'); // from now on it gives no other
    await rejectsWith(createEngine(canvas), DeviceError, NOT_HERE);
  }
});

test('is none, on any canvas of our own', async () => {
  await without([OffscreenCanvas, HTMLCanvasElement], () => rejectsWith(createEngine(), DeviceError, NONE));
});

test('is on a canvas of the document where offscreen ones have none, or are not there', async () => {
  const check = async (): Promise<void> => {
    const engine = await createEngine();
    assert.instance(engine.gl.canvas, HTMLCanvasElement);
    engine.dispose();
  };
  await without([OffscreenCanvas], check);
  const { OffscreenCanvas: kept } = globalThis;
  Reflect.deleteProperty(globalThis, 'OffscreenCanvas');
  await check().finally(() => Object.assign(globalThis, { OffscreenCanvas: kept }));
});

test('is given back by whoever opened it, when it is disposed or was asked for what it cannot do', async () => {
  const engine = await createEngine();
  engine.dispose();
  assert.ok(engine.gl.isContextLost(), 'a context of its own');
  const guest = await createEngine(gl);
  guest.dispose();
  assert.not(gl.isContextLost(), 'a context that was given');

  const opened: WebGL2RenderingContext[] = [];
  const { getContext } = OffscreenCanvas.prototype;
  OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, ...all: [never]) {
    const context = getContext.apply(this, all);
    if (context instanceof WebGL2RenderingContext) opened.push(context);
    return context as never;
  } as typeof getContext;
  try {
    for (const options of [{ maxTextureSize: 1 }, { memoryLimit: -1 }])
      await rejectsWith(createEngine(undefined, options), InputError, /not -?1\.$/);
  } finally {
    OffscreenCanvas.prototype.getContext = getContext;
  }
  for (const context of opened) assert.ok(context.isContextLost(), 'a context for nothing');
});

/** Canvases of these kinds give no context meanwhile. */
async function without(kinds: readonly { prototype: object }[], check: () => Promise<void>): Promise<void> {
  const kept = kinds.map(
    ({ prototype }) => [prototype, Object.getOwnPropertyDescriptor(prototype, 'getContext')!] as const,
  );
  for (const [prototype] of kept) Object.assign(prototype, { getContext: () => null });
  await check().finally(() => {
    for (const [prototype, descriptor] of kept) Object.defineProperty(prototype, 'getContext', descriptor);
  });
}

test('is none, and its name is unknown', async () => {
  const { WebGL2RenderingContext } = globalThis;
  Reflect.deleteProperty(globalThis, 'WebGL2RenderingContext');
  try {
    await rejectsWith(createEngine(), DeviceError, NONE);
  } finally {
    globalThis.WebGL2RenderingContext = WebGL2RenderingContext;
  }
});

test.run();
