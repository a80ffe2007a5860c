#include "crypto/idea.h"

#include "crypto/library.h"

#include <string.h>

enum { ROUNDS = 8, PER_ROUND = 6, WORDS = 4 };

/* Multiplication modulo 2^16 + 1, a prime, in which 0 is 2^16. */
static uint16_t multiply(uint16_t a, uint16_t b)
{
    uint64_t x = a ? a : 0x10000, y = b ? b : 0x10000;
    return (uint16_t)(x * y % 0x10001);
}

/* x^(p - 2), by Fermat's little theorem; p - 2 is 2^16 - 1, so that each of 16 bits is set. */
static uint16_t inverse(uint16_t x)
{
    uint16_t result = 1;
    for (int bit = 0; bit < 16; bit++)
        result = multiply(multiply(result, result), x);
    return result;
}

static uint16_t negative(uint16_t x)
{
    return (uint16_t)(0x10000 - x);
}

/* Eight words of the key at a time; then the key is rotated to the left by 25 bits. */
static void expand(uint16_t *subkeys, const uint8_t *key)
{
    uint16_t words[8], turned[8];
    for (size_t i = 0; i < 8; i++)
        words[i] = wt_get16(key + 2 * i);
    for (size_t i = 0; i < WT_IDEA_SUBKEYS; i++) {
        subkeys[i] = words[i % 8];
        if (i % 8 != 7)
            continue;
        for (size_t j = 0; j < 8; j++)
            turned[j] = (uint16_t)(words[(j + 1) % 8] << 9 | words[(j + 2) % 8] >> 7);
        memcpy(words, turned, sizeof words);
    }
    wt_wipe(words, sizeof words);
    wt_wipe(turned, sizeof turned);
}

/* The same network undoes itself with the subkeys from back to front: those of multiplication and addition inverted,
 * and the two of addition exchanged in every round but the outer ones, as the network exchanges its middle words. */
static void invert(uint16_t *subkeys)
{
    uint16_t forward[WT_IDEA_SUBKEYS];
    memcpy(forward, subkeys, sizeof forward);
    for (size_t round = 0; round <= ROUNDS; round++) {
        const uint16_t *from = forward + PER_ROUND * (ROUNDS - round);
        uint16_t *to = subkeys + PER_ROUND * round;
        bool outer = round == 0 || round == ROUNDS;
        to[0] = inverse(from[0]);
        to[1] = negative(from[outer ? 1 : 2]);
        to[2] = negative(from[outer ? 2 : 1]);
        to[3] = inverse(from[3]);
        if (round < ROUNDS)
            memcpy(to + 4, forward + PER_ROUND * (ROUNDS - 1 - round) + 4, 2 * sizeof *to);
    }
    wt_wipe(forward, sizeof forward);
}

static void block(const uint16_t *key, uint16_t x[WORDS])
{
    for (int round = 0; round < ROUNDS; round++, key += PER_ROUND) {
        uint16_t a = multiply(x[0], key[0]), b = (uint16_t)(x[1] + key[1]);
        uint16_t c = (uint16_t)(x[2] + key[2]), d = multiply(x[3], key[3]);
        uint16_t left = multiply(a ^ c, key[4]);
        uint16_t right = multiply((uint16_t)((b ^ d) + left), key[5]);
        left = (uint16_t)(left + right);
        x[0] = a ^ right;
        x[1] = c ^ right;
        x[2] = b ^ left;
        x[3] = d ^ left;
    }
    uint16_t b = x[1];
    x[0] = multiply(x[0], key[0]);
    x[1] = (uint16_t)(x[2] + key[1]);
    x[2] = (uint16_t)(b + key[2]);
    x[3] = multiply(x[3], key[3]);
}

void wt_idea_start(struct wt_idea *c, const uint8_t *key, bool seal)
{
    c->seal = seal;
    expand(c->subkeys, key);
    if (!seal)
        invert(c->subkeys);
}

void wt_idea_cbc(const struct wt_idea *c, const uint8_t *iv, struct wt_span in, uint8_t *out)
{
    uint16_t chain[WORDS], next[WORDS], x[WORDS];
    for (size_t i = 0; i < WORDS; i++)
        chain[i] = wt_get16(iv + 2 * i);
    for (size_t at = 0; at < in.n; at += WT_IDEA_BLOCK) {
        for (size_t i = 0; i < WORDS; i++) {
            next[i] = wt_get16(in.p + at + 2 * i);
            x[i] = c->seal ? next[i] ^ chain[i] : next[i];
        }
        block(c->subkeys, x);
        for (size_t i = 0; i < WORDS; i++) {
            uint16_t word = c->seal ? x[i] : x[i] ^ chain[i];
            chain[i] = c->seal ? word : next[i];
            out[at + 2 * i] = (uint8_t)(word >> 8);
            out[at + 2 * i + 1] = (uint8_t)word;
        }
    }
    wt_wipe(x, sizeof x);
    wt_wipe(chain, sizeof chain);
}
