// A scan runs forward, in reverse, or both ways in the same draws. Both ways, step sizes, carries and states have the quads of u twice: first
// those of the scan forward, then those of the one in reverse; and so have B and C their sixteen channels, A and D their rows.
uniform int u_quads; // of u

const int REVERSE = 1, BOTH = 2; // u_order; 0 is forward

// Whether a quad of step sizes, carries or states is one of the second scan's, and the quad of u that it belongs to.
bool isSecond(int quad) { return quad >= u_quads; }
int quadOfInput(int quad) { return isSecond(quad) ? quad - u_quads : quad; }

bool isReverse(int order, int quad) { return order == REVERSE || order == BOTH && isSecond(quad); }

// Row of A and D, where `rows` are those of the first and the second scan's first quads.
int rowOfWeights(ivec2 rows, int quad) { return isSecond(quad) ? rows.y + quad - u_quads : rows.x + quad; }
