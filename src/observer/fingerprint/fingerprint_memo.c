/* Fingerprints that were made before. */
#include "base/memory.h"
#include "observer/fingerprint/fingerprint.h"

#include "base/uninitialized.h"
#include "registry/limits.h"

#include <stdlib.h>

enum { KEY_MOST = 512 };

struct remembered {
    uint16_t n; /* bytes of the key; 0: nothing is remembered here */
    uint8_t key[KEY_MOST];
    struct wt_fingerprints of;
    char *texts; /* both, when they were asked for; `of` points into it */
};

struct wt_fingerprint_memo {
    struct remembered slots[WT_LIMIT_FINGERPRINTS];
};

struct wt_fingerprint_memo *wt_fingerprint_memo_new(void)
{
    return wt_calloc(1, sizeof(struct wt_fingerprint_memo));
}

void wt_fingerprint_memo_free(struct wt_fingerprint_memo *memo)
{
    for (size_t i = 0; memo && i < WT_LIMIT_FINGERPRINTS; i++)
        free(memo->slots[i].texts);
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

static const char *ended(struct wt_buffer *text)
{
    return wt_buffer_add_char(text, 0) ? (const char *)text->p : NULL;
}

static bool hash_ja3(struct wt_crypto *crypto, const struct wt_buffer *text, uint8_t ja3[16])
{
    uint8_t digest[WT_DIGEST_MOST];
    if (wt_digest(crypto, WT_HASH_MD5, wt_buffer_span(text), digest) != 16)
        return false;
    memcpy(ja3, digest, 16);
    return true;
}

static void make_client(const struct wt_client_hello *hello, struct wt_crypto *crypto, struct wt_buffer *text,
                        struct wt_buffer *raw, struct wt_fingerprints *out)
{
    *out = (struct wt_fingerprints){0};
    text->n = 0;
    out->has_ja3 = wt_fingerprint_ja3(hello, text) && hash_ja3(crypto, text, out->ja3);
    if (raw)
        raw->n = 0;
    (void)wt_fingerprint_ja4(hello, crypto, 't', out->ja4, raw);
    if (raw) {
        out->ja3_text = ended(text);
        out->ja4_raw = ended(raw);
    }
}

static void make_server(const struct wt_server_hello *hello, struct wt_crypto *crypto, struct wt_buffer *text,
                        bool texts, struct wt_fingerprints *out)
{
    *out = (struct wt_fingerprints){0};
    text->n = 0;
    out->has_ja3 = wt_fingerprint_ja3s(hello, text) && hash_ja3(crypto, text, out->ja3);
    if (texts)
        out->ja3_text = ended(text);
}

/* Where what has this key is remembered; *known: it is, with its texts if they are asked for. */
static struct remembered *recall(struct wt_fingerprint_memo *memo, const uint8_t *key, size_t n, bool texts,
                                 bool *known)
{
    struct remembered *r = &memo->slots[slot_of(key, n)];
    *known = r->n == n && (!texts || r->texts) && memcmp(r->key, key, n) == 0;
    return r;
}

/* Without memory for the texts they are made again each time. */
static void keep_texts(struct remembered *r)
{
    const struct wt_fingerprints *of = &r->of;
    const size_t first = of->ja3_text ? strlen(of->ja3_text) + 1 : 0,
                 second = of->ja4_raw ? strlen(of->ja4_raw) + 1 : 0;
    free(r->texts);
    r->texts = first ? wt_malloc(first + second) : NULL;
    if (r->texts) {
        memcpy(r->texts, of->ja3_text, first);
        if (second)
            memcpy(r->texts + first, of->ja4_raw, second);
    }
    r->of.ja3_text = r->texts;
    r->of.ja4_raw = r->texts && second ? r->texts + first : NULL;
}

static void remember(struct remembered *r, const uint8_t *key, size_t n, const struct wt_fingerprints *of)
{
    r->n = (uint16_t)n;
    memcpy(r->key, key, n);
    r->of = *of;
    keep_texts(r);
}

void wt_fingerprint_client(struct wt_fingerprint_memo *memo, const struct wt_client_hello *hello,
                           struct wt_crypto *crypto, struct wt_buffer *text, struct wt_buffer *raw,
                           struct wt_fingerprints *out)
{
    uint8_t key[KEY_MOST] WT_UNINITIALIZED;
    bool known = false;
    size_t n = memo ? client_key(hello, key) : 0;
    struct remembered *r = n ? recall(memo, key, n, raw, &known) : NULL;
    if (known) {
        *out = r->of;
        return;
    }
    make_client(hello, crypto, text, raw, out);
    if (r)
        remember(r, key, n, out);
}

void wt_fingerprint_server(struct wt_fingerprint_memo *memo, const struct wt_server_hello *hello,
                           struct wt_crypto *crypto, struct wt_buffer *text, bool texts, struct wt_fingerprints *out)
{
    uint8_t key[KEY_MOST] WT_UNINITIALIZED;
    bool known = false;
    size_t n = memo ? server_key(hello, key) : 0;
    struct remembered *r = n ? recall(memo, key, n, texts, &known) : NULL;
    if (known) {
        *out = r->of;
        return;
    }
    make_server(hello, crypto, text, texts, out);
    if (r)
        remember(r, key, n, out);
}
