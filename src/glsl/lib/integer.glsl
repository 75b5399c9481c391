// Division of whole numbers from 0 on. Drivers in software divide the integers of a vector one by one, some 25 cycles each, and GPUs
// have no instruction for it; kernels that found their place by / and % spent up to half of their time there.

// By BRICK, a power of two.
const int BRICK_BITS = BRICK == 8 ? 3 : BRICK == 4 ? 2 : 0;
int brickOf(int x) { return x >> BRICK_BITS; }
int layerOf(int x) { return x & (BRICK - 1); }

// (a / b, a % b) for a < 2^21, where the quotient in float is off by one at most.
ivec2 divide(int a, int b) {
  int quotient = int(float(a) / float(b)), rest = a - quotient * b;
  return rest < 0 ? ivec2(quotient - 1, rest + b) : rest >= b ? ivec2(quotient + 1, rest - b) : ivec2(quotient, rest);
}
