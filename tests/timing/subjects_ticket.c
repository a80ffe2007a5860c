/* The tag of a ticket that somebody made up: wrong from the first byte on, or at the last one. An observer has no
 * tickets to open: the twin seals the same session and compares the tags byte by byte, up to the first other one. */
#include "timing.h"

#include "endpoint/tickets.h"

#include <stdlib.h>

enum { NOW_MS = 1000000000, LIFETIME = 7200 };

struct ticket {
    bool endpoint;
    struct wt_random random;
    struct wt_tickets tickets;
    size_t n;
    uint8_t plain[WT_SESSION_MOST];
    size_t plain_n;
    uint8_t inputs[CLASSES][INPUTS][WT_TICKET_MOST];
    uint8_t theirs[WT_TICKET_MOST], ours[WT_TICKET_MOST];
    volatile bool opened;
};

static void release(void *made)
{
    struct ticket *t = made;
    wt_tickets_end(&t->tickets);
    free(t);
}

static void *make(struct wt_crypto *crypto, const void *how)
{
    struct wt_session s = {.version = WT_TLS13,
                           .suite = 0x1301,
                           .made = NOW_MS,
                           .authenticated = NOW_MS,
                           .expires = NOW_MS + 1000 * LIFETIME,
                           .secret_length = 32,
                           .host = wt_span_text("www.example.com")};
    struct ticket *t = calloc(1, sizeof *t);
    uint8_t sealed[WT_TICKET_MOST];
    t->endpoint = *(const bool *)how;
    t->random = (struct wt_random){.crypto = crypto};
    make_noise(s.secret, s.secret_length);
    struct wt_writer w = wt_writer_start(t->plain, sizeof t->plain);
    if (wt_tickets_start(&t->tickets, crypto, &t->random, LIFETIME, (struct wt_span){0}) && wt_session_write(&s, &w))
        t->n = wt_tickets_seal(&t->tickets, NOW_MS, &s, sealed);
    t->plain_n = w.n;
    for (unsigned i = 0; t->n && i < CLASSES * INPUTS; i++) {
        uint8_t *input = t->inputs[i % CLASSES][i / CLASSES];
        memcpy(input, sealed, t->n);
        input[i % CLASSES ? t->n - 1 : t->n - WT_TICKET_TAG] ^= (uint8_t)(1 + i / CLASSES);
    }
    if (t->n)
        return t;
    release(t);
    return NULL;
}

static void prepare(void *made, unsigned class, unsigned input)
{
    struct ticket *t = made;
    memcpy(t->theirs, t->inputs[class][input], t->n);
}

static bool open_twin(struct ticket *t)
{
    const struct wt_ticket_key *k = &t->tickets.keys[(uint64_t)t->tickets.newest % 3];
    const uint8_t *tag = t->theirs + t->n - WT_TICKET_TAG;
    if (!wt_cipher_seal(k->seal, t->theirs + WT_TICKET_NAME, wt_span_of(t->theirs, WT_TICKET_NAME),
                        wt_span_of(t->plain, t->plain_n), t->ours))
        return false;
    for (size_t i = 0; i < WT_TICKET_TAG; i++)
        if (((volatile const uint8_t *)t->ours)[t->plain_n + i] != tag[i])
            return false;
    return true;
}

static void run(void *made)
{
    struct ticket *t = made;
    struct wt_session s;
    t->opened =
        t->endpoint ? wt_tickets_open(&t->tickets, NOW_MS, wt_span_of(t->theirs, t->n), t->ours, &s) : open_twin(t);
}

const struct subject subjects_ticket[] = {
    {"ticket: tag, first, last", false, &(const bool){true}, make, release, prepare, run},
    {"ticket by bytes: tag, first, last", true, &(const bool){false}, make, release, prepare, run},
    {0},
};
