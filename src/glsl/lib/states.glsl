// The states that one fragment of the scan's first two phases works on: BRICK of the sixteen, one member of a brick each.

// A[n] log2(e) for states `first` on, four channels each.
Brick fetchDecay(Weights a, int first, int row) {
#define DECAY(p, i) fetch(a, ivec2(first + i, row))
  return Brick(LIST(DECAY));
}
