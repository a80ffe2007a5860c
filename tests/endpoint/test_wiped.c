/* What is left of a connection's secrets in the memory of its process, once it was freed: nothing.
 *
 * Each secret that is drawn, exchanged, extracted or expanded, on either side, is noted as it is made (the linker puts
 * functions of this file before those of the library, meson.build), under a mask, so that the notes are not found
 * themselves. Then all memory of the process that can be written to is gone through, heap, stacks and data, as a core
 * dump would have it. A piece of 16 bytes counts: freed memory may have lost its first ones; so does one in words of
 * the other order, as hashes keep it. While the connection lives the same search has to find both sides' secrets. */
#include "endpoint/engine.h"
#include "endpoint/later.h"
#include "pair.h"

#include "crypto/mac.h"
#include "registry/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { MASK = 0xa5, PIECE = 16, IV = 12, VERIFY_DATA = 12, MOST = 1 << 15, PAIRS = 1 << 16 };

/* --- the notes ---------------------------------------------------------------------------------------------------- */

static struct needle {
    const char *what;
    struct needle *next; /* of those that begin with the same two bytes */
    uint8_t n, masked[PIECE];
    bool kept; /* by a party, for connections to come */
    unsigned hits;
    uintptr_t at; /* of the last one */
} needles[MOST];
static size_t needle_count;
static struct needle *begins[PAIRS];

/* Under the mask: what is looked at is no copy of a secret's beginning. */
static struct needle **beginning(const uint8_t *p)
{
    return &begins[(size_t)(p[0] ^ MASK) << 8 | (size_t)(p[1] ^ MASK)];
}

static bool is_at(const struct needle *needle, const uint8_t *p)
{
    size_t k = 0;
    while (k < needle->n && (p[k] ^ MASK) == needle->masked[k])
        k++;
    return k == needle->n;
}

static struct needle *noted(const uint8_t *p, size_t n)
{
    struct needle *needle = *beginning(p);
    while (needle && (needle->n != n || !is_at(needle, p)))
        needle = needle->next;
    return needle;
}

/* A string of zeros stands for a secret that there is none of (RFC 8446, 7.1). */
static bool is_zero(const uint8_t *p, size_t n)
{
    while (n && !*p)
        p++, n--;
    return !n;
}

static bool of_tickets; /* what is made now is a server's to keep: it seals tickets with it */

static void note_piece(const char *what, const uint8_t *p, size_t n, bool kept)
{
    struct needle *needle = noted(p, n);
    if (is_zero(p, n))
        return;
    if (!needle) {
        assert_true(needle_count < MOST);
        needle = &needles[needle_count++];
        *needle = (struct needle){.what = what, .next = *beginning(p), .n = (uint8_t)n};
        *beginning(p) = needle;
        for (size_t k = 0; k < n; k++)
            needle->masked[k] = p[k] ^ MASK;
    }
    needle->kept |= kept || of_tickets;
}

/* As a hash's state has it: in words of the machine, which are the other way round where it is little-endian. A word of
 * which the piece has but the beginning is left out. */
static void note_words(const char *what, const uint8_t *p, size_t n, size_t word, bool kept)
{
    uint8_t turned[PIECE];
    n -= n % word;
    for (size_t k = 0; k < n; k++)
        turned[k] = p[k - k % word + (word - 1 - k % word)];
    note_piece(what, turned, n, kept);
}

static void note_forms(const char *what, const uint8_t *p, size_t n, bool kept)
{
    note_piece(what, p, n, kept);
    note_words(what, p, n, 4, kept);
    note_words(what, p, n, 8, kept);
}

static void note(const char *what, const uint8_t *p, size_t n, bool kept)
{
    if (n == IV) /* a nonce is the IV with the record's number in its last bytes (RFC 8446, 5.3) */
        note_forms(what, p, IV - 1, kept);
    for (size_t at = 0; at + PIECE <= n; at += PIECE)
        note_forms(what, p + at, PIECE, kept);
}

#define WRAPPED(type, name, ...)                                                                                       \
    type __real_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__)

WRAPPED(size_t, wt_hkdf_extract, struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span salt,
        struct wt_span ikm, uint8_t out[WT_DIGEST_MOST])
{
    note("what is extracted from", ikm.p, ikm.n, false);
    const size_t n = __real_wt_hkdf_extract(crypto, hash, salt, ikm, out);
    note("an extracted secret", out, n, false);
    return n;
}

WRAPPED(size_t, wt_hkdf_expand, struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span prk, struct wt_span info,
        uint8_t *out, size_t n)
{
    note("what is expanded", prk.p, prk.n, false);
    n = __real_wt_hkdf_expand(crypto, hash, prk, info, out, n);
    note("an expanded secret, key or IV", out, n, false);
    return n;
}

/* verify_data, the shortest, are no secret */
WRAPPED(size_t, wt_p_hash, struct wt_crypto *crypto, enum wt_hash_id hash, struct wt_span secret,
        const struct wt_span *seed, size_t count, uint8_t *out, size_t n)
{
    note("a premaster or master secret", secret.p, secret.n, false);
    n = __real_wt_p_hash(crypto, hash, secret, seed, count, out, n);
    if (n > VERIFY_DATA)
        note("a master secret or key block", out, n, false);
    return n;
}

WRAPPED(bool, wt_random_private, const struct wt_random *random, enum wt_random_use use, uint16_t group, void *out,
        size_t n)
{
    const bool ok = __real_wt_random_private(random, use, group, out, n);
    note("an ephemeral or ticket key", out, n, use == WT_RANDOM_TICKET);
    return ok;
}

WRAPPED(enum wt_exchanged, wt_exchange_finish, struct wt_exchange *e, struct wt_span peer, struct wt_shared *shared)
{
    const enum wt_exchanged result = __real_wt_exchange_finish(e, peer, shared);
    note("a shared secret", shared->bytes, shared->n, false);
    return result;
}

WRAPPED(enum wt_exchanged, wt_exchange_answer, const struct wt_exchanges *groups, uint16_t group,
        const struct wt_random *random, struct wt_span peer, struct wt_share *share, struct wt_shared *shared)
{
    const enum wt_exchanged result = __real_wt_exchange_answer(groups, group, random, peer, share, shared);
    note("a shared secret", shared->bytes, shared->n, false);
    return result;
}

WRAPPED(bool, wt_tickets_start, struct wt_tickets *t, struct wt_crypto *crypto, const struct wt_random *random,
        int64_t lifetime, struct wt_span shared)
{
    of_tickets = true;
    const bool ok = __real_wt_tickets_start(t, crypto, random, lifetime, shared);
    of_tickets = false;
    return ok;
}

WRAPPED(size_t, wt_tickets_seal, struct wt_tickets *t, int64_t now_ms, const struct wt_session *s,
        uint8_t out[WT_TICKET_MOST])
{
    of_tickets = true;
    const size_t n = __real_wt_tickets_seal(t, now_ms, s, out);
    of_tickets = false;
    return n;
}

WRAPPED(bool, wt_tickets_open, struct wt_tickets *t, int64_t now_ms, struct wt_span ticket,
        uint8_t room[WT_SESSION_MOST], struct wt_session *out)
{
    of_tickets = true;
    const bool ok = __real_wt_tickets_open(t, now_ms, ticket, room, out);
    of_tickets = false;
    return ok;
}

/* A session's secret is a client's to keep. */
WRAPPED(bool, wt_session_write, const struct wt_session *s, struct wt_writer *w)
{
    note("a session's secret", s->secret, s->secret_length, true);
    return __real_wt_session_write(s, w);
}

/* --- the search --------------------------------------------------------------------------------------------------- */

static void search_region(const uint8_t *p, const uint8_t *end)
{
    for (; p + PIECE <= end; p++)
        for (struct needle *needle = *beginning(p); needle; needle = needle->next)
            if (is_at(needle, p)) {
                needle->hits++;
                needle->at = (uintptr_t)p;
            }
}

/* Returns how many pieces were found. `all`: also those that a party keeps. */
static unsigned search(const char *scenario, bool all, bool quiet)
{
    char line[512];
    unsigned long from, to;
    unsigned found = 0;
    size_t bytes = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    for (size_t i = 0; i < needle_count; i++)
        needles[i].hits = 0;
    while (fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx rw", &from, &to) == 2 && strstr(line, " rw")) {
            bytes += to - from;
            search_region((const uint8_t *)from, (const uint8_t *)to); // NOLINT(performance-no-int-to-ptr)
        }
    assert_int_equal(fclose(maps), 0);
    for (size_t i = 0; i < needle_count; i++)
        if (needles[i].hits && (all || !needles[i].kept)) {
            found++;
            if (!quiet)
                print_error("%s: %s (%u bytes) is there %u times, at %#lx\n", scenario, needles[i].what, needles[i].n,
                            needles[i].hits, (unsigned long)needles[i].at);
        }
    assert_true(bytes > 100000);
    return found;
}

static bool is_found(struct wt_span secret)
{
    const struct needle *needle = secret.n >= PIECE ? noted(secret.p, PIECE) : NULL;
    return needle && needle->hits;
}

/* --- connections -------------------------------------------------------------------------------------------------- */

struct wiped {
    struct pair p;
    struct wt_identity *me;
    uint8_t psk[32], session[2 * WT_SESSION_MOST]; /* the program's own copies */
    struct wt_external_psk psks[2];
};

struct scenario {
    const char *name;
    uint16_t version, suite, group, server_group;
    struct test_leaf leaf;
    void (*options)(struct wiped *w);
    void (*more)(struct wiped *w); /* after the first connection is established; NULL: nothing */
};

static void next(struct wiped *w, bool resumed)
{
    pair_again(&w->p, TEST_NOW + 1);
    pair_assert_resumed(&w->p, resumed);
}

static void resume(struct wiped *w)
{
    next(w, true);
}

/* RFC 5246, 7.3: by session_id; the session is the program's in between. */
static void without_tickets(struct wiped *w)
{
    w->p.options[WT_CLIENT].without_resumption = true;
}

static void resume_by_id(struct wiped *w)
{
    const size_t n = wt_endpoint_session(w->p.e[WT_CLIENT], w->session, sizeof w->session);
    assert_true(n && n <= sizeof w->session);
    pair_again_with(&w->p, TEST_NOW + 1, wt_span_of(w->session, n));
    explicit_bzero(w->session, sizeof w->session);
    pair_assert_resumed(&w->p, true);
}

static void early_data(struct wiped *w)
{
    w->p.options[WT_CLIENT].early_data = w->p.options[WT_SERVER].early_data = 1000;
}

static void send_early(struct wiped *w)
{
    struct wt_endpoint_info info;
    pair_again(&w->p, TEST_NOW + 1);
    assert_int_equal(wt_endpoint_write(w->p.e[WT_CLIENT], "early", 5), 5);
    pair_assert_resumed(&w->p, true);
    wt_endpoint_info(w->p.e[WT_SERVER], &info);
    assert_true(info.early_data_accepted);
}

/* They are the program's, which wipes them itself. */
static void external_psk(struct wiped *w)
{
    for (size_t i = 0; i < sizeof w->psk; i++)
        w->psk[i] = (uint8_t)(i * 7 + 0x31);
    for (unsigned side = 0; side < 2; side++) {
        w->psks[side] =
            (struct wt_external_psk){wt_span_text("who"), wt_span_of(w->psk, sizeof w->psk), false, (uint8_t)side};
        w->p.options[side].psks = &w->psks[side];
        w->p.options[side].psk_count = 1;
    }
    note("an external PSK", w->psk, sizeof w->psk, true);
}

static void client_certificate(struct wiped *w)
{
    static const struct test_leaf leaf = {.name = "me", .client = true};
    w->me = test_identity(&w->p.ca, &leaf);
    w->p.options[WT_CLIENT].identities = (const struct wt_identity *const *)&w->me;
    w->p.options[WT_CLIENT].identity_count = 1;
    w->p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
}

static void later_certificate(struct wiped *w)
{
    client_certificate(w);
    w->p.options[WT_SERVER].request = WT_REQUEST_NONE;
    w->p.options[WT_CLIENT].post_handshake_auth = w->p.options[WT_SERVER].post_handshake_auth = true;
}

static void ask_later(struct wiped *w)
{
    assert_true(wt_endpoint_ask_certificate(w->p.e[WT_SERVER]));
    pair_run(&w->p);
    pair_assert_established(&w->p);
}

static void update(struct wiped *w)
{
    assert_true(wt_endpoint_key_update(w->p.e[WT_CLIENT], true));
    pair_run(&w->p);
    pair_assert_established(&w->p);
}

static void renegotiation(struct wiped *w)
{
    client_certificate(w);
    w->p.options[WT_CLIENT].renegotiation = w->p.options[WT_SERVER].renegotiation = true;
}

static void renegotiate(struct wiped *w)
{
    assert_true(wt_endpoint_renegotiate(w->p.e[WT_CLIENT]));
    pair_run(&w->p);
    pair_assert_established(&w->p);
}

static void cookie(struct wiped *w)
{
    w->p.options[WT_SERVER].cookie = true;
}

static void psk_ke(struct wiped *w)
{
    w->p.options[WT_CLIENT].psk_ke = w->p.options[WT_SERVER].psk_ke = true;
}

static void shared_key(struct wiped *w)
{
    static const uint8_t key[32] = {1, 2, 3};
    w->p.options[WT_SERVER].ticket_key = wt_span_of(key, sizeof key);
}

/* One that is given up in the middle: after so many steps. */
static void give_up(struct wiped *w)
{
    for (unsigned steps = 1; steps < 5; steps++) {
        pair_again(&w->p, TEST_NOW);
        for (unsigned i = 0; i < steps; i++)
            (void)pair_step(&w->p);
    }
    next(w, true);
}

static const struct scenario scenarios[] = {
    {"TLS 1.2, AES-GCM, X25519", WT_TLS12, 0xc02f, 0x001d, 0, {.type = "RSA"}, NULL, NULL},
    {"TLS 1.2, AES-CBC, P-256", WT_TLS12, 0xc009, 0x0017, 0, {0}, NULL, NULL},
    {"TLS 1.2, AES-CBC with SHA-384, P-521", WT_TLS12, 0xc028, 0x0019, 0, {.type = "RSA"}, NULL, NULL},
    {"TLS 1.2, ChaCha20-Poly1305, X448", WT_TLS12, 0xcca8, 0x001e, 0, {.type = "RSA"}, NULL, NULL},
    {"TLS 1.2, DHE, RSA", WT_TLS12, 0x009e, 0x0100, 0, {.type = "RSA"}, NULL, NULL},
    {"TLS 1.2, a ticket", WT_TLS12, 0, 0, 0, {0}, shared_key, resume},
    {"TLS 1.2, a session_id", WT_TLS12, 0, 0, 0, {0}, without_tickets, resume_by_id},
    {"TLS 1.2, a client's certificate", WT_TLS12, 0, 0, 0, {.type = "RSA"}, client_certificate, NULL},
    {"TLS 1.2, renegotiation", WT_TLS12, 0, 0, 0, {0}, renegotiation, renegotiate},
    {"TLS 1.2, given up", WT_TLS12, 0, 0, 0, {0}, NULL, give_up},
    {"TLS 1.3, AES-128-GCM, X25519", WT_TLS13, 0x1301, 0x001d, 0, {0}, NULL, NULL},
    {"TLS 1.3, AES-256-GCM with SHA-384, P-384", WT_TLS13, 0x1302, 0x0018, 0, {0}, NULL, NULL},
    {"TLS 1.3, ChaCha20-Poly1305, X448", WT_TLS13, 0x1303, 0x001e, 0, {0}, NULL, NULL},
    {"TLS 1.3, AES-CCM, ffdhe2048", WT_TLS13, 0x1304, 0x0100, 0, {.type = "RSA"}, NULL, NULL},
    {"TLS 1.3, the default groups", WT_TLS13, 0, 0, 0, {.type = "ED25519"}, NULL, NULL},
    {"TLS 1.3, HelloRetryRequest", WT_TLS13, 0, 0x001d, 0x0017, {0}, NULL, NULL},
    {"TLS 1.3, a cookie", WT_TLS13, 0, 0, 0, {0}, cookie, NULL},
    {"TLS 1.3, resumed", WT_TLS13, 0, 0, 0, {0}, shared_key, resume},
    {"TLS 1.3, psk_ke", WT_TLS13, 0, 0, 0, {0}, psk_ke, resume},
    {"TLS 1.3, early data", WT_TLS13, 0, 0, 0, {0}, early_data, send_early},
    {"TLS 1.3, an external PSK", WT_TLS13, 0, 0, 0, {0}, external_psk, update},
    {"TLS 1.3, a client's certificate", WT_TLS13, 0, 0, 0, {0}, client_certificate, resume},
    {"TLS 1.3, a certificate later", WT_TLS13, 0, 0, 0, {0}, later_certificate, ask_later},
    {"TLS 1.3, KeyUpdate", WT_TLS13, 0, 0, 0, {0}, NULL, update},
    {"TLS 1.3, given up", WT_TLS13, 0, 0, 0, {0}, early_data, give_up},
};

static void start(struct wiped *w, const struct scenario *s)
{
    struct pair *p = &w->p;
    pair_start(p, &s->leaf);
    p->options[WT_CLIENT].max_version = p->options[WT_CLIENT].min_version = s->version;
    if (s->suite) {
        p->options[WT_CLIENT].suites = &s->suite;
        p->options[WT_CLIENT].suite_count = 1;
    }
    static uint16_t groups[2];
    groups[0] = s->group, groups[1] = s->server_group;
    if (s->group) {
        p->options[WT_CLIENT].groups = groups;
        p->options[WT_CLIENT].group_count = s->server_group ? 2 : 1;
    }
    if (s->server_group) {
        p->options[WT_SERVER].groups = groups + 1;
        p->options[WT_SERVER].group_count = 1;
    }
    if (s->suite) {
        p->options[WT_SERVER].suites = &s->suite;
        p->options[WT_SERVER].suite_count = 1;
    }
    if (s->options)
        s->options(w);
    pair_connect(p);
    pair_run(p);
    pair_assert_established(p);
}

/* While it lives: each side's own secrets, those in force among them. */
static void assert_seen(const struct wiped *w, const struct scenario *s)
{
    assert_true(search(s->name, true, true) >= 4);
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_endpoint *e = w->p.e[side];
        assert_true(is_found(wt_span_of(e->secret[WT_CLIENT], 32)));
        if (e->h.agreed.chosen.tls13) {
            assert_true(is_found(wt_span_of(e->secret[WT_SERVER], 32)));
            assert_true(is_found(wt_span_of(e->exporter, 32)));
        }
    }
}

/* On a stack of its own each: what it leaves there the search does not write over. */
static ucontext_t here, there;
static uint8_t stacks[2][1 << 19];
static struct wiped now;
static const struct scenario *row;

static void connect_and_free(void)
{
    start(&now, row);
    if (row->more)
        row->more(&now);
    assert_seen(&now, row);
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_free(now.p.e[side]);
        now.p.e[side] = NULL;
    }
}

static void end(void)
{
    pair_end(&now.p);
    wt_identity_free(now.me);
    explicit_bzero(now.psk, sizeof now.psk);
}

static void elsewhere(unsigned i, void (*what)(void))
{
    assert_int_equal(getcontext(&there), 0);
    there.uc_stack.ss_sp = stacks[i];
    there.uc_stack.ss_size = sizeof stacks[i];
    there.uc_link = &here;
    makecontext(&there, what, 0);
    assert_int_equal(swapcontext(&here, &there), 0);
}

/* Returns how many pieces of secrets are left. */
static unsigned run(const struct scenario *s)
{
    now = (struct wiped){.me = NULL};
    row = s;
    needle_count = 0;
    memset(begins, 0, sizeof begins);
    elsewhere(0, connect_and_free);
    const unsigned found = search(s->name, false, false);
    elsewhere(1, end);
    return found + search(s->name, true, false);
}

static void nothing_is_left(void **state)
{
    const char *only = getenv("WIPED"); /* a part of names */
    unsigned left = 0;
    (void)state;
    if (WT_SANITIZED) /* whose memory has no end */
        skip();
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (!only || strstr(scenarios[i].name, only))
            left += run(&scenarios[i]);
    assert_int_equal(left, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
