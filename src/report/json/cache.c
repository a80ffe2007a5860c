#include "report/json/cache.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/uninitialized.h"
#include "registry/limits.h"
#include "report/json/certificate.h"

#include <stdlib.h>

struct kept {
    uint8_t sha256[32]; /* of its DER, from which all that the object says is read */
    uint8_t *json;
    uint32_t length;
};

/* Each certificate has one slot, by the first bits of its digest; a later one of the same slot takes it over. */
struct wt_json_cache {
    struct wt_json_patterns *patterns; /* these two are made when they are asked for first */
    struct wt_json_memo *memo;
    struct kept slots[WT_LIMIT_JSON_CACHE_SLOTS];
};

struct wt_json_cache *wt_json_cache_new(void)
{
    return wt_calloc(1, sizeof(struct wt_json_cache));
}

struct wt_json_patterns *wt_json_cache_patterns(struct wt_json_cache *cache)
{
    if (!cache->patterns)
        cache->patterns = wt_json_patterns_new();
    return cache->patterns;
}

struct wt_json_memo *wt_json_cache_memo(struct wt_json_cache *cache)
{
    if (!cache->memo)
        cache->memo = wt_json_memo_new();
    return cache->memo;
}

void wt_json_cache_free(struct wt_json_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < WT_LIMIT_JSON_CACHE_SLOTS; i++)
        free(cache->slots[i].json);
    wt_json_patterns_free(cache->patterns);
    wt_json_memo_free(cache->memo);
    free(cache);
}

static bool add(void *context, const char *bytes, size_t n)
{
    struct wt_buffer *b = context;
    return b->n + n <= WT_LIMIT_JSON_CACHE_OBJECT && wt_buffer_add(b, bytes, n);
}

/* The object in a buffer of its own; empty when it does not fit. */
static struct wt_buffer written(const struct wt_certificate_facts *f)
{
    struct wt_buffer b = {0};
    struct wt_output output = {.write = add, .context = &b};
    struct wt_json j WT_UNINITIALIZED;
    wt_json_start(&j, &output);
    wt_json_certificate(&j, f);
    wt_json_flush(&j);
    if (output.failed)
        wt_buffer_free(&b);
    return b;
}

struct wt_span wt_json_cache_certificate(struct wt_json_cache *cache, const struct wt_certificate_facts *f)
{
    static const uint8_t none[sizeof f->sha256];
    struct kept *slot = &cache->slots[(f->sha256[0] << 8 | f->sha256[1]) % WT_LIMIT_JSON_CACHE_SLOTS];
    if (slot->json && memcmp(slot->sha256, f->sha256, sizeof f->sha256) == 0)
        return wt_span_of(slot->json, slot->length);
    if (memcmp(f->sha256, none, sizeof none) == 0)
        return wt_span_of(NULL, 0);
    struct wt_buffer b = written(f);
    if (!b.n)
        return wt_span_of(NULL, 0);
    free(slot->json);
    memcpy(slot->sha256, f->sha256, sizeof f->sha256);
    slot->json = b.p;
    slot->length = (uint32_t)b.n;
    return wt_buffer_span(&b);
}
