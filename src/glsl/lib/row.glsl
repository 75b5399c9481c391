// A row of a picture around one brick, as 3x3 kernels read it: the brick and the pixel on either side, zero beyond the picture. There something
// is fetched all the same, and not used: on SwiftShader a branch around a fetch costs more than the fetch.
struct Row { vec4 before; Brick mid; vec4 after; };

Row fetchRow(Tensor x, ivec2 texel, int column) {
  int last = bricksPerRow(x.shape) - 1;
  vec4 before = fetch(x, ivec3(column > 0 ? texel.x - 1 : texel.x, texel.y, BRICK - 1));
  vec4 after = fetch(x, ivec3(column < last ? texel.x + 1 : texel.x, texel.y, 0));
  return Row(column > 0 ? before : vec4(0), fetchBrick(x, texel), column < last ? after : vec4(0));
}

// The left and the right neighbours of the brick's pixels.
#if BRICK == 8
Brick leftOf(Row r) { return Brick(r.before, r.mid.p0, r.mid.p1, r.mid.p2, r.mid.p3, r.mid.p4, r.mid.p5, r.mid.p6); }
Brick rightOf(Row r) { return Brick(r.mid.p1, r.mid.p2, r.mid.p3, r.mid.p4, r.mid.p5, r.mid.p6, r.mid.p7, r.after); }
#elif BRICK == 4
Brick leftOf(Row r) { return Brick(r.before, r.mid.p0, r.mid.p1, r.mid.p2); }
Brick rightOf(Row r) { return Brick(r.mid.p1, r.mid.p2, r.mid.p3, r.after); }
#else
Brick leftOf(Row r) { return Brick(r.before); }
Brick rightOf(Row r) { return Brick(r.after); }
#endif
