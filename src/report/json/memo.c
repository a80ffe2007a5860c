#include "report/json/memo.h"

#include "base/memory.h"
#include "registry/limits.h"

#include <stdlib.h>

struct kept {
    uint64_t of, more[2];
    uint8_t *bytes; /* of the texts of the key, each with its end, then of what is written; NULL: nothing is kept */
    uint16_t key, written;                /* how many */
    uint16_t lengths[WT_JSON_MEMO_TEXTS]; /* of the texts, with their ends */
    uint8_t count;                        /* of the texts */
    bool comma;                           /* a value is complete after what is written */
    uint8_t uses; /* from MOST_USES when it was used, less one each time that another found no place */
};

enum { MOST_USES = 3, WAYS = 4, SETS = WT_LIMIT_JSON_MEMO / WAYS };

/* Each key has a few places. What is there stays as long as it is used. */
struct wt_json_memo {
    struct kept sets[SETS][WAYS];
};

struct wt_json_memo *wt_json_memo_new(void)
{
    return wt_calloc(1, sizeof(struct wt_json_memo));
}

void wt_json_memo_free(struct wt_json_memo *memo)
{
    for (size_t i = 0; memo && i < WT_LIMIT_JSON_MEMO; i++)
        free(memo->sets[i / WAYS][i % WAYS].bytes);
    free(memo);
}

static struct kept *set_of(struct wt_json_memo *memo, const struct wt_json_memo_key *key)
{
    const uint64_t mixed = (key->of ^ key->more[0] * 0xd6e8feb86659fd93u ^ key->more[1] * 0xc2b2ae3d27d4eb4fu);
    return memo->sets[(mixed * 0x9e3779b97f4a7c15u >> 32) % SETS];
}

static bool has_texts(const struct kept *k, const struct wt_json_memo_key *key)
{
    const char *p = (const char *)k->bytes;
    if (k->count != key->count)
        return false;
    for (size_t i = 0; i < key->count; i++) {
        if (strcmp(p, key->texts[i]) != 0)
            return false;
        p += k->lengths[i];
    }
    return true;
}

static struct kept *find(struct wt_json_memo *memo, const struct wt_json_memo_key *key)
{
    struct kept *set = set_of(memo, key);
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].of == key->of && set[i].more[0] == key->more[0] && set[i].more[1] == key->more[1] && set[i].bytes &&
            has_texts(&set[i], key))
            return &set[i];
    return NULL;
}

bool wt_json_memo_write(struct wt_json *j, const struct wt_json_memo_key *key)
{
    struct kept *k = j->memo ? find(j->memo, key) : NULL;
    if (!k)
        return false;
    k->uses = MOST_USES;
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
                       .count = (uint8_t)key->count,
                       .written = (uint16_t)written.n,
                       .comma = comma,
                       .uses = 1};
    for (size_t i = 0; i < key->count; i++) {
        const size_t n = strlen(key->texts[i]) + 1;
        memcpy(bytes, key->texts[i], n);
        bytes += n;
        k->lengths[i] = (uint16_t)n;
    }
    memcpy(bytes, written.p, written.n);
}

/* A place that was not used while others were looked for; NULL when all were. */
static struct kept *place_in(struct kept *set)
{
    struct kept *unused = NULL;
    for (size_t i = 0; i < WAYS && !unused; i++)
        unused = set[i].uses ? NULL : &set[i];
    for (size_t i = 0; i < WAYS && !unused; i++)
        set[i].uses--;
    return unused;
}

void wt_json_memo_end(struct wt_json *j, const struct wt_json_memo_key *key, size_t start)
{
    struct kept *k = j->memo ? place_in(set_of(j->memo, key)) : NULL;
    if (k && j->n > start && length_of(key) <= WT_LIMIT_JSON_MEMO_BYTES)
        keep(k, key, wt_span_of(j->room + start, j->n - start), j->comma);
}
