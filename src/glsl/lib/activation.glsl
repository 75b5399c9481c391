// Activations, four channels at a time, right to a few units in the last place also where they are small.

// x / (1 + exp(-x))
vec4 silu(vec4 x) { return x / (1. + exp(-x)); }
EACH_PIXEL(silu)

// x Phi(x), exact gelu. GLSL has no erf; erfc(z) = t exp(-z^2 + p(t)), t = 1 / (1 + z/2), by the Chebyshev fit of Numerical Recipes
// (W. H. Press et al., section 6.2) is right to 1.2e-7 relative, also in the tail, where 1 + erf would cancel.
vec4 gelu(vec4 x) {
  vec4 z = abs(x) * 0.70710678;
  vec4 t = 1. / (1. + .5 * z);
  vec4 p = -1.26551223 + t * (1.00002368 + t * (.37409196 + t * (.09678418 + t * (-.18628806 + t * (.27886807
    + t * (-1.13520398 + t * (1.48851587 + t * (-.82215223 + t * .17087277))))))));
  vec4 tail = .5 * t * exp2(1.44269504 * p - .72134752 * (x * x));
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
