/** A context's loss and its return, as an event each: the only place that listens for them. */

/** From a context's coming up to its loss: what was made in it, down to the last texture, goes with it. */
export class Lifetime {
  private ended = false;

  get over(): boolean {
    return this.ended;
  }

  end(): void {
    this.ended = true;
  }
}

export interface ContextListener {
  /** All that was made in the context is gone. */
  lost(): void;
  /** It is back, empty and without extensions. */
  restored(): void;
}

/** Follows a context, on a canvas of either kind, until the function it returns is called. */
export function followContext({ canvas }: WebGL2RenderingContext, listener: ContextListener): () => void {
  const lost = (event: Event): void => {
    event.preventDefault(); // a browser gives back only what somebody asks for in this way
    listener.lost();
  };
  const restored = (): void => listener.restored();
  const target: EventTarget = canvas;
  target.addEventListener('webglcontextlost', lost);
  target.addEventListener('webglcontextrestored', restored);
  return () => {
    target.removeEventListener('webglcontextlost', lost);
    target.removeEventListener('webglcontextrestored', restored);
  };
}
