import type { Engine } from '../../src/tensor/engine.ts';

/** A WebGL2 context of its own. Not every browser gives one to an offscreen canvas. */
export function newContext(): WebGL2RenderingContext {
  return document.createElement('canvas').getContext('webgl2')!;
}

/** Loses a context and gives it back, as a driver that fails and recovers does. */
export class LosableContext {
  // Kept, since a lost context gives no extension.
  private readonly extension: WEBGL_lose_context;
  private readonly target: EventTarget;

  constructor({ gl }: Engine) {
    this.extension = gl.getExtension('WEBGL_lose_context')!;
    this.target = gl.canvas;
  }

  /** From now on nothing works; the engine's listeners are told a moment later. */
  lose(): void {
    this.extension.loseContext();
  }

  /** Resolves once the engine's listeners were told of the loss: only then can it be given back. */
  async loseAndWait(): Promise<void> {
    const told = this.once('webglcontextlost');
    this.lose();
    await told;
  }

  /** Resolves once the context is there again and the engine's listeners were told. */
  async giveBack(): Promise<void> {
    const told = this.once('webglcontextrestored');
    // Not in the event itself: that a context may come back is decided when all listeners are through.
    await new Promise((resolve) => setTimeout(resolve));
    this.extension.restoreContext();
    await told;
  }

  private once(event: string): Promise<unknown> {
    return new Promise((resolve) => this.target.addEventListener(event, resolve, { once: true }));
  }
}
