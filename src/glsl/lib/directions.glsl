// A scan runs forward, in reverse, or both ways in the same draws. Then step sizes, carries and states have the quads of u twice: first those
// of the scan forward, then those in reverse.
uniform int u_quads; // of u

const int FORWARD = 0, REVERSE = 1, BOTH = 2;

// Whether a quad of step sizes, carries or states is one of the second scan's, and the quad of u that it belongs to.
bool isSecond(int quad) { return quad >= u_quads; }
int quadOfInput(int quad) { return isSecond(quad) ? quad - u_quads : quad; }

bool isReverse(int order, int quad) { return order == REVERSE || order == BOTH && isSecond(quad); }

// Row of A and D, where `rows` are those of the first and the second scan's first quads.
int rowOfWeights(ivec2 rows, int quad) { return isSecond(quad) ? rows.y + quad - u_quads : rows.x + quad; }
