// Selective scan, steps 3 and 4, down-sweep: from the state that enters an element to the states that enter its RADIX children, or, where
// LEAVING is defined, that leave them.
//
//     h = a[k] h + b[k]        over the children before, from the parent's state
//
// At the top, where ROOT is defined, all elements are children of one, whose state is zero.
//
// u_parent  states that enter the level above, in state bricks, one pixel per element
// u_decay   a of this level
// u_carry   b of this level
// out       states that enter, or leave, this level's elements
//
// A fragment computes eight states of one quad and one child, and runs through its elder siblings again: on average R fetches a state,
// and R + 2 at the bottom. Over all levels these are 96 for an output texel of the scan with radix 2, 178 with radix 8.
#define OUT_PIXELS 1
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/sequence.glsl"

#ifndef ROOT
uniform Tensor u_parent;
#endif
uniform Tensor u_decay;
uniform Tensor u_carry;

void main() {
  int group;
  ivec2 at = thisBrick(group);
  int element = at.y * u_out_shape.x + at.x, parent = element / RADIX;
#ifdef ROOT
  Brick h = filled(vec4(0));
#else
  Brick h = fetchBrick(u_parent, stateTexelOf(u_parent.shape, group, pixelAt(u_parent.shape, parent)));
#endif
#ifdef LEAVING
  int end = element + 1;
#else
  int end = element;
#endif
  for (int child = parent * RADIX; child < end; child++) {
    ivec2 pixel = pixelAt(u_out_shape, child);
    h = multiply(h, fetchBrick(u_decay, stateTexelOf(u_decay.shape, group, pixel)));
    h = add(h, fetchBrick(u_carry, stateTexelOf(u_carry.shape, group, pixel)));
  }
  storeAll(h);
}
