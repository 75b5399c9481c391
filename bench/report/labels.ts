/** Where to put short labels next to dots, so that they cover neither dots nor each other. Pixels; y goes down. */
export interface Dot {
  readonly x: number;
  readonly y: number;
}

const WIDTH = 16;
const HEIGHT = 13;
const RADIUS = 5;
/** From a dot to the middle of its label, best first. */
const OFFSETS: readonly (readonly [number, number])[] = [
  [12, -8],
  [12, 9],
  [-12, -8],
  [-12, 9],
  [0, -14],
  [0, 15],
  [17, 0],
  [-17, 0],
  [22, -18],
  [22, 18],
  [-22, -18],
  [-22, 18],
];

/** The middle of each dot's label. Where nothing is free, the first place. */
export function placeLabels(dots: readonly Dot[]): Dot[] {
  const placed: Dot[] = [];
  for (const { x, y } of dots) {
    const places = OFFSETS.map(([dx, dy]) => ({ x: x + dx, y: y + dy }));
    placed.push(places.find((place) => isFree(place, dots, placed)) ?? places[0]);
  }
  return placed;
}

function isFree(place: Dot, dots: readonly Dot[], labels: readonly Dot[]): boolean {
  return (
    labels.every(({ x, y }) => Math.abs(x - place.x) >= WIDTH || Math.abs(y - place.y) >= HEIGHT) &&
    dots.every(
      ({ x, y }) => Math.abs(x - place.x) >= WIDTH / 2 + RADIUS || Math.abs(y - place.y) >= HEIGHT / 2 + RADIUS,
    )
  );
}
