/* Fingerprints that were made before. */
#include "observer/fingerprint/fingerprint.h"

#include "registry/limits.h"

#include <stdlib.h>

enum { KEY_MOST = 512 };

struct remembered {
    uint16_t n; /* bytes of the key; 0: nothing is remembered here */
    uint8_t key[KEY_MOST];
    struct wt_fingerprints of;
};

struct wt_fingerprint_memo {
    struct remembered slots[WT_LIMIT_FINGERPRINTS];
};

struct wt_fingerprint_memo *wt_fingerprint_memo_new(void)
{
    return calloc(1, sizeof(struct wt_fingerprint_memo));
}

void wt_fingerprint_memo_free(struct wt_fingerprint_memo *memo)
{
    free(memo);
}

/* Extensions of which more than the code point counts. */
static bool counts(uint16_t id)
{
    return id == WT_EXT_SUPPORTED_GROUPS || id == WT_EXT_EC_POINT_FORMATS || id == WT_EXT_SIGNATURE_ALGORITHMS ||
           id == WT_EXT_ALPN || id == WT_EXT_SUPPORTED_VERSIONS;
}

static bool put(uint8_t key[KEY_MOST], size_t *n, struct wt_span s)
{
    if (s.n > KEY_MOST - *n)
        return false;
    if (s.n)
        memcpy(key + *n, s.p, s.n);
    *n += s.n;
    return true;
}

/* All that either fingerprint is made of, each part with its length: equal keys are equal fingerprints. 0: too long. */
static size_t client_key(const struct wt_client_hello *hello, uint8_t key[KEY_MOST])
{
    size_t n = 5;
    struct wt_span rest = hello->extensions.block;
    struct wt_extension e;
    key[0] = WT_HANDSHAKE_CLIENT_HELLO;
    key[1] = (uint8_t)(hello->legacy_version >> 8);
    key[2] = (uint8_t)hello->legacy_version;
    key[3] = (uint8_t)(hello->cipher_suites.n >> 8);
    key[4] = (uint8_t)hello->cipher_suites.n;
    if (!put(key, &n, hello->cipher_suites))
        return 0;
    while (wt_extensions_next(&rest, &e)) {
        size_t body = counts(e.id) ? e.body.n : 0;
        const uint8_t head[4] = {(uint8_t)(e.id >> 8), (uint8_t)e.id, (uint8_t)(body >> 8), (uint8_t)body};
        if (!put(key, &n, wt_span_of(head, sizeof head)) || !put(key, &n, wt_span_cut(e.body, 0, body)))
            return 0;
    }
    return n;
}

static size_t server_key(const struct wt_server_hello *hello, uint8_t key[KEY_MOST])
{
    size_t n = 5;
    struct wt_span rest = hello->extensions.block;
    struct wt_extension e;
    key[0] = WT_HANDSHAKE_SERVER_HELLO;
    key[1] = (uint8_t)(hello->legacy_version >> 8);
    key[2] = (uint8_t)hello->legacy_version;
    key[3] = (uint8_t)(hello->cipher_suite >> 8);
    key[4] = (uint8_t)hello->cipher_suite;
    while (wt_extensions_next(&rest, &e)) {
        const uint8_t id[2] = {(uint8_t)(e.id >> 8), (uint8_t)e.id};
        if (!put(key, &n, wt_span_of(id, sizeof id)))
            return 0;
    }
    return n;
}

/* Only where to look: what is found there is compared byte by byte. Who makes hellos that meet in one slot makes them
 * cost what all did without a memo. */
static size_t slot_of(const uint8_t *key, size_t n)
{
    uint64_t hash = n, word;
    size_t i = 0;
    for (; i + sizeof word <= n; i += sizeof word) {
        memcpy(&word, key + i, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    for (; i < n; i++)
        hash = (hash ^ key[i]) * 0x9e3779b97f4a7c15u;
    return (hash >> 32) % WT_LIMIT_FINGERPRINTS;
}

void wt_fingerprint_make(const struct wt_client_hello *hello, struct wt_crypto *crypto, struct wt_buffer *text,
                         struct wt_buffer *raw, struct wt_fingerprints *out)
{
    uint8_t digest[WT_DIGEST_MOST];
    memset(out, 0, sizeof *out);
    text->n = 0;
    if (raw)
        raw->n = 0;
    out->has_ja3 = wt_fingerprint_ja3(hello, text) &&
                   wt_digest(crypto, WT_HASH_MD5, wt_buffer_span(text), digest) == sizeof out->ja3;
    if (out->has_ja3)
        memcpy(out->ja3, digest, sizeof out->ja3);
    (void)wt_fingerprint_ja4(hello, crypto, 't', out->ja4, raw);
}

/* Where what has this key is remembered; *known: it is. */
static struct remembered *recall(struct wt_fingerprint_memo *memo, const uint8_t *key, size_t n, bool *known)
{
    struct remembered *r = &memo->slots[slot_of(key, n)];
    *known = r->n == n && memcmp(r->key, key, n) == 0;
    return r;
}

static void remember(struct remembered *r, const uint8_t *key, size_t n, const struct wt_fingerprints *of)
{
    r->n = (uint16_t)n;
    memcpy(r->key, key, n);
    r->of = *of;
}

void wt_fingerprint_client(struct wt_fingerprint_memo *memo, const struct wt_client_hello *hello,
                           struct wt_crypto *crypto, struct wt_buffer *text, struct wt_fingerprints *out)
{
    uint8_t key[KEY_MOST];
    bool known = false;
    size_t n = memo ? client_key(hello, key) : 0;
    struct remembered *r = n ? recall(memo, key, n, &known) : NULL;
    if (known) {
        *out = r->of;
        return;
    }
    wt_fingerprint_make(hello, crypto, text, NULL, out);
    if (r)
        remember(r, key, n, out);
}

bool wt_fingerprint_server(struct wt_fingerprint_memo *memo, const struct wt_server_hello *hello,
                           struct wt_crypto *crypto, struct wt_buffer *text, uint8_t ja3s[16])
{
    uint8_t key[KEY_MOST], digest[WT_DIGEST_MOST];
    bool known = false;
    size_t n = memo ? server_key(hello, key) : 0;
    struct remembered *r = n ? recall(memo, key, n, &known) : NULL;
    if (known) {
        memcpy(ja3s, r->of.ja3, sizeof r->of.ja3);
        return r->of.has_ja3;
    }
    struct wt_fingerprints of = {0};
    text->n = 0;
    of.has_ja3 = wt_fingerprint_ja3s(hello, text) &&
                 wt_digest(crypto, WT_HASH_MD5, wt_buffer_span(text), digest) == sizeof of.ja3;
    if (of.has_ja3)
        memcpy(of.ja3, digest, sizeof of.ja3);
    if (r)
        remember(r, key, n, &of);
    memcpy(ja3s, of.ja3, sizeof of.ja3);
    return of.has_ja3;
}
