// Activations, four channels at a time, right to a few units in the last place also where they are small.

// x / (1 + exp(-x))
vec4 silu(vec4 x) { return x / (1. + exp(-x)); }
EACH_PIXEL(silu)

// x Phi(x), exact gelu. GLSL has no erf; for x > 0, Phi(-x) = exp(-x^2 / 2) t p(t), t = 1 / (1 + .3 x), where the polynomial p is a
// minimax fit, right to 1.2e-7 relative. The factor keeps the digits of the tail, where 1 + erf would cancel, and exp alone is of
// something large: with p in its exponent, rounding would cost twice as much.
vec4 gelu(vec4 x) {
  vec4 t = 1. / (1. + .3 * abs(x));
  vec4 p = .11962326 + t * (.12084558 + t * (.099346846 + t * (.13041732 + t * (-.05716889 + t * (.21011994
    + t * (-.15937914 + t * .036195038))))));
  vec4 tail = exp(-.5 * (x * x)) * t * p;
  return x * mix(tail, 1. - tail, greaterThan(x, vec4(0)));
}
EACH_PIXEL(gelu)

// log(1 + exp(x)) = max(x, 0) + log(1 + e), e = exp(-|x|). The built-in log loses four digits where e is small, which is where the
// scan's step sizes live; log(1 + e) = 2 atanh(s), s = e / (2 + e) <= 1/3, by its series to s^13 keeps them.
vec4 softplus(vec4 x) {
  vec4 e = exp(-abs(x));
  vec4 s = e / (2. + e), q = s * s;
  vec4 series = 1. + q * (1. / 3. + q * (1. / 5. + q * (1. / 7. + q * (1. / 9. + q * (1. / 11. + q / 13.)))));
  return max(x, 0.) + 2. * s * series;
}
EACH_PIXEL(softplus)
