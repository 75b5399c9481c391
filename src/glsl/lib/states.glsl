// The states that one fragment of the scan's first two phases works on: BRICK of the sixteen, one member of a brick each.

// A[n] log2(e) for states `first` on, four channels each.
Brick fetchDecay(Weights a, int first, int row) {
  Coords at = coordsOf(a, ivec2(first, row));
#define DECAY(p, i) fetch(a, rightBy(a, at, i))
  return Brick(LIST(DECAY));
}
