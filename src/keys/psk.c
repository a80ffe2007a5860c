#include "keys/psk.h"

#include "base/array.h"
#include "base/memory.h"
#include "crypto/library.h"
#include "keys/hex.h"
#include "registry/limits.h"

#include <stdlib.h>

_Static_assert(WT_LIMIT_PSK == 1024 && WT_LIMIT_PSKS == 65536, "sentences below say so");

struct wt_psk {
    uint8_t *bytes; /* the key, and the identity behind it */
    size_t n, identity_n;
};

static struct wt_span key_of(const struct wt_psk *p)
{
    return wt_span_of(p->bytes, p->n);
}

static struct wt_span identity_of(const struct wt_psk *p)
{
    return wt_span_of(p->bytes + p->n, p->identity_n);
}

static size_t slot_of(const struct wt_psks *s, struct wt_span identity)
{
    size_t i = wt_siphash(&s->key, identity) & (s->size - 1);
    while (s->slots[i] && !wt_span_equal(identity_of(&s->list[s->slots[i] - 1]), identity))
        i = (i + 1) & (s->size - 1);
    return i;
}

/* Slots for one more: at most half of them are taken. */
static bool grow_slots(struct wt_psks *s)
{
    size_t named = s->n - s->any_n;
    if (s->size && named < s->size / 2)
        return true;
    size_t size = s->size ? 2 * s->size : 16;
    uint32_t *slots = wt_calloc(size, sizeof *slots), *old = s->slots;
    if (!slots)
        return false;
    size_t old_size = s->size;
    s->slots = slots;
    s->size = size;
    for (size_t i = 0; i < old_size; i++)
        if (old[i])
            s->slots[slot_of(s, identity_of(&s->list[old[i] - 1]))] = old[i];
    free(old);
    return true;
}

/* The list holds no secrets itself: it may move. */
static bool grow_lists(struct wt_psks *s)
{
    return wt_array_grow(&s->list, s->n, &s->cap, sizeof *s->list, 8) &&
           wt_array_grow(&s->any, s->any_n, &s->any_cap, sizeof *s->any, 8) && grow_slots(s);
}

bool wt_psks_add(struct wt_psks *s, struct wt_span identity, struct wt_span psk, enum wt_problem_id *why)
{
    *why = WT_PROBLEM_NONE;
    if (!psk.n)
        *why = WT_PROBLEM_PSK_EMPTY;
    else if (psk.n > WT_LIMIT_PSK)
        *why = WT_PROBLEM_PSK_LONG;
    else if (identity.n > UINT16_MAX)
        *why = WT_PROBLEM_PSK_IDENTITY;
    else if (s->n >= WT_LIMIT_PSKS)
        *why = WT_PROBLEM_PSK_MANY;
    else if (!grow_lists(s))
        *why = WT_PROBLEM_MEMORY;
    if (*why)
        return false;
    size_t slot = identity.p ? slot_of(s, identity) : 0;
    if (identity.p && s->slots[slot]) {
        if (wt_span_equal(key_of(&s->list[s->slots[slot] - 1]), psk))
            return true;
        *why = WT_PROBLEM_PSK_OTHER;
        return false;
    }
    struct wt_psk p = {wt_malloc(psk.n + identity.n), psk.n, identity.n};
    if (!p.bytes) {
        *why = WT_PROBLEM_MEMORY;
        return false;
    }
    memcpy(p.bytes, psk.p, psk.n);
    if (identity.p && identity.n)
        memcpy(p.bytes + psk.n, identity.p, identity.n);
    if (identity.p)
        s->slots[slot] = (uint32_t)s->n + 1;
    else
        s->any[s->any_n++] = (uint32_t)s->n;
    s->list[s->n++] = p;
    return true;
}

bool wt_psks_find(const struct wt_psks *s, struct wt_span identity, size_t i, struct wt_span *psk)
{
    uint32_t named = identity.p && s->size ? s->slots[slot_of(s, identity)] : 0;
    if (named && i == 0) {
        *psk = key_of(&s->list[named - 1]);
        return true;
    }
    i -= named != 0;
    if (i >= s->any_n)
        return false;
    *psk = key_of(&s->list[s->any[i]]);
    return true;
}

void wt_psks_clear(struct wt_psks *s)
{
    for (size_t i = 0; i < s->n; i++) {
        wt_wipe(s->list[i].bytes, s->list[i].n);
        free(s->list[i].bytes);
    }
    free(s->list);
    free(s->any);
    free(s->slots);
    *s = (struct wt_psks){0};
}

static bool is_hex(struct wt_span text)
{
    return text.n && text.n % 2 == 0 && wt_hex_read(text, NULL, 0) == text.n;
}

/* Where the last colon stands; line.n when there is none: identities may have colons, keys have none. */
static size_t last_colon(struct wt_span line)
{
    for (size_t i = line.n; i-- > 0;)
        if (line.p[i] == ':')
            return i;
    return line.n;
}

/* GnuTLS writes an identity that is no plain text as hex behind a #, with which a comment begins as well: it is an
 * identity when hex, a colon and hex are all that follows. */
enum wt_psk_line wt_psk_line(struct wt_span line, uint8_t *identity, size_t *identity_n, uint8_t *psk, size_t *psk_n,
                             size_t *column, enum wt_problem_id *why)
{
    while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
        line.n--;
    size_t colon = last_colon(line);
    struct wt_span name = wt_span_cut(line, 0, colon), key = wt_span_cut(line, colon + 1, line.n);
    bool mark = line.n && line.p[0] == '#', hex = mark && is_hex(wt_span_cut(name, 1, name.n)) && is_hex(key);
    if (!line.n || (mark && !hex))
        return WT_PSK_NOTHING;
    *column = 1;
    if (colon == line.n) {
        *why = WT_PROBLEM_PSK_COLON;
        return WT_PSK_WRONG;
    }
    size_t digits = wt_hex_read(key, psk, line.n);
    *column = colon + 2;
    if (!key.n) {
        *why = WT_PROBLEM_PSK_EMPTY;
        return WT_PSK_WRONG;
    }
    if (digits != key.n) {
        *column += digits;
        *why = WT_PROBLEM_DIGIT;
        return WT_PSK_WRONG;
    }
    if (digits % 2) {
        *why = WT_PROBLEM_PSK_ODD;
        return WT_PSK_WRONG;
    }
    *psk_n = digits / 2;
    if (hex) {
        *identity_n = wt_hex_read(wt_span_cut(name, 1, name.n), identity, line.n) / 2;
    } else {
        *identity_n = name.n;
        if (name.n)
            memcpy(identity, name.p, name.n);
    }
    return WT_PSK_LINE;
}
