#include "keys/prf.h"

#include "base/memory.h"
#include "crypto/mac.h"
#include "keys/derive.h"

#include <stdlib.h>

enum { RANDOM = 32, VERIFY_DATA = 12, MD5_LENGTH = 16, SHA1_LENGTH = 20, SEEDS_MOST = 5, LETTERS = 26 };

struct row {
    const char *id, *label, *rfc[WT_ERAS], *why;
};

static const struct row rows[] = {
#define WT_DERIVED(ID, id, label, ssl3, tls10, tls11, tls12, tlcp, why)                                                \
    [WT_DERIVED_##ID] = {id, label, {ssl3, tls10, tls11, tls12, tlcp}, why},
#include "keys/prf.def"
#undef WT_DERIVED
};

/* RFC 5246, 5: "PRF(secret, label, seed) = P_<hash>(secret, label + seed)". */
static const char *const prf_names[WT_HASH_COUNT] = {
#define WT_HASH(id, name, openssl, length) [WT_HASH_##id] = "PRF (P_" name ")",
#include "registry/hashes.def"
#undef WT_HASH
};

enum wt_era wt_era_of(uint16_t version)
{
    switch (wt_version_as_tls(version)) {
    case WT_SSL3:
        return WT_ERA_SSL3;
    case WT_TLS10:
        return WT_ERA_TLS10;
    case WT_TLS11:
        return WT_ERA_TLS11;
    case WT_TLS12:
        return WT_ERA_TLS12;
    case WT_TLCP:
        return WT_ERA_TLCP;
    default:
        return WT_ERAS;
    }
}

static struct wt_step_part part(const char *name, const void *p, size_t n)
{
    return (struct wt_step_part){name, wt_span_of(p, n), false};
}

/* The PRF's one hash; NONE for TLS 1.0's and 1.1's pair of MD5 and SHA-1, which the Russian suites replace by their own
 * hash in those versions already. */
enum wt_hash_id wt_prf_hash(const struct wt_terms *terms)
{
    enum wt_hash_id hash = (enum wt_hash_id)terms->suite->prf;
    enum wt_era era = wt_era_of(terms->version);
    if ((era == WT_ERA_TLS10 || era == WT_ERA_TLS11) && hash != WT_HASH_GOST && hash != WT_HASH_STREEBOG)
        return WT_HASH_NONE;
    return hash;
}

/* RFC 2246, 5: "PRF(secret, label, seed) = P_MD5(S1, label + seed) XOR P_SHA-1(S2, label + seed)"; the halves of a
 * secret of odd length share its middle byte. */
static bool prf_halves(struct wt_crypto *crypto, struct wt_span secret, const struct wt_span *seed, size_t count,
                       uint8_t *out, size_t n)
{
    size_t half = (secret.n + 1) / 2;
    uint8_t *sha = wt_malloc(n ? n : 1);
    if (!sha)
        return false;
    bool ok = wt_p_hash(crypto, WT_HASH_MD5, wt_span_cut(secret, 0, half), seed, count, out, n) == n &&
              wt_p_hash(crypto, WT_HASH_SHA1, wt_span_cut(secret, secret.n - half, half), seed, count, sha, n) == n;
    for (size_t i = 0; i < n && ok; i++)
        out[i] ^= sha[i];
    wt_wipe(sha, n);
    free(sha);
    return ok;
}

bool wt_prf(const struct wt_terms *terms, struct wt_span secret, const char *label, const struct wt_span *seed,
            size_t count, uint8_t *out, size_t n)
{
    struct wt_span seeds[SEEDS_MOST + 1] = {wt_span_text(label)};
    enum wt_era era = wt_era_of(terms->version);
    if (era == WT_ERA_SSL3 || era == WT_ERAS || count > SEEDS_MOST)
        return false;
    for (size_t i = 0; i < count; i++)
        seeds[i + 1] = seed[i];
    enum wt_hash_id hash = wt_prf_hash(terms);
    return hash == WT_HASH_NONE ? prf_halves(terms->crypto, secret, seeds, count + 1, out, n)
                                : wt_p_hash(terms->crypto, hash, secret, seeds, count + 1, out, n) == n;
}

void wt_derive_say(const struct wt_terms *terms, enum wt_derived what, const char *function,
                   const struct wt_step_part *in, size_t count, struct wt_span out)
{
    const struct row *row = &rows[what];
    enum wt_era era = wt_era_of(terms->version);
    wt_steps_say(terms->steps, &(struct wt_step){
                                   .id = row->id,
                                   .function = function,
                                   .why = row->why,
                                   .rfc = era < WT_ERAS ? row->rfc[era] : NULL,
                                   .in = in,
                                   .in_count = count,
                                   .out = {row->id, out, false},
                               });
}

static bool derive_as(const struct wt_terms *terms, enum wt_derived what, const char *label, struct wt_step_part secret,
                      const struct wt_step_part *seed, size_t count, uint8_t *out, size_t n)
{
    struct wt_step_part in[2 + SEEDS_MOST] = {secret, {"label", wt_span_text(label), true}};
    struct wt_span spans[SEEDS_MOST];
    if (count > SEEDS_MOST)
        return false;
    for (size_t i = 0; i < count; i++) {
        in[2 + i] = seed[i];
        spans[i] = seed[i].bytes;
    }
    if (!wt_prf(terms, secret.bytes, label, spans, count, out, n))
        return false;
    if (terms->steps) {
        enum wt_hash_id hash = wt_prf_hash(terms);
        wt_derive_say(terms, what, hash == WT_HASH_NONE ? "PRF (P_MD5 XOR P_SHA-1)" : prf_names[hash], in, 2 + count,
                      wt_span_of(out, n));
    }
    return true;
}

bool wt_derive(const struct wt_terms *terms, enum wt_derived what, struct wt_step_part secret,
               const struct wt_step_part *seed, size_t count, uint8_t *out, size_t n)
{
    return derive_as(terms, what, rows[what].label, secret, seed, count, out, n);
}

bool wt_derive_md5(const struct wt_terms *terms, enum wt_derived what, const char *function,
                   const struct wt_step_part *parts, size_t count, uint8_t *out, size_t n)
{
    struct wt_span spans[SEEDS_MOST];
    uint8_t digest[WT_DIGEST_MOST];
    if (count > SEEDS_MOST || n > MD5_LENGTH)
        return false;
    for (size_t i = 0; i < count; i++)
        spans[i] = parts[i].bytes;
    if (wt_digest_parts(terms->crypto, WT_HASH_MD5, spans, count, digest) != MD5_LENGTH)
        return false;
    memcpy(out, digest, n);
    wt_wipe(digest, sizeof digest);
    wt_derive_say(terms, what, function, parts, count, wt_span_of(out, n));
    return true;
}

/* RFC 6101, 6.2.2: "key_block = MD5(master_secret + SHA(`A' + master_secret + ServerHello.random + ClientHello.random))
 * + MD5(master_secret + SHA(`BB' + …". The master secret has the same form with the randoms the other way round (6.1).
 */
bool wt_derive_ssl3(const struct wt_terms *terms, enum wt_derived what, struct wt_step_part secret,
                    const struct wt_step_part randoms[2], uint8_t *out, size_t n)
{
    uint8_t letters[LETTERS], inner[WT_DIGEST_MOST], outer[WT_DIGEST_MOST];
    bool ok = n <= LETTERS * MD5_LENGTH;
    for (unsigned i = 0; ok && i * (size_t)MD5_LENGTH < n; i++) {
        memset(letters, 'A' + (int)i, i + 1);
        const struct wt_span first[] = {wt_span_of(letters, i + 1), secret.bytes, randoms[0].bytes, randoms[1].bytes};
        ok = wt_digest_parts(terms->crypto, WT_HASH_SHA1, first, 4, inner) == SHA1_LENGTH;
        const struct wt_span then[] = {secret.bytes, wt_span_of(inner, SHA1_LENGTH)};
        ok = ok && wt_digest_parts(terms->crypto, WT_HASH_MD5, then, 2, outer) == MD5_LENGTH;
        size_t at = i * (size_t)MD5_LENGTH;
        if (ok)
            memcpy(out + at, outer, n - at < MD5_LENGTH ? n - at : MD5_LENGTH);
    }
    wt_wipe(inner, sizeof inner);
    wt_wipe(outer, sizeof outer);
    if (ok)
        wt_derive_say(terms, what, "MD5(secret + SHA('A', 'BB', … + secret + randoms))",
                      (const struct wt_step_part[]){secret, randoms[0], randoms[1]}, 3, wt_span_of(out, n));
    return ok;
}

/* RFC 5246, 8.1: "master_secret = PRF(pre_master_secret, "master secret", ClientHello.random +
 * ServerHello.random)[0..47]". RFC 7627, 4: "PRF(pre_master_secret, "extended master secret", session_hash)[0..47]";
 * SSL 3.0 has no extended form. */
bool wt_master_secret(const struct wt_terms *terms, struct wt_span premaster, struct wt_span session_hash,
                      uint8_t master[WT_MASTER])
{
    const struct wt_step_part secret = {"pre_master_secret", premaster, false};
    const struct wt_step_part hash = {"session_hash", session_hash, false};
    const struct wt_step_part randoms[] = {part("client_random", terms->client_random, RANDOM),
                                           part("server_random", terms->server_random, RANDOM)};
    if (wt_era_of(terms->version) == WT_ERA_SSL3)
        return wt_derive_ssl3(terms, WT_DERIVED_MASTER, secret, randoms, master, WT_MASTER);
    return session_hash.n ? wt_derive(terms, WT_DERIVED_EXTENDED_MASTER, secret, &hash, 1, master, WT_MASTER)
                          : wt_derive(terms, WT_DERIVED_MASTER, secret, randoms, 2, master, WT_MASTER);
}

void wt_derive_say_hash(const struct wt_terms *terms, enum wt_derived what, struct wt_span hash)
{
    enum wt_hash_id id = wt_prf_hash(terms);
    wt_derive_say(terms, what, id == WT_HASH_NONE ? "MD5 + SHA-1" : wt_hash_info_of(id)->name, NULL, 0, hash);
}

/* The hash of a transcript as the version takes it: RFC 5246, 7.4.9; RFC 2246, 7.4.9: "MD5(handshake_messages) +
 * SHA-1(handshake_messages)". Returns its length, 0 on failure. */
static size_t transcript_hash(const struct wt_terms *terms, struct wt_span messages, uint8_t out[WT_DIGEST_MOST])
{
    enum wt_era era = wt_era_of(terms->version);
    enum wt_hash_id hash = wt_prf_hash(terms);
    if (era == WT_ERA_SSL3 || era == WT_ERAS)
        return 0;
    if (hash != WT_HASH_NONE)
        return wt_digest(terms->crypto, hash, messages, out);
    if (wt_digest(terms->crypto, WT_HASH_MD5, messages, out) != MD5_LENGTH ||
        wt_digest(terms->crypto, WT_HASH_SHA1, messages, out + MD5_LENGTH) != SHA1_LENGTH)
        return 0;
    return MD5_LENGTH + SHA1_LENGTH;
}

size_t wt_session_hash_of(const struct wt_terms *terms, struct wt_span messages, uint8_t out[WT_DIGEST_MOST])
{
    size_t n = transcript_hash(terms, messages, out);
    if (n)
        wt_derive_say_hash(terms, WT_DERIVED_SESSION_HASH, wt_span_of(out, n));
    return n;
}

/* RFC 6101, 5.6.9: hash(master_secret + pad2 + hash(handshake_messages + Sender + master_secret + pad1)), with MD5 and
 * with SHA; 5.6.8 is the same without a Sender. The pads are 48 bytes for MD5 and 40 for SHA (5.2.3.1). */
static bool ssl3_hash(const struct wt_terms *terms, enum wt_hash_id hash, const uint8_t *master, struct wt_span sender,
                      struct wt_span messages, uint8_t *out)
{
    static const char *const functions[2] = {
        "MD5(master_secret + pad2 + MD5(messages + Sender + master_secret + pad1))",
        "SHA(master_secret + pad2 + SHA(messages + Sender + master_secret + pad1))",
    };
    bool md5 = hash == WT_HASH_MD5;
    uint8_t pad1[48], pad2[48], inner[WT_DIGEST_MOST], outer[WT_DIGEST_MOST];
    size_t pad = md5 ? 48 : 40, n = md5 ? MD5_LENGTH : SHA1_LENGTH;
    struct wt_span secret = wt_span_of(master, WT_MASTER);
    memset(pad1, 0x36, sizeof pad1);
    memset(pad2, 0x5c, sizeof pad2);
    const struct wt_span first[] = {messages, sender, secret, wt_span_of(pad1, pad)};
    if (wt_digest_parts(terms->crypto, hash, first, 4, inner) != n)
        return false;
    const struct wt_span then[] = {secret, wt_span_of(pad2, pad), wt_span_of(inner, n)};
    if (wt_digest_parts(terms->crypto, hash, then, 3, outer) != n)
        return false;
    memcpy(out, outer, n);
    const struct wt_step_part in[] = {
        {"master_secret", secret, false}, {"inner hash", wt_span_of(inner, n), false}, {"Sender", sender, true}};
    wt_derive_say(terms, md5 ? WT_DERIVED_MD5_HASH : WT_DERIVED_SHA_HASH, functions[!md5], in, sender.n ? 3 : 2,
                  wt_span_of(out, n));
    return true;
}

static bool ssl3_hashes(const struct wt_terms *terms, const uint8_t *master, struct wt_span sender,
                        struct wt_span messages, uint8_t out[36])
{
    return ssl3_hash(terms, WT_HASH_MD5, master, sender, messages, out) &&
           ssl3_hash(terms, WT_HASH_SHA1, master, sender, messages, out + MD5_LENGTH);
}

bool wt_ssl3_certificate_digests(const struct wt_terms *terms, const uint8_t master[WT_MASTER], struct wt_span messages,
                                 uint8_t out[36])
{
    return ssl3_hashes(terms, master, (struct wt_span){0}, messages, out);
}

/* RFC 5246, 7.4.9: "PRF(master_secret, finished_label, Hash(handshake_messages))[0..verify_data_length-1]"; "In
 * previous versions of TLS, the verify_data was always 12 octets long. In the current version of TLS, it depends on the
 * cipher suite. Any cipher suite which does not explicitly specify verify_data_length has a verify_data_length equal to
 * 12." Those that do are Russian (RFC 9189), whose hash libcrypto lacks. */
size_t wt_verify_data_of(const struct wt_terms *terms, const uint8_t master[WT_MASTER], unsigned side,
                         struct wt_span handshake_hash, uint8_t out[36])
{
    const struct wt_step_part secret = part("master_secret", master, WT_MASTER);
    const struct wt_step_part seed = {"handshake_hash", handshake_hash, false};
    wt_derive_say_hash(terms, WT_DERIVED_HANDSHAKE_HASH, handshake_hash);
    return wt_derive(terms, side ? WT_DERIVED_SERVER_FINISHED : WT_DERIVED_CLIENT_FINISHED, secret, &seed, 1, out,
                     VERIFY_DATA)
               ? VERIFY_DATA
               : 0;
}

size_t wt_verify_data(const struct wt_terms *terms, const uint8_t master[WT_MASTER], unsigned side,
                      struct wt_span messages, uint8_t out[36])
{
    uint8_t hash[WT_DIGEST_MOST];
    if (wt_era_of(terms->version) == WT_ERA_SSL3)
        return ssl3_hashes(terms, master, wt_span_text(side ? "SRVR" : "CLNT"), messages, out)
                   ? MD5_LENGTH + SHA1_LENGTH
                   : 0;
    size_t n = transcript_hash(terms, messages, hash);
    return n ? wt_verify_data_of(terms, master, side, wt_span_of(hash, n), out) : 0;
}

static void put16(uint8_t *out, size_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

/* RFC 4279, 2: "struct { opaque other_secret<0..2^16-1>; opaque psk<0..2^16-1>; };" and for plain PSK: "if the PSK is N
 * octets long, concatenate a uint16 with the value N, N zero octets, a second uint16 with the value N, and the PSK
 * itself". */
size_t wt_psk_premaster(struct wt_span psk, struct wt_span other, uint8_t *out, size_t size)
{
    size_t first = other.n ? other.n : psk.n;
    if (first > UINT16_MAX || psk.n > UINT16_MAX || size < 4 + first + psk.n)
        return 0;
    put16(out, first);
    if (other.n)
        memcpy(out + 2, other.p, first);
    else
        memset(out + 2, 0, first);
    put16(out + 2 + first, psk.n);
    if (psk.n)
        memcpy(out + 4 + first, psk.p, psk.n);
    return 4 + first + psk.n;
}

/* RFC 5705, 4: "PRF(SecurityParameters.master_secret, label, SecurityParameters.client_random +
 * SecurityParameters.server_random + context_value_length + context_value)[length]"; without a context the last two are
 * left out, which is not the same as an empty one. */
bool wt_exporter12(const struct wt_terms *terms, const uint8_t master[WT_MASTER], const char *label,
                   struct wt_span context, uint8_t *out, size_t n)
{
    uint8_t length[2];
    if (context.n > UINT16_MAX)
        return false;
    put16(length, context.n);
    const struct wt_step_part seed[] = {part("client_random", terms->client_random, RANDOM),
                                        part("server_random", terms->server_random, RANDOM),
                                        part("context_value_length", length, 2),
                                        {"context_value", context, false}};
    return derive_as(terms, WT_DERIVED_EXPORTER, label, part("master_secret", master, WT_MASTER), seed,
                     context.p ? 4 : 2, out, n);
}
