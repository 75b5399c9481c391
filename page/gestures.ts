/** Pointers and wheel of a viewer, told as what they mean. Places are in device pixels from its upper left corner. */
import { type ReadonlyVec2, vec2 } from 'gl-matrix';

export interface Gestures {
  /** One pointer moved while it was down. */
  drag(to: ReadonlyVec2, delta: ReadonlyVec2): void;
  /** Two fingers or the wheel. */
  zoom(factor: number, at: ReadonlyVec2, delta: ReadonlyVec2): void;
}

/** How much a pixel of wheel travel zooms; trackpads send few pixels when two fingers pinch, and say so by ctrl. */
const WHEEL = 0.0015;
const PINCH_WHEEL = 0.01;
const LINE_PIXELS = 16;

/** @param over lies on the target and leaves the wheel to it */
export function listen(target: HTMLElement, over: HTMLElement, gestures: Gestures): void {
  const pointers = new Map<number, vec2>();

  const place = (event: MouseEvent): vec2 => {
    const { left, top } = target.getBoundingClientRect();
    const at = vec2.fromValues(event.clientX - left, event.clientY - top);
    return vec2.scale(at, at, devicePixelRatio);
  };

  target.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || pointers.size === 2) return;
    target.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event));
  });

  target.addEventListener('pointermove', (event) => {
    const from = pointers.get(event.pointerId);
    if (!from) return;
    const to = place(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const factor = vec2.distance(to, other) / Math.max(1, vec2.distance(from, other));
      const between = vec2.lerp(vec2.create(), to, other, 0.5);
      const delta = vec2.subtract(vec2.create(), between, vec2.lerp(vec2.create(), from, other, 0.5));
      gestures.zoom(factor, between, delta);
    } else gestures.drag(to, vec2.subtract(vec2.create(), to, from));
    pointers.set(event.pointerId, to);
  });

  for (const end of ['pointerup', 'pointercancel'] as const)
    target.addEventListener(end, (event) => pointers.delete(event.pointerId));

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * LINE_PIXELS;
    gestures.zoom(Math.exp(-pixels * (event.ctrlKey ? PINCH_WHEEL : WHEEL)), place(event), [0, 0]);
  };
  for (const element of [target, over]) element.addEventListener('wheel', wheel, { passive: false });
}
