/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/random.h"

#include <math.h>
#include <string.h>

enum { PHILOX_ROUNDS = 10 };

void stroma_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t a = counter[0], b = counter[1], c = counter[2], d = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int i = 0; i < PHILOX_ROUNDS; i++) {
        const uint64_t p = UINT64_C(0xD2511F53) * a, q = UINT64_C(0xCD9E8D57) * c;
        a = (uint32_t)(q >> 32) ^ b ^ k0;
        b = (uint32_t)q;
        c = (uint32_t)(p >> 32) ^ d ^ k1;
        d = (uint32_t)p;
        k0 += 0x9E3779B9U; /* golden ratio */
        k1 += 0xBB67AE85U; /* sqrt(3) - 1 */
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
}

void stroma_random_init(stroma_random *r, uint64_t seed, uint32_t stream, uint64_t index)
{
    *r = (stroma_random){ .key = { (uint32_t)seed, (uint32_t)(seed >> 32) },
                          .counter = { 0, stream, (uint32_t)index, (uint32_t)(index >> 32) },
                          .used = 4 };
}

uint32_t stroma_random_stream(const char *name)
{
    uint32_t h = 2166136261U;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619U;
    return h;
}

uint32_t stroma_random_u32(stroma_random *r)
{
    if (r->used >= 4) {
        stroma_philox4x32(r->counter, r->key, r->block);
        r->counter[0]++;
        r->used = 0;
    }
    return r->block[r->used++];
}

uint64_t stroma_random_u64(stroma_random *r)
{
    const uint64_t low = stroma_random_u32(r);
    return low | (uint64_t)stroma_random_u32(r) << 32;
}

uint64_t stroma_random_below(stroma_random *r, uint64_t n)
{
    if (n < 2) return 0;
    const uint64_t excess = (UINT64_MAX % n + 1) % n; /* 2^64 mod n */
    for (;;) {
        const uint64_t x = stroma_random_u64(r);
        if (x <= UINT64_MAX - excess) return x % n;
    }
}

double stroma_random_uniform(stroma_random *r)
{
    return ((double)(stroma_random_u64(r) >> 12) + 0.5) * 0x1p-52;
}

/* c[0] + c[1] x + … + c[n-1] x^(n-1) */
static double polynomial(const double *c, int n, double x)
{
    double sum = c[n - 1];
    for (int i = n - 2; i >= 0; i--)
        sum = sum * x + c[i];
    return sum;
}

double stroma_normal_quantile_as241(double p)
{
    static const double a[] = { 3.3871328727963666080e0,  1.3314166789178437745e+2,
                                1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                3.3430575583588128105e+4, 2.5090809287301226727e+3 };
    static const double b[] = { 1.0,
                                4.2313330701600911252e+1,
                                6.8718700749205790830e+2,
                                5.3941960214247511077e+3,
                                2.1213794301586595867e+4,
                                3.9307895800092710610e+4,
                                2.8729085735721942674e+4,
                                5.2264952788528545610e+3 };
    static const double c[] = { 1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4 };
    static const double d[] = { 1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9 };
    static const double e[] = { 6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7 };
    static const double f[] = { 1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15 };
    if (!(p > 0 && p < 1)) return NAN;
    const double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(a, 8, r) / polynomial(b, 8, r);
    }
    double r = sqrt(-log(q < 0 ? p : 1 - p));
    double x = 0;
    if (r <= 5) {
        r -= 1.6;
        x = polynomial(c, 8, r) / polynomial(d, 8, r);
    } else {
        r -= 5;
        x = polynomial(e, 8, r) / polynomial(f, 8, r);
    }
    return q < 0 ? -x : x;
}

double stroma_random_normal(stroma_random *r)
{
    return stroma_normal_quantile_as241(stroma_random_uniform(r));
}

double stroma_random_exponential(stroma_random *r)
{
    return -log(stroma_random_uniform(r));
}

/* Logarithm of a gamma variate: small shapes underflow otherwise. */
static double log_gamma_variate(stroma_random *r, double shape)
{
    double boost = 0;
    if (shape < 1) {
        boost = log(stroma_random_uniform(r)) / shape;
        shape += 1;
    }
    const double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        const double x = stroma_random_normal(r), t = 1 + c * x;
        if (t <= 0) continue;
        const double v = t * t * t, u = stroma_random_uniform(r);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v)) return log(d * v) + boost;
    }
}

double stroma_random_gamma(stroma_random *r, double shape, double scale)
{
    if (!(shape > 0 && scale > 0) || isinf(shape) || isinf(scale)) return NAN;
    return exp(log_gamma_variate(r, shape)) * scale;
}

static double johnk(stroma_random *r, double a, double b)
{
    for (;;) {
        const double lx = log(stroma_random_uniform(r)) / a, ly = log(stroma_random_uniform(r)) / b;
        const double high = lx > ly ? lx : ly;
        const double log_sum = high + log(exp(lx - high) + exp(ly - high));
        if (log_sum <= 0) return exp(lx - log_sum);
    }
}

double stroma_random_beta(stroma_random *r, double a, double b)
{
    if (!(a > 0 && b > 0) || isinf(a) || isinf(b)) return NAN;
    if (a <= 1 && b <= 1) return johnk(r, a, b);
    const double x = log_gamma_variate(r, a), y = log_gamma_variate(r, b);
    return 1 / (1 + exp(y - x));
}

void stroma_random_permutation(stroma_random *r, size_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const size_t j = (size_t)stroma_random_below(r, i + 1);
        if (j != i) out[i] = out[j];
        out[j] = i;
    }
}
