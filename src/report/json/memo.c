#include "report/json/memo.h"

#include "base/fold.h"
#include "base/memory.h"
#include "registry/limits.h"

#include <stdlib.h>

struct kept {
    uint64_t of, more[2];
    uint8_t *bytes; /* of the texts of the key, each with its end, then of what is written; NULL: nothing is kept */
    uint16_t key, written; /* how many */
    bool comma;            /* a value is complete after what is written */
    uint8_t uses;          /* since it was last missed, up to MOST_USES */
};

enum { MOST_USES = 3 };

/* Each key has one place. What is there stays as long as it is used more often than others are looked for. */
struct wt_json_memo {
    struct kept places[WT_LIMIT_JSON_MEMO];
};

struct wt_json_memo *wt_json_memo_new(void)
{
    return wt_calloc(1, sizeof(struct wt_json_memo));
}

void wt_json_memo_free(struct wt_json_memo *memo)
{
    for (size_t i = 0; memo && i < WT_LIMIT_JSON_MEMO; i++)
        free(memo->places[i].bytes);
    free(memo);
}

static struct kept *place_of(struct wt_json_memo *memo, const struct wt_json_memo_key *key)
{
    const uint64_t hash = wt_fold(key->of ^ 0x9e3779b97f4a7c15u,
                                  wt_fold(key->more[0] ^ 0xd6e8feb86659fd93u, ~key->more[1]) ^ key->of << 1);
    return &memo->places[hash % WT_LIMIT_JSON_MEMO];
}

static bool is_of(const struct kept *k, const struct wt_json_memo_key *key)
{
    const uint8_t *p = k->bytes;
    size_t left = k->key;
    if (!p || k->of != key->of || k->more[0] != key->more[0] || k->more[1] != key->more[1])
        return false;
    for (size_t i = 0; i < key->count; i++) {
        const size_t n = strlen(key->texts[i]) + 1;
        if (n > left || memcmp(p, key->texts[i], n) != 0)
            return false;
        p += n;
        left -= n;
    }
    return !left;
}

bool wt_json_memo_write(struct wt_json *j, const struct wt_json_memo_key *key)
{
    if (!j->memo)
        return false;
    struct kept *k = place_of(j->memo, key);
    if (!is_of(k, key))
        return false;
    k->uses = (uint8_t)(k->uses < MOST_USES ? k->uses + 1 : k->uses);
    char *p = wt_json_room(j, 1u + k->written);
    *p = ',';
    p += j->comma;
    memcpy(p, k->bytes + k->key, k->written);
    j->n = (size_t)(p + k->written - j->room);
    j->comma = k->comma;
    return true;
}

/* A byte of a text takes five at most (\\xHH, with its backslash doubled), so that the block is not handed out before
 * the end of what can be kept. */
enum { MOST_WRITTEN = 5 * WT_LIMIT_JSON_MEMO_BYTES + 1024 };

size_t wt_json_memo_begin(struct wt_json *j)
{
    _Static_assert(MOST_WRITTEN < sizeof j->room, "it fits the block");
    return j->memo ? (size_t)(wt_json_room(j, 1 + MOST_WRITTEN) - j->room) + j->comma : 0;
}

/* Bytes of its texts, each with its end. */
static size_t length_of(const struct wt_json_memo_key *key)
{
    size_t n = 0;
    for (size_t i = 0; i < key->count; i++)
        n += strlen(key->texts[i]) + 1;
    return n;
}

static void keep(struct kept *k, const struct wt_json_memo_key *key, struct wt_span written, bool comma)
{
    const size_t length = length_of(key);
    uint8_t *bytes = length + written.n <= WT_LIMIT_JSON_MEMO_BYTES ? wt_malloc(length + written.n) : NULL;
    if (!bytes)
        return;
    free(k->bytes);
    *k = (struct kept){.of = key->of,
                       .more = {key->more[0], key->more[1]},
                       .bytes = bytes,
                       .key = (uint16_t)length,
                       .written = (uint16_t)written.n,
                       .comma = comma,
                       .uses = 1};
    for (size_t i = 0; i < key->count; i++) {
        const size_t n = strlen(key->texts[i]) + 1;
        memcpy(bytes, key->texts[i], n);
        bytes += n;
    }
    memcpy(bytes, written.p, written.n);
}

void wt_json_memo_end(struct wt_json *j, const struct wt_json_memo_key *key, size_t start)
{
    struct kept *k = j->memo ? place_of(j->memo, key) : NULL;
    if (k && k->uses)
        k->uses--;
    else if (k && j->n > start && length_of(key) <= WT_LIMIT_JSON_MEMO_BYTES)
        keep(k, key, wt_span_of(j->room + start, j->n - start), j->comma);
}
