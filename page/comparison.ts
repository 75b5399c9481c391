/** The part of the page that shows pictures: viewer, divider, zoom buttons and keys around one view. */
import type { ReadonlyVec2 } from 'gl-matrix';
import { byId } from './elements.ts';
import { listen } from './gestures.ts';
import type { Size } from './readings.ts';
import { RemoteViewer } from './remote_viewer.ts';
import { columnAt, fit, isPannable, panBy, rescaled, resized, shareAt, type View, zoomBy } from './view.ts';

/** What a press of a zoom button or key, and of an arrow key, does. */
const ZOOM_STEP = 1.5;
const PAN_STEP = 60;
const SHARE_STEP = 0.02;
const SHARE_LEAP = 0.1;

export class Comparison {
  private readonly stage = byId('stage', HTMLElement);
  private readonly canvas = byId('canvas', HTMLCanvasElement);
  private readonly divider = byId('divider', HTMLElement);
  private readonly zoomed = byId('zoomed', HTMLOutputElement);
  private readonly viewer = new RemoteViewer(this.canvas);
  private view: View | null = null;
  private share = 0.5;
  /** The viewer's numbers of the picture before and the one after. */
  private pictures: readonly number[] = [];

  constructor() {
    listen(this.canvas, this.divider, {
      drag: (to, delta) => {
        if (this.view && (isPannable(this.view) || this.divider.hidden)) this.change(panBy(this.view, delta));
        else this.divide(to[0]);
      },
      zoom: (factor, at, delta) => this.view && this.change(panBy(zoomBy(this.view, factor, at), delta)),
    });
    this.listenToDivider();
    this.listenToZoom();
    new ResizeObserver(() => this.view && this.change(resized(this.view, this.viewport()))).observe(this.canvas);
  }

  /** Rejects with a 'DeviceError' when there is no WebGL2. */
  get renderer(): Promise<string> {
    return this.viewer.renderer;
  }

  /** Shows one picture. @throws RemoteError when it cannot be decoded or nothing can be shown at all; what is shown stays then. */
  async show(picture: Blob): Promise<Size> {
    const { number, width, height } = await this.viewer.add(picture);
    this.pictures = [number];
    this.stage.dataset.state = 'single';
    this.divider.hidden = true;
    this.change(fit(this.viewport(), [width, height]));
    return { width, height };
  }

  /** Compares the picture that is shown with another, which may be larger; takes it over. */
  async compare(after: ImageBitmap): Promise<void> {
    const { number, width, height } = await this.viewer.add(after);
    this.pictures = [this.pictures[0], number];
    this.stage.dataset.state = 'compared';
    this.divider.hidden = false;
    this.change(rescaled(this.view!, [width, height]));
  }

  private viewport(): ReadonlyVec2 {
    const { width, height } = this.canvas.getBoundingClientRect();
    return [width, height].map((side) => Math.max(1, Math.round(side * devicePixelRatio))) as [number, number];
  }

  private change(view: View): void {
    this.view = view;
    const percent = view.zoom * 100;
    this.zoomed.value = `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
    this.canvas.classList.toggle('pannable', isPannable(view));
    this.update();
  }

  private update(): void {
    const { pictures, view, share } = this;
    if (!view) return;
    this.viewer.draw({ pictures, view, share });
    this.stage.style.setProperty('--column', `${columnAt(view, share) / devicePixelRatio}px`);
    const percent = Math.round(share * 100);
    this.divider.setAttribute('aria-valuenow', String(percent));
    this.divider.setAttribute('aria-valuetext', `${percent} % before, ${100 - percent} % after`);
  }

  /** Moves the divider to a column of the viewport. */
  private divide(column: number): void {
    if (!this.view) return;
    this.share = shareAt(this.view, column);
    this.update();
  }

  private listenToDivider(): void {
    const { divider } = this;
    divider.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      divider.setPointerCapture(event.pointerId);
    });
    divider.addEventListener('pointermove', (event) => {
      if (!divider.hasPointerCapture(event.pointerId)) return;
      this.divide((event.clientX - this.canvas.getBoundingClientRect().left) * devicePixelRatio);
    });
    divider.addEventListener('keydown', (event) => {
      const step = event.shiftKey ? SHARE_LEAP : SHARE_STEP;
      const next: Record<string, number> = {
        ArrowLeft: this.share - step,
        ArrowDown: this.share - step,
        ArrowRight: this.share + step,
        ArrowUp: this.share + step,
        PageDown: this.share - SHARE_LEAP,
        PageUp: this.share + SHARE_LEAP,
        Home: 0,
        End: 1,
      };
      if (!(event.key in next)) return;
      event.preventDefault();
      this.share = Math.min(1, Math.max(0, next[event.key]));
      this.update();
    });
  }

  private listenToZoom(): void {
    const zoom = (factor: number) => this.view && this.change(zoomBy(this.view, factor));
    const actions = {
      in: () => zoom(ZOOM_STEP),
      out: () => zoom(1 / ZOOM_STEP),
      fit: () => this.view && this.change(fit(this.view.viewport, this.view.picture)),
      pixels: () => this.view && zoom(1 / this.view.zoom),
    };
    for (const [name, act] of Object.entries(actions))
      byId(`zoom-${name}`, HTMLButtonElement).addEventListener('click', act);

    const keys: Record<string, () => void> = {
      '+': actions.in,
      '=': actions.in,
      '-': actions.out,
      '0': actions.fit,
      '1': actions.pixels,
    };
    this.stage.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
      if (!ctrlKey && !metaKey && !altKey) keys[key]?.();
    });

    const arrows: Record<string, [number, number]> = {
      ArrowLeft: [PAN_STEP, 0],
      ArrowRight: [-PAN_STEP, 0],
      ArrowUp: [0, PAN_STEP],
      ArrowDown: [0, -PAN_STEP],
    };
    this.canvas.addEventListener('keydown', (event) => {
      if (!this.view || !(event.key in arrows)) return;
      event.preventDefault();
      this.change(panBy(this.view, arrows[event.key]));
    });
  }
}
