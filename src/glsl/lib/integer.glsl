// Division of whole numbers from 0 on. Neither processors nor GPUs have an instruction that divides a vector of integers: without / and %
// a scan takes about a third less time on llvmpipe.

// By BRICK, a power of two; of numbers below 0 too, rounding down.
const int BRICK_BITS = BRICK == 8 ? 3 : BRICK == 4 ? 2 : 0;
int brickOf(int x) { return x >> BRICK_BITS; }
int layerOf(int x) { return x & (BRICK - 1); }

// (a / b, a % b) for a < 2^21, where the quotient in float is off by one at most.
ivec2 divide(int a, int b) {
  int quotient = int(float(a) / float(b)), rest = a - quotient * b;
  return rest < 0 ? ivec2(quotient - 1, rest + b) : rest >= b ? ivec2(quotient + 1, rest - b) : ivec2(quotient, rest);
}
