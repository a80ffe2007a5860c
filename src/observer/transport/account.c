#include "observer/transport/account.h"

#include "observer/detect/datagram.h"

#include <stdlib.h>

_Static_assert(WT_BUCKET_TLS == WT_BUCKET_TCP + 1, "wt_account_segment() counts so");

static const char *const names[WT_BUCKETS] = {
#define WT_BUCKET(ID, name) name,
#include "observer/transport/account.def"
#undef WT_BUCKET
};

/* Counts under a number; false when there are too many. */
static bool count_number(struct wt_numbers *n, enum wt_stop stop, uint32_t number, uint64_t packets)
{
    uint32_t at = (number * 2654435761u ^ (uint32_t)stop * 40503u) >> 7;
    for (;; at++) {
        struct wt_numbered *slot = &n->slots[at % WT_ACCOUNT_SLOTS];
        if (slot->stop == stop && slot->number == number) {
            slot->packets += packets;
            return true;
        }
        if (slot->stop != WT_STOP_NONE)
            continue;
        if (n->used == WT_LIMIT_ACCOUNT_NUMBERS)
            return false;
        n->used++;
        *slot = (struct wt_numbered){.packets = packets, .number = number, .stop = (uint8_t)stop};
        (void)wt_stop_name(stop, number, slot->name);
        return true;
    }
}

void wt_account_stop(struct wt_account *a, enum wt_stop stop, uint32_t number)
{
    if (stop == WT_STOP_EAP_TLS)
        a->buckets[WT_BUCKET_EAP_TLS] += a->weight;
    else if (wt_stop_bare(stop))
        a->stops[stop] += a->weight;
    else if (!count_number(&a->numbers, stop, number, a->weight))
        a->other += a->weight;
}

void wt_account_joined(struct wt_account *a, uint32_t pieces)
{
    a->stops[WT_STOP_FRAGMENTS] -= pieces;
    a->weight += pieces;
}

void wt_account_guessed(struct wt_account *a, unsigned ethertype)
{
    (void)count_number(&a->guessed, WT_STOP_ETHERTYPE, ethertype, a->weight);
}

static void move(struct wt_account *a, struct wt_conversation *c, enum wt_bucket from, enum wt_bucket to)
{
    a->buckets[from] -= c->packets;
    a->buckets[to] += c->packets;
}

void wt_account_tls(struct wt_account *a, struct wt_conversation *c)
{
    if (!(c->flags & WT_CONV_TLS))
        move(a, c, WT_BUCKET_TCP, WT_BUCKET_TLS);
    c->flags |= WT_CONV_TLS;
}

void wt_account_datagram(struct wt_account *a, struct wt_conversation *c, const struct wt_segment *s)
{
    if (!c) {
        a->buckets[WT_BUCKET_UDP] += a->weight;
        return;
    }
    uint8_t *kind = &c->transport.udp.kind;
    if (!*kind) {
        uint32_t before = c->transport.udp.packets[0] + c->transport.udp.packets[1];
        enum wt_bucket found = before <= WT_LIMIT_DATAGRAM_LOOKS ? wt_detect_datagram(s) : WT_BUCKET_UDP;
        if (found != WT_BUCKET_UDP) {
            *kind = (uint8_t)found;
            move(a, c, WT_BUCKET_UDP, found);
        } else if (s->missing && !s->length) {
            a->stops[WT_STOP_CUT] += a->weight;
            return;
        }
    }
    a->buckets[*kind ? *kind : WT_BUCKET_UDP] += a->weight;
    c->packets += (uint32_t)a->weight;
}

/* --- as a list ---------------------------------------------------------------------------------------------------- */

static size_t add(struct wt_undecoded *out, size_t n, const char *name, uint64_t packets)
{
    if (packets)
        out[n++] = (struct wt_undecoded){name, packets};
    return n;
}

static size_t add_numbers(const struct wt_numbers *numbers, struct wt_undecoded *out, size_t n)
{
    for (size_t i = 0; i < WT_ACCOUNT_SLOTS; i++)
        n = add(out, n, numbers->slots[i].name, numbers->slots[i].packets);
    return n;
}

/* The largest first, by name among equals. */
static int compare(const void *a, const void *b)
{
    const struct wt_undecoded *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->reason, y->reason);
}

size_t wt_account_list(const struct wt_account *a, struct wt_undecoded *out)
{
    size_t n = 0;
    for (unsigned i = 0; i < WT_BUCKETS; i++)
        n = add(out, n, names[i], a->buckets[i]);
    for (unsigned i = 0; i < WT_STOP_COUNT; i++)
        n = add(out, n, wt_stop_bare((enum wt_stop)i), a->stops[i]);
    n = add_numbers(&a->numbers, out, n);
    n = add(out, n, "other", a->other);
    qsort(out, n, sizeof *out, compare);
    return n;
}

size_t wt_account_guesses(const struct wt_account *a, struct wt_undecoded *out)
{
    size_t n = add_numbers(&a->guessed, out, 0);
    qsort(out, n, sizeof *out, compare);
    return n;
}
