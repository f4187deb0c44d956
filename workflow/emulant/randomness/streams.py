"""Random numbers of many chains: one xoshiro128++ generator in each of 32 lanes of each chain.

Momenta are most of the random numbers of Hybrid Monte Carlo and would be its bottleneck; here the recursion
(D. Blackman and S. Vigna, ACM Trans. Math. Softw. 47 (2021) 36) and the Box-Muller map are loops over lanes that the
compiler vectorises. Uniform variables have 32 bits, so standard normal variables reach 6.7 standard deviations.
"""

import numpy as np
from numba import njit

__all__ = ["LANES", "normals", "padded_count", "seeded", "uniforms"]

# Words of all lanes fill two vector registers of 512 bits or four of 256. Another number changes every result.
LANES = 32
# Without "nnan" and "ninf": infinities and NaN keep their meaning.
FAST = {"reassoc", "contract", "nsz", "arcp"}
f32, i32, u32 = np.float32, np.int32, np.uint32


def seeded(sequence: np.random.SeedSequence, chains: int) -> np.ndarray:
    """Initialise the states of the generators of every chain, (chains, 4, LANES) uint32."""
    words = sequence.generate_state(chains * 4 * LANES, np.uint32)
    return words.reshape(chains, 4, LANES)


@njit(cache=True)
def _words(state, out):
    """Fill `out`, a multiple of LANES long, with random 32-bit words."""
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for block in range(out.size // LANES):
        row = out[block * LANES : (block + 1) * LANES]
        for lane in range(LANES):
            a, b, c, d = s0[lane], s1[lane], s2[lane], s3[lane]
            x = u32(a + d)
            row[lane] = u32(u32(u32(x << u32(7)) | u32(x >> u32(25))) + a)
            c, d = u32(c ^ a), u32(d ^ b)
            s0[lane], s1[lane] = u32(a ^ d), u32(b ^ c)
            s2[lane] = u32(c ^ u32(b << u32(9)))
            s3[lane] = u32(u32(d << u32(11)) | u32(d >> u32(21)))


@njit(fastmath=FAST, cache=True)
def _minus_log(word):
    """Compute -ln((word + 1/2) / 2^32), with the polynomial of Cephes' logf for the mantissa."""
    bits = np.float32(f32(word) + f32(0.5)).view(np.int32)
    exponent = i32(i32(bits - i32(0x3F3504F3)) >> i32(23))
    m = np.int32(bits - i32(exponent << i32(23))).view(np.float32) - f32(1)
    y = f32(7.0376836292e-2)
    y = y * m + f32(-1.1514610310e-1)
    y = y * m + f32(1.1676998740e-1)
    y = y * m + f32(-1.2420140846e-1)
    y = y * m + f32(1.4249322787e-1)
    y = y * m + f32(-1.6668057665e-1)
    y = y * m + f32(2.0000714765e-1)
    y = y * m + f32(-2.4999993993e-1)
    y = y * m + f32(3.3333331174e-1)
    mantissa = y * m * m * m - f32(0.5) * m * m + m
    return max(f32(0), f32(32 - exponent) * f32(0.6931471805599453) - mantissa)


@njit(fastmath=FAST, cache=True)
def _box_muller(words, out):
    """Map uniform words to standard normal variables by Box-Muller: radii from the first half, angles from the second."""
    # Sine and cosine are Taylor series about a quarter turn and zero, in units of a turn.
    half = words.size // 2
    for i in range(half):
        radius = np.sqrt(f32(2) * _minus_log(words[i]))
        turn = f32(i32(words[half + i])) * f32(2.0**-32)
        q = abs(turn) - f32(0.25)
        p = q * q
        sine = f32(42.058694) + p * f32(-15.094643)
        sine = f32(81.605249) + p * (f32(-76.705859) + p * sine)
        sine = q * (f32(6.2831853) + p * (f32(-41.341702) + p * sine))
        cosine = f32(60.244641) + p * (f32(-26.426257) + p * f32(7.9035364))
        cosine = f32(64.939394) + p * (f32(-85.456817) + p * cosine)
        cosine = f32(1) + p * (f32(-19.739209) + p * cosine)
        out[i] = radius * sine
        out[half + i] = radius * cosine * (f32(1) if turn >= f32(0) else f32(-1))


@njit(cache=True)
def normals(state, words, out):
    """Fill `out` (n,) float32 with standard normal variables of one chain.

    Arguments:
        state: (4, LANES), updated.
        words: (n,) uint32, scratch; n is a multiple of 2 LANES (`padded_count`).
    """
    _words(state, words)
    _box_muller(words, out)


@njit(cache=True)
def uniforms(state, words, out):
    """Fill `out` (m,), m <= LANES / 2, with uniform variables in [0, 1) of 53 bits; `words` (>= LANES,) is scratch."""
    _words(state, words[:LANES])
    for i in range(out.size):
        high, low = words[2 * i] >> u32(5), words[2 * i + 1] >> u32(6)
        out[i] = (high * 67108864.0 + low) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def padded_count(count):
    """Round `count` up to a multiple of 2 LANES."""
    return -(-count // (2 * LANES)) * 2 * LANES
