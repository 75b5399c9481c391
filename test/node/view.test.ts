/** Where a picture lies: what is under a point stays there, nothing gets lost outside. */
import { vec2, vec3 } from 'gl-matrix';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  columnAt,
  fit,
  isFit,
  isPannable,
  panBy,
  rescaled,
  resized,
  shareAt,
  toClip,
  toPicture,
  toViewport,
  type View,
  zoomBy,
} from '../../page/view.ts';

const test = suite('view');
const VIEWPORT = [800, 600] as const;
const PICTURE = [320, 256] as const;

const view = (): View => fit([...VIEWPORT], [...PICTURE]);

function close(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-3): void {
  const all = Array.from(actual);
  assert.is(all.length, expected.length);
  assert.ok(
    all.every((value, i) => Math.abs(value - expected[i]) <= tolerance),
    `${all} is not ${expected}`,
  );
}

test('the whole picture is seen, in the middle and as large as it can be', () => {
  close([view().zoom], [600 / 256], 1e-9);
  const corners = [[0, 0], PICTURE].map((corner) =>
    vec2.transformMat3(vec2.create(), corner as [number, number], toViewport(view())),
  );
  close(corners[0], [25, 0]);
  close(corners[1], [775, 600]);
  assert.ok(isFit(view()));
  assert.not(isPannable(view()));
});

test('clip space has y upwards', () => {
  const clip = vec3.transformMat3(vec3.create(), [160, 0, 1], toClip(view()));
  close(clip, [0, 1, 1]);
});

test('what is under a point stays there when it is zoomed, until the picture would leave a gap', () => {
  const before = zoomBy(view(), 2);
  const at = [300, 200] as const;
  const point = toPicture(before, [...at]);
  const after = zoomBy(before, 1.7, [...at]);
  close(toPicture(after, [...at]), [...point]);
  assert.ok(isPannable(after));
  assert.not(isFit(after));
  // All the way out again, it is where it was.
  const out = zoomBy(after, 1e-9, [...at]);
  close([...out.centre, out.zoom], [160, 128, 1]);
});

test('at actual pixels, pixel falls on pixel, also in a viewport of odd sides', () => {
  const odd = fit([801, 599], [...PICTURE]);
  const clip = vec3.transformMat3(vec3.create(), [0, 0, 1], toClip(zoomBy(odd, 1 / odd.zoom)));
  const [x, y] = [((clip[0] + 1) * 801) / 2, ((1 - clip[1]) * 599) / 2];
  close([x, y], [Math.round(x), Math.round(y)]);
});

test('zoom ends at 64, and above that only where the whole picture needs it', () => {
  assert.is(zoomBy(view(), 1e9).zoom, 64);
  const dot = fit([800, 600], [2, 2]);
  assert.is(dot.zoom, 300);
  assert.is(zoomBy(dot, 10).zoom, 300);
  const large = fit([800, 600], [8000, 6000]);
  assert.is(zoomBy(large, 0.1).zoom, 0.1);
});

test('panning follows the pointer and stops at the edge', () => {
  const zoomed = zoomBy(view(), 4);
  const point = toPicture(zoomed, [400, 300]);
  const moved = panBy(zoomed, [30, -20]);
  close(toPicture(moved, [430, 280]), [...point]);
  close(toPicture(panBy(zoomed, [1e6, 1e6]), [0, 0]), [0, 0]);
  close(toPicture(panBy(zoomed, [-1e6, -1e6]), [...VIEWPORT]), [...PICTURE]);
  assert.equal(panBy(view(), [50, 50]).centre, view().centre);
});

test('a larger picture of the same takes its place', () => {
  const zoomed = panBy(zoomBy(view(), 4), [70, 30]);
  const larger = rescaled(zoomed, [1280, 1024]);
  const [x, y] = toPicture(zoomed, [100, 500]);
  close(toPicture(larger, [100, 500]), [4 * x, 4 * y], 1e-2);
  assert.ok(isFit(rescaled(view(), [1280, 1024])));
});

test('another viewport keeps the place, and what filled it fills it', () => {
  assert.ok(isFit(resized(view(), [300, 900])));
  const zoomed = zoomBy(view(), 4);
  const narrow = resized(zoomed, [400, 600]);
  assert.is(narrow.zoom, zoomed.zoom);
  close(narrow.centre, [...zoomed.centre]);
});

test('the divider runs over what is seen of the picture', () => {
  close([columnAt(view(), 0), columnAt(view(), 0.5), columnAt(view(), 1)], [25, 400, 775]);
  const zoomed = zoomBy(view(), 4);
  close([columnAt(zoomed, 0), columnAt(zoomed, 1)], [0, 800]);
  for (const share of [0, 0.25, 1]) close([shareAt(zoomed, columnAt(zoomed, share))], [share]);
  assert.equal([shareAt(view(), -10), shareAt(view(), 900)], [0, 1]);
});

test.run();
