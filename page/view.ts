/** Where a picture lies in the viewport. Pure transforms: every function gives a new view. */
import { mat3, type ReadonlyMat3, type ReadonlyVec2, vec2 } from 'gl-matrix';

/** All lengths in device pixels of the viewport or pixels of the picture, y downwards. */
export interface View {
  readonly viewport: ReadonlyVec2;
  readonly picture: ReadonlyVec2;
  /** The picture's point in the middle of the viewport. */
  readonly centre: ReadonlyVec2;
  /** Viewport pixels a picture pixel. */
  readonly zoom: number;
}

/** Beyond this a pixel of the picture says nothing more. */
const MOST_ZOOM = 64;

/** The whole picture, as large as it can be. */
export function fit(viewport: ReadonlyVec2, picture: ReadonlyVec2): View {
  return { viewport, picture, centre: vec2.scale(vec2.create(), picture, 0.5), zoom: fitZoom(viewport, picture) };
}

export function isFit({ viewport, picture, zoom }: View): boolean {
  return Math.abs(zoom / fitZoom(viewport, picture) - 1) < 1e-3;
}

/** Whether some of the picture is outside, so that there is something to pan to. */
export function isPannable({ viewport, picture, zoom }: View): boolean {
  return picture[0] * zoom > viewport[0] + 0.5 || picture[1] * zoom > viewport[1] + 0.5;
}

/** From the picture's pixels to the viewport's. */
export function toViewport({ viewport, centre, zoom }: View): ReadonlyMat3 {
  const m = mat3.fromTranslation(mat3.create(), vec2.scale(vec2.create(), viewport, 0.5));
  mat3.scale(m, m, [zoom, zoom]);
  return mat3.translate(m, m, vec2.negate(vec2.create(), centre));
}

/** From the picture's pixels to clip space; the corner lies on a whole viewport pixel, so that at zoom 1 pixel falls on pixel. */
export function toClip(view: View): ReadonlyMat3 {
  const { viewport } = view;
  const placed = mat3.clone(toViewport(view));
  for (const translation of [6, 7]) placed[translation] = Math.round(placed[translation]);
  return mat3.multiply(placed, mat3.projection(mat3.create(), viewport[0], viewport[1]), placed);
}

/** The picture's point under a point of the viewport. */
export function toPicture(view: View, point: ReadonlyVec2): vec2 {
  const inverse = mat3.invert(mat3.create(), toViewport(view))!;
  return vec2.transformMat3(vec2.create(), point, inverse);
}

/** Zooms; what is under the point `at` of the viewport stays there. */
export function zoomBy(view: View, factor: number, at: ReadonlyVec2 = middle(view)): View {
  const [least, most] = zoomRange(view);
  const zoom = Math.min(most, Math.max(least, view.zoom * factor));
  const offset = vec2.subtract(vec2.create(), at, middle(view));
  const centre = vec2.scaleAndAdd(vec2.create(), toPicture(view, at), offset, -1 / zoom);
  return inside({ ...view, centre, zoom });
}

/** Moves the picture by viewport pixels. */
export function panBy(view: View, delta: ReadonlyVec2): View {
  return inside({ ...view, centre: vec2.scaleAndAdd(vec2.create(), view.centre, delta, -1 / view.zoom) });
}

/** The same place in a viewport of another size; what filled it fills it again. */
export function resized(view: View, viewport: ReadonlyVec2): View {
  return isFit(view) ? fit(viewport, view.picture) : inside({ ...view, viewport });
}

/** The same place of the same picture at another resolution. */
export function rescaled(view: View, picture: ReadonlyVec2): View {
  if (isFit(view)) return fit(view.viewport, picture);
  const ratio = picture[0] / view.picture[0];
  const centre = vec2.scale(vec2.create(), view.centre, ratio);
  return zoomBy({ ...view, picture, centre, zoom: view.zoom / ratio }, 1);
}

/** The viewport's column that is this share of the way through what is seen of the picture. */
export function columnAt(view: View, share: number): number {
  const [left, right] = visibleColumns(view);
  return left + share * (right - left);
}

/** The other way round, from 0 to 1. */
export function shareAt(view: View, column: number): number {
  const [left, right] = visibleColumns(view);
  return Math.min(1, Math.max(0, (column - left) / (right - left)));
}

function visibleColumns({ viewport, picture, centre, zoom }: View): [number, number] {
  const left = viewport[0] / 2 - centre[0] * zoom;
  return [Math.max(0, left), Math.min(viewport[0], left + picture[0] * zoom)];
}

function fitZoom(viewport: ReadonlyVec2, picture: ReadonlyVec2): number {
  return Math.min(viewport[0] / picture[0], viewport[1] / picture[1]);
}

function zoomRange({ viewport, picture }: View): [number, number] {
  const whole = fitZoom(viewport, picture);
  return [Math.min(1, whole), Math.max(MOST_ZOOM, whole)];
}

function middle({ viewport }: View): vec2 {
  return vec2.scale(vec2.create(), viewport, 0.5);
}

/** Keeps the picture in the viewport: no gap beside one that is larger, a smaller one in the middle. */
function inside(view: View): View {
  const { viewport, picture, centre, zoom } = view;
  const along = (axis: 0 | 1): number => {
    const half = viewport[axis] / 2 / zoom;
    if (2 * half >= picture[axis]) return picture[axis] / 2;
    return Math.min(picture[axis] - half, Math.max(half, centre[axis]));
  };
  return { ...view, centre: vec2.fromValues(along(0), along(1)) };
}
