/* The flow table against the RFCs' figures (figures.h): every path of up to 14 messages, over all that the hellos may
 * agree on. What both have seen of a path is one of finitely many states, so that paths that meet are walked on once;
 * whatever is possible in a state is tried, and each says yes or no. */
#include "figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MESSAGES = 14, SLOTS = 1 << 16 };

struct symbol {
    unsigned side, message, index;
    enum kind kind;
    uint64_t facts;
};

struct pair {
    struct wt_flow flow;
    struct place place;
};

struct walk {
    struct offer offer;
    struct agreed agreements[2];
    struct symbol symbols[80];
    size_t count;
    struct pair *seen; /* in the order of their paths' length */
    size_t n;
    uint32_t slots[SLOTS];
    uint32_t used[SLOTS];                                 /* slots that are taken, to be emptied */
    bool legacy, brief, done13, retried, again, answered; /* what has been reached */
};

/* --- what a message shows, as wt_flow_facts() would say it
 * ------------------------------------------------------------ */

static uint64_t facts_of_offer(const struct offer *o)
{
    return (o->early ? WT_FACT_EARLY_OFFERED : 0) | (o->post_auth ? WT_FACT_POST_AUTH_OFFERED : 0) |
           (o->inflates ? WT_FACT_CLIENT_INFLATES : 0) | (o->dtls ? WT_FACT_DTLS : 0);
}

static uint64_t facts_of_hello(const struct agreed *a)
{
    uint64_t certificate = a->certificate == MUST    ? WT_FACT_NEEDS_SERVER_CERTIFICATE
                           : a->certificate == NEVER ? WT_FACT_NO_SERVER_CERTIFICATE
                                                     : 0;
    if (a->tls13)
        return WT_FACT_TLS13 | (a->psk ? WT_FACT_RESUMED : 0) | certificate;
    return certificate |
           (a->keys == MUST    ? WT_FACT_NEEDS_SERVER_KEYS
            : a->keys == NEVER ? WT_FACT_NO_SERVER_KEYS
                               : 0) |
           (a->resumes != NEVER ? WT_FACT_MAY_RESUME : 0) | (a->resumes == MUST ? WT_FACT_MUST_RESUME : 0) |
           (a->status ? WT_FACT_STATUS_PROMISED : 0) | (a->ticket ? WT_FACT_TICKET_PROMISED : 0) |
           (a->url ? WT_FACT_URL_AGREED : 0) |
           (a->supplemental ? WT_FACT_CLIENT_MAY_SUPPLEMENT | WT_FACT_SERVER_MAY_SUPPLEMENT : 0) |
           (a->next_protocol ? WT_FACT_NEXT_PROTOCOL_PROMISED : 0) | (a->channel_id ? WT_FACT_CHANNEL_ID_PROMISED : 0) |
           (a->omits ? WT_FACT_CERTIFICATE_MAY_BE_OMITTED : 0);
}

/* EncryptedExtensions and CertificateRequest speak for the ServerHello before them. */
static uint64_t facts_in_place(const struct walk *w, const struct pair *at, const struct symbol *s)
{
    const struct agreed *a = &w->agreements[at->place.agreed];
    if (s->side != S || at->place.phase != TLS13)
        return s->facts;
    if (s->message == WT_HANDSHAKE_ENCRYPTED_EXTENSIONS)
        return (a->early && !at->place.retried ? WT_FACT_EARLY_ACCEPTED : 0) |
               (a->settings ? WT_FACT_SETTINGS_PROMISED : 0);
    return s->message == WT_HANDSHAKE_CERTIFICATE_REQUEST && a->inflates ? WT_FACT_SERVER_INFLATES : 0;
}

/* --- the walk
 * ---------------------------------------------------------------------------------------------------------- */

static void add_symbol(struct walk *w, unsigned side, unsigned message, unsigned index, enum kind kind, uint64_t facts)
{
    assert_true(w->count < sizeof w->symbols / sizeof *w->symbols);
    w->symbols[w->count++] = (struct symbol){side, message, index, kind, facts};
}

/* All types of both sides, sensible or not; those that show something, once for each thing that they may show. */
static void make_symbols(struct walk *w)
{
    w->count = 0;
    for (unsigned side = C; side <= S; side++)
        for (unsigned message = 0; message <= WT_FLOW_CCS; message++) {
            if (message != WT_FLOW_CCS && !wt_registry_name(WT_REG_HANDSHAKE_TYPE, message))
                continue;
            if (message == WT_HANDSHAKE_CLIENT_HELLO)
                add_symbol(w, side, message, 0, NONE, facts_of_offer(&w->offer));
            else if (message == WT_HANDSHAKE_SERVER_HELLO)
                for (unsigned i = 0; i < 2; i++)
                    add_symbol(w, side, message, i, NONE, facts_of_hello(&w->agreements[i]));
            else if (side == C &&
                     (message == WT_HANDSHAKE_CERTIFICATE || message == WT_HANDSHAKE_COMPRESSED_CERTIFICATE))
                for (enum kind kind = EMPTY; kind <= PERHAPS; kind++)
                    add_symbol(w, side, message, 0, kind,
                               kind == EMPTY   ? WT_FACT_NO_CLIENT_VERIFY
                               : kind == SIGNS ? WT_FACT_NEEDS_CLIENT_VERIFY
                                               : 0);
            else
                add_symbol(w, side, message, 0, message == WT_HANDSHAKE_CERTIFICATE_URL ? PERHAPS : NONE, 0);
        }
}

/* Everything that the two remember, member by member: padding is no part of it. */
static void describe(const struct pair *a, uint64_t key[4])
{
    const struct wt_flow *f = &a->flow;
    const struct place *p = &a->place;
    key[0] = f->facts;
    key[1] = (uint64_t)f->state[0] | (uint64_t)f->state[1] << 8 | (uint64_t)f->requests << 16 |
             (uint64_t)p->phase << 24 | (uint64_t)p->hello << 32 | (uint64_t)p->retried << 33 |
             (uint64_t)p->verified << 34 | (uint64_t)p->again << 35 | (uint64_t)p->server_certificate << 36 |
             (uint64_t)p->requested << 37 | (uint64_t)p->answers << 38 | (uint64_t)p->kind << 40;
    key[2] = (uint64_t)(uint8_t)p->full | (uint64_t)(uint8_t)p->brief << 8 | (uint64_t)(uint8_t)p->server << 16 |
             (uint64_t)(uint8_t)p->client << 24 | (uint64_t)p->open << 32 | (uint64_t)p->agreed << 40;
    key[3] = (key[0] * 0x9e3779b97f4a7c15u) ^ (key[1] * 0xc2b2ae3d27d4eb4fu) ^ (key[2] * 0x165667b19e3779f9u);
}

static void add_pair(struct walk *w, const struct pair *pair)
{
    uint64_t want[4], have[4];
    describe(pair, want);
    uint32_t slot = (uint32_t)(want[3] >> 40) % SLOTS;
    for (; w->slots[slot]; slot = (slot + 1) % SLOTS) {
        describe(&w->seen[w->slots[slot] - 1], have);
        if (memcmp(have, want, sizeof want) == 0)
            return;
    }
    assert_true(w->n < SLOTS / 2);
    w->seen[w->n] = *pair;
    w->used[w->n] = slot;
    w->slots[slot] = (uint32_t)++w->n;
}

static void note_reached(struct walk *w, const struct place *p)
{
    w->legacy |= p->phase == LEGACY && p->full == FULL;
    w->brief |= p->phase == LEGACY && p->brief == BRIEF;
    w->done13 |= p->phase == TLS13 && p->client == CLIENT13;
    w->retried |= p->phase == TLS13 && p->retried;
    w->again |= p->again;
    w->answered |= p->answers;
}

static void try(struct walk *w, size_t at, const struct symbol *s)
{
    struct pair next = w->seen[at];
    const uint64_t facts = facts_in_place(w, &next, s);
    const bool table = wt_flow_step(&next.flow, s->side, s->message, facts, WT_FLOW_STRICT, NULL) == WT_FLOW_EXPECTED;
    const bool figures = figures_step(&next.place, &w->offer, w->agreements, s->index, s->side, s->message, s->kind);
    if (table != figures) {
        const struct wt_flow *f = &w->seen[at].flow;
        const char *name =
            s->message == WT_FLOW_CCS ? "change_cipher_spec" : wt_registry_name(WT_REG_HANDSHAKE_TYPE, s->message);
        fail_msg("%s of the %s: the table says %s, the figures %s; cursors at %s, %s; facts %012llx and %llx", name,
                 s->side == C ? "client" : "server", table ? "yes" : "no", figures ? "yes" : "no",
                 wt_flow_state_name(f->state[C]), wt_flow_state_name(f->state[S]), (unsigned long long)f->facts,
                 (unsigned long long)facts);
    }
    if (!table) {
        assert_memory_equal(&next.flow, &w->seen[at].flow, sizeof next.flow);
        return;
    }
    note_reached(w, &next.place);
    add_pair(w, &next);
}

static void walk(struct walk *w)
{
    struct pair start = {0};
    wt_flow_start(&start.flow);
    for (size_t i = 0; i < w->n; i++)
        w->slots[w->used[i]] = 0;
    w->n = 0;
    make_symbols(w);
    add_pair(w, &start);
    size_t at = 0;
    for (unsigned length = 0; length < MESSAGES; length++) {
        const size_t end = w->n;
        for (; at < end; at++)
            for (size_t k = 0; k < w->count; k++)
                try(w, at, &w->symbols[k]);
    }
}

/* --- what may be agreed
 * ------------------------------------------------------------------------------------------------ */

/* Takes the next digit of a number in mixed radix. */
static unsigned digit(unsigned *number, unsigned base)
{
    unsigned d = *number % base;
    *number /= base;
    return d;
}

enum { LEGACIES = 3 * 3 * 3 * 128, NEWS = 3 * 8, OFFERS = 16 };

static struct agreed legacy_agreement(unsigned i)
{
    struct agreed a = {.certificate = (enum how)digit(&i, 3)};
    a.keys = (enum how)digit(&i, 3);
    a.resumes = (enum how)digit(&i, 3);
    a.status = digit(&i, 2);
    a.ticket = digit(&i, 2);
    a.url = digit(&i, 2);
    a.supplemental = digit(&i, 2);
    a.next_protocol = digit(&i, 2);
    a.channel_id = digit(&i, 2);
    a.omits = digit(&i, 2);
    return a;
}

/* RFC 8446, 4.2.10: early data are accepted with a PSK that was offered with them. RFC 8773, 5: a PSK, and
 * certificates. */
static struct agreed agreement13(unsigned i, const struct offer *offer)
{
    struct agreed a = {.tls13 = true};
    const unsigned by = digit(&i, 3); /* certificates, a PSK, both */
    a.psk = by > 0;
    a.certificate = by == 1 ? NEVER : MUST;
    a.early = digit(&i, 2) && a.psk && offer->early;
    a.settings = digit(&i, 2);
    a.inflates = digit(&i, 2);
    return a;
}

static struct offer offer_of(unsigned i)
{
    struct offer o = {.early = digit(&i, 2)};
    o.post_auth = digit(&i, 2);
    o.inflates = digit(&i, 2);
    o.dtls = digit(&i, 2);
    return o;
}

static void expect_reached(bool *any, bool reached)
{
    *any |= reached;
}

/* Each agreement of TLS 1.2 and before, with another for a renegotiation. A sanitizer looks at a table and its reader:
 * each eleventh takes it through all of them. */
static void test_legacy(void **state)
{
    struct walk *w = *state;
    bool full = false, brief = false, again = false;
    for (unsigned i = 0; i < LEGACIES; i += WT_SANITIZED ? 11 : 1) {
        w->offer = offer_of(i % OFFERS);
        w->agreements[0] = legacy_agreement(i);
        w->agreements[1] = legacy_agreement((i * 1021 + 77) % LEGACIES);
        walk(w);
        expect_reached(&full, w->legacy);
        expect_reached(&brief, w->brief);
        expect_reached(&again, w->again);
    }
    assert_true(full && brief && again);
}

/* Each agreement of TLS 1.3 with each offer, beside one of TLS 1.2 that the server may choose instead. */
static void test_tls13(void **state)
{
    struct walk *w = *state;
    bool done = false, retried = false, answered = false;
    for (unsigned k = 0; k < OFFERS; k++)
        for (unsigned i = 0; i < NEWS; i++) {
            w->offer = offer_of(k);
            w->agreements[0] = agreement13(i, &w->offer);
            w->agreements[1] = legacy_agreement(((k * NEWS + i) * 9001) % LEGACIES);
            walk(w);
            expect_reached(&done, w->done13);
            expect_reached(&retried, w->retried);
            expect_reached(&answered, w->answered);
        }
    assert_true(done && retried && answered);
}

static int set_up(void **state)
{
    struct walk *w = calloc(1, sizeof *w);
    if (w)
        w->seen = calloc(SLOTS / 2, sizeof *w->seen);
    *state = w;
    return w && w->seen ? 0 : -1;
}

static int tear_down(void **state)
{
    struct walk *w = *state;
    free(w->seen);
    free(w);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_legacy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tls13, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
