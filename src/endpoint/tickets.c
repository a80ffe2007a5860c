#include "endpoint/tickets.h"

#include "base/uninitialized.h"
#include "crypto/mac.h"

enum { KEY = 32, WAYS = 3 };

bool wt_tickets_start(struct wt_tickets *t, struct wt_crypto *crypto, const struct wt_random *random, int64_t lifetime,
                      struct wt_span shared)
{
    static const char salt[] = "wiretale tickets";
    uint8_t root[WT_DIGEST_MOST];
    *t = (struct wt_tickets){
        .crypto = crypto, .random = random, .lifetime = lifetime, .newest = INT64_MIN, .shared = shared.n};
    if (!shared.n)
        return true;
    bool ok = wt_hkdf_extract(crypto, WT_HASH_SHA256, wt_span_of(salt, sizeof salt - 1), shared, root) == KEY;
    memcpy(t->root, root, KEY);
    wt_wipe(root, sizeof root);
    return ok;
}

static void clear(struct wt_ticket_key *k)
{
    wt_cipher_free(k->seal);
    wt_cipher_free(k->open);
    wt_wipe(k, sizeof *k);
}

void wt_tickets_end(struct wt_tickets *t)
{
    for (unsigned i = 0; i < WAYS; i++)
        clear(&t->keys[i]);
    wt_wipe(t->root, sizeof t->root);
}

bool wt_tickets_key(struct wt_tickets *t, const char *purpose, uint8_t out[32])
{
    return t->shared ? wt_hkdf_expand(t->crypto, WT_HASH_SHA256, wt_span_of(t->root, sizeof t->root),
                                      wt_span_text(purpose), out, KEY) == KEY
                     : wt_random_private(t->random, WT_RANDOM_TICKET, 0, out, KEY);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static struct wt_ticket_key *key_at(struct wt_tickets *t, int64_t period)
{
    return &t->keys[(uint64_t)period % WAYS];
}

/* The key's bytes and its name: of the root, or random. */
static bool material(struct wt_tickets *t, int64_t period, uint8_t *out, size_t n)
{
    static const uint8_t name[20] = "wiretale ticket key ";
    uint8_t info[sizeof name + 8];
    if (!t->shared)
        return wt_random_private(t->random, WT_RANDOM_TICKET, 0, out, n);
    memcpy(info, name, sizeof name);
    for (unsigned i = 0; i < 8; i++)
        info[sizeof name + i] = (uint8_t)((uint64_t)period >> (56 - 8 * i));
    return wt_hkdf_expand(t->crypto, WT_HASH_SHA256, wt_span_of(t->root, sizeof t->root), wt_span_of(info, sizeof info),
                          out, n) == n;
}

static bool make(struct wt_tickets *t, int64_t period)
{
    uint8_t bytes[KEY + WT_TICKET_NAME];
    struct wt_ticket_key *k = key_at(t, period);
    if (k->seal && k->period == period)
        return true;
    clear(k);
    if (material(t, period, bytes, sizeof bytes)) {
        const struct wt_span key = wt_span_of(bytes, KEY);
        k->seal = wt_cipher_new(t->crypto, WT_CIPHER_AES_256_GCM, key, true);
        k->open = wt_cipher_new(t->crypto, WT_CIPHER_AES_256_GCM, key, false);
    }
    memcpy(k->name, bytes + KEY, sizeof k->name);
    k->period = period;
    wt_wipe(bytes, sizeof bytes);
    if (!k->seal || !k->open)
        clear(k);
    return k->seal;
}

/* The key of now is there, those of too long ago are not. An endpoint whose clock is behind another's uses the newest.
 */
static bool turn(struct wt_tickets *t, int64_t now_ms)
{
    const int64_t period = now_ms / 1000 / t->lifetime;
    if (period > t->newest) {
        t->newest = period;
        for (unsigned i = 0; i < WAYS; i++)
            if (t->keys[i].seal && t->keys[i].period < period - 1)
                clear(&t->keys[i]);
    }
    return make(t, t->newest);
}

static struct wt_ticket_key *find(struct wt_tickets *t, const uint8_t *name)
{
    for (unsigned i = 0; i < WAYS; i++)
        if (t->keys[i].open && !memcmp(t->keys[i].name, name, WT_TICKET_NAME))
            return &t->keys[i];
    return NULL;
}

/* --- tickets ------------------------------------------------------------------------------------------------------ */

size_t wt_tickets_seal(struct wt_tickets *t, int64_t now_ms, const struct wt_session *s, uint8_t out[WT_TICKET_MOST])
{
    uint8_t room[WT_SESSION_MOST] WT_UNINITIALIZED;
    struct wt_writer w = wt_writer_start(room, sizeof room);
    uint8_t *nonce = out + WT_TICKET_NAME, *sealed = nonce + WT_TICKET_NONCE;
    size_t n = 0;
    if (turn(t, now_ms) && wt_session_write(s, &w) &&
        wt_random_public(t->random, WT_RANDOM_TICKET, nonce, WT_TICKET_NONCE)) {
        const struct wt_ticket_key *k = key_at(t, t->newest);
        memcpy(out, k->name, WT_TICKET_NAME);
        if (wt_cipher_seal(k->seal, nonce, wt_span_of(out, WT_TICKET_NAME), wt_span_of(room, w.n), sealed))
            n = WT_TICKET_NAME + WT_TICKET_NONCE + w.n + WT_TICKET_TAG;
    }
    wt_wipe(room, sizeof room);
    return n;
}

bool wt_tickets_open(struct wt_tickets *t, int64_t now_ms, struct wt_span ticket, uint8_t room[WT_SESSION_MOST],
                     struct wt_session *out)
{
    enum { BESIDE = WT_TICKET_NAME + WT_TICKET_NONCE + WT_TICKET_TAG };
    if (ticket.n <= BESIDE || ticket.n > WT_TICKET_MOST || !turn(t, now_ms))
        return false;
    /* Parties that share keys need not enter a period at the same moment. */
    if (t->shared && (!make(t, t->newest - 1) || !make(t, t->newest + 1)))
        return false;
    const struct wt_ticket_key *k = find(t, ticket.p);
    const struct wt_span sealed = wt_span_cut(ticket, WT_TICKET_NAME + WT_TICKET_NONCE, SIZE_MAX);
    return k &&
           wt_cipher_open(k->open, ticket.p + WT_TICKET_NAME, wt_span_cut(ticket, 0, WT_TICKET_NAME), sealed, room) &&
           wt_session_read(wt_span_of(room, sealed.n - WT_TICKET_TAG), out) && wt_session_is_current(out, now_ms);
}
