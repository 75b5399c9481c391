/** The part of the page that shows pictures: viewer, divider, zoom buttons and keys around one view. */
import type { ReadonlyVec2 } from 'gl-matrix';
import { byId } from './elements.ts';
import { listen } from './gestures.ts';
import type { Size } from './readings.ts';
import type { RemoteError } from './remote.ts';
import { RemoteViewer } from './remote_viewer.ts';
import { columnAt, fit, isPannable, panBy, rescaled, resized, shareAt, type View, zoomBy } from './view.ts';

/** What a press of a zoom button or key, and of an arrow key, does. */
const ZOOM_STEP = 1.5;
const PAN_STEP = 60;
const SHARE_STEP = 0.02;
const SHARE_LEAP = 0.1;

export class Comparison {
  private readonly stage = byId('stage', HTMLElement);
  private readonly caption = byId('caption', HTMLElement);
  /** Around the canvas, which is replaced with its viewer. */
  private readonly surface = byId('surface', HTMLElement);
  private readonly divider = byId('divider', HTMLElement);
  private readonly zoomed = byId('zoomed', HTMLOutputElement);
  private viewer = this.open();
  private view: View | null = null;
  private share = 0.5;
  /** The viewer's numbers of the picture before and the one after. */
  private pictures: readonly number[] = [];
  /** The picture before, to be shown again by another viewer. */
  private before: Blob | null = null;
  private shows = 0;

  /** @param onEnd is told when the viewer ended; another one shows the picture before */
  constructor(private readonly onEnd: (error: RemoteError) => void) {
    listen(this.surface, this.divider, {
      drag: (to, delta) => {
        if (this.view && (isPannable(this.view) || this.divider.hidden)) this.change(panBy(this.view, delta));
        else this.divide(to[0]);
      },
      zoom: (factor, at, delta) => this.view && this.change(panBy(zoomBy(this.view, factor, at), delta)),
    });
    this.listenToDivider();
    this.listenToZoom();
    new ResizeObserver(() => this.fill()).observe(this.surface);
    this.listenToDensity();
  }

  /** Rejects with a 'DeviceError' when there is no WebGL2. */
  get renderer(): Promise<string> {
    return this.viewer.renderer;
  }

  /** Shows one picture. @throws RemoteError when it cannot be decoded or nothing can be shown at all; what is shown stays then. */
  async show(picture: Blob, caption: string): Promise<Size> {
    if (this.viewer.ended) this.reopen();
    const turn = ++this.shows;
    const { number, width, height } = await this.viewer.add(picture);
    if (turn !== this.shows) return { width, height }; // a later one was there sooner
    this.before = picture;
    this.pictures = [number];
    this.caption.textContent = caption;
    this.canvas.ariaLabel = caption;
    this.stage.dataset.state = 'single';
    this.divider.hidden = true;
    this.change(fit(this.viewport(), [width, height]));
    return { width, height };
  }

  /** Compares the picture that is shown with another, which may be larger; takes it over. */
  async compare(after: ImageBitmap): Promise<void> {
    if (this.pictures.length === 0) await this.show(this.before!, this.caption.textContent!);
    const { number, width, height } = await this.viewer.add(after);
    this.pictures = [this.pictures[0], number];
    this.stage.dataset.state = 'compared';
    this.divider.hidden = false;
    this.change(rescaled(this.view!, [width, height]));
  }

  private get canvas(): HTMLCanvasElement {
    return byId('canvas', HTMLCanvasElement);
  }

  private open(): RemoteViewer {
    return new RemoteViewer(this.canvas, (error) => {
      this.onEnd(error);
      const { before, pictures } = this;
      this.pictures = [];
      // Not again when this was what ended it.
      if (before && pictures.length > 0) this.show(before, this.caption.textContent!).catch(() => {});
    });
  }

  /** A canvas is handed over once, so that another viewer needs another. */
  private reopen(): void {
    const { canvas } = this;
    const focused = canvas === document.activeElement;
    canvas.replaceWith(canvas.cloneNode());
    if (focused) this.canvas.focus();
    this.viewer = this.open();
  }

  /** Follows the window. */
  private fill(): void {
    if (this.view) this.change(resized(this.view, this.viewport()));
  }

  private viewport(): ReadonlyVec2 {
    const { width, height } = this.surface.getBoundingClientRect();
    return [width, height].map((side) => Math.max(1, Math.round(side * devicePixelRatio))) as [number, number];
  }

  private change(view: View): void {
    this.view = view;
    const percent = view.zoom * 100;
    this.zoomed.value = `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
    this.surface.classList.toggle('pannable', isPannable(view));
    this.update();
  }

  private update(): void {
    const { pictures, view, share } = this;
    if (!view || pictures.length === 0) return;
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

  /** A window that goes to a screen of another pixel density keeps its size. Each query is about one density. */
  private listenToDensity(): void {
    const change = () => {
      this.fill();
      this.listenToDensity();
    };
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', change, { once: true });
  }

  private listenToDivider(): void {
    const { divider } = this;
    divider.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      divider.setPointerCapture(event.pointerId);
    });
    divider.addEventListener('pointermove', (event) => {
      if (!divider.hasPointerCapture(event.pointerId)) return;
      this.divide((event.clientX - this.surface.getBoundingClientRect().left) * devicePixelRatio);
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
    document.addEventListener('keydown', ({ target, key, ctrlKey, metaKey, altKey }) => {
      if (!ctrlKey && !metaKey && !altKey && !(target instanceof HTMLInputElement)) keys[key]?.();
    });

    const arrows: Record<string, [number, number]> = {
      ArrowLeft: [PAN_STEP, 0],
      ArrowRight: [-PAN_STEP, 0],
      ArrowUp: [0, PAN_STEP],
      ArrowDown: [0, -PAN_STEP],
    };
    this.surface.addEventListener('keydown', (event) => {
      if (!this.view || !(event.key in arrows)) return;
      event.preventDefault();
      this.change(panBy(this.view, arrows[event.key]));
    });
  }
}
