#include "observer/dtls/epochs.h"

#include "base/span_hash.h"
#include "handshake/keys12.h"
#include "handshake/keys13.h"
#include "keys/schedule.h"
#include "protect/dtls13.h"

enum {
    EARLY = 1, /* RFC 9147, 6.1: epochs of 1.3: "epoch value (1) is used for messages protected using keys derived */
    HANDSHAKE = 2, /* from client_early_traffic_secret", (2) "from [sender]_handshake_traffic_secret", */
    TRAFFIC = 3,   /* (3) "from the initial [sender]_application_traffic_secret_0", and one more for each KeyUpdate */
    HEADER_MOST = 1 + UINT8_MAX + 2 + 2, /* of a unified header */
};

/* --- the epochs of a direction ------------------------------------------------------------------------------------ */

static void clear(struct wt_dtls_epoch *e)
{
    wt_protector_free(e->protector);
    wt_mask_free(e->mask);
    wt_wipe(e, sizeof *e);
}

void wt_dtls_epochs_free(struct wt_dtls_way *way)
{
    for (size_t i = 0; i < WT_LIMIT_DTLS_EPOCHS; i++)
        clear(&way->epochs[i]);
}

static struct wt_dtls_epoch *find(struct wt_dtls_way *way, uint64_t epoch)
{
    for (size_t i = 0; i < WT_LIMIT_DTLS_EPOCHS; i++)
        if (way->epochs[i].used && way->epochs[i].epoch == epoch)
            return &way->epochs[i];
    return NULL;
}

/* The epoch's place; of too many the oldest goes that has no keys, else the oldest of all. */
static struct wt_dtls_epoch *place_of(struct wt_dtls_way *way, uint64_t epoch)
{
    struct wt_dtls_epoch *e = find(way, epoch), *oldest = NULL;
    for (size_t i = 0; i < WT_LIMIT_DTLS_EPOCHS && !e; i++) {
        struct wt_dtls_epoch *other = &way->epochs[i];
        if (!other->used)
            oldest = other;
        else if (!oldest ||
                 (oldest->used && (!other->protector > !oldest->protector ||
                                   (!other->protector == !oldest->protector && other->epoch < oldest->epoch))))
            oldest = other;
        if (!oldest->used)
            break;
    }
    if (e)
        return e;
    clear(oldest);
    oldest->used = true;
    oldest->epoch = epoch;
    return oldest;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* RFC 6347, 4.1.2.6, after RFC 4303, 3.4.3: a window of 64 numbers up to the highest. What is before it is taken for
 * new: it may be late, and who only reads has no reason to drop it. */
static bool take_number(struct wt_dtls_epoch *e, uint64_t sequence)
{
    enum { WIDTH = 64 };
    if (sequence >= e->next) {
        const uint64_t by = sequence - e->next + 1;
        e->window = by < WIDTH ? e->window << by | 1 : 1;
        e->next = sequence + 1;
        e->seen++;
        return false;
    }
    const uint64_t back = e->next - 1 - sequence;
    const bool seen = back < WIDTH && e->window >> back & 1;
    if (back < WIDTH)
        e->window |= UINT64_C(1) << back;
    e->seen += !seen;
    return seen;
}

/* Epoch 0 is authenticated by nothing, and a server without state may use a number twice (RFC 6347, 4.2.1): only the
 * same bytes are the same record. */
static bool is_clear_copy(struct wt_dtls_way *way, const struct wt_dtls_reading *r)
{
    const uint64_t hash = wt_span_hash(r->wire);
    for (size_t i = 0; i < WT_DTLS_REMEMBERED; i++)
        if (way->clear[i].hash == hash && way->clear[i].sequence == r->sequence)
            return true;
    way->clear[way->clear_next] = (struct wt_dtls_clear){r->sequence, hash};
    way->clear_next = (uint8_t)((way->clear_next + 1) % WT_DTLS_REMEMBERED);
    return false;
}

bool wt_dtls_epochs_seen(struct wt_dtls_reading *r)
{
    return r->epoch == 0 ? is_clear_copy(r->way, r) : take_number(place_of(r->way, r->epoch), r->sequence);
}

/* An epoch has keys of one version: those of 1.3 come with what the numbers are masked with. */
static bool opens12(const struct wt_dtls_epoch *e)
{
    return e->protector && !e->mask;
}

static bool opens13(const struct wt_dtls_epoch *e)
{
    return e->protector && e->mask;
}

/* --- keys up to DTLS 1.2 ------------------------------------------------------------------------------------------ */

/* What was known when keys were asked for: asked again when there is more. Messages bring secrets nearer, and the store
 * may grow while a live capture goes on. */
static uint32_t known(const struct wt_dtls_reading *r)
{
    return 1 + r->dtls->told + (uint32_t)wt_keys_count(r->o->options.keys).secrets;
}

/* The store is asked by the ClientHello's random. */
static bool may_ask(const struct wt_dtls_reading *r, struct wt_dtls_epoch *e)
{
    if (!wt_flow_has(&r->tls->flow, WT_FACT_CLIENT_HELLO) || !wt_keyring_of(r->o, r->tls) || !r->tls->handshake ||
        e->asked == known(r))
        return false;
    e->asked = known(r);
    return true;
}

/* RFC 6347, 4.1: "epoch: A counter value that is incremented on every cipher state change." The handshake at hand makes
 * the keys of the one after that in which its messages are. */
static void make_keys12(struct wt_dtls_reading *r, struct wt_dtls_epoch *e)
{
    struct wt_side_keys keys[2];
    struct wt_step_sink sink;
    struct wt_error why;
    if (e->epoch != r->way->base + 1 || !may_ask(r, e) || !wt_keyring_master(r->o, r->tls))
        return;
    if (wt_keys12_keys(&r->tls->handshake->common, r->tls->keys->master, wt_keyring_steps(&sink, r->o, r->tls, 2),
                       keys) == WT_KEYS_OK)
        e->protector = wt_protector_new(r->o->crypto, &keys[r->from].how, false, &why);
    wt_wipe(keys, sizeof keys);
    if (!e->protector)
        r->tls->keys->by[r->from].why = WT_WHY_CIPHER;
}

/* --- keys of DTLS 1.3 --------------------------------------------------------------------------------------------- */

static bool keys_of_secret(struct wt_dtls_reading *r, const struct wt_schedule *s, struct wt_dtls_epoch *e)
{
    const struct wt_suite *suite = wt_suite_find(r->tls->agreed.suite);
    const struct wt_span secret = wt_span_of(e->secret, e->secret_length);
    struct wt_side_keys keys;
    struct wt_error why;
    uint8_t number_key[WT_DIGEST_MOST];
    if (!suite || !secret.n || !wt_keys13_keys(s, suite, secret, &keys))
        return false;
    const size_t n = keys.how.key.n;
    if (n <= sizeof number_key && wt_record_number_key(s, secret, n, number_key))
        e->mask = wt_mask_new(r->o->crypto, (enum wt_cipher_id)suite->cipher, wt_span_of(number_key, n));
    if (e->mask)
        e->protector = wt_protector_new(r->o->crypto, &keys.how, false, &why);
    wt_wipe(&keys, sizeof keys);
    wt_wipe(number_key, sizeof number_key);
    return e->protector != NULL;
}

/* RFC 9147, 6.1: of an epoch after the third the secret is the next of the one before it (RFC 8446, 7.2). */
static bool secret_of_next(struct wt_dtls_reading *r, const struct wt_schedule *s, struct wt_dtls_epoch *e)
{
    const struct wt_dtls_epoch *from = NULL;
    for (uint64_t epoch = e->epoch; !from && epoch-- > TRAFFIC && e->epoch - epoch <= WT_LIMIT_DTLS_EPOCHS;) {
        const struct wt_dtls_epoch *before = find(r->way, epoch);
        if (before && before->secret_length)
            from = before;
    }
    if (!from)
        return false;
    memcpy(e->secret, from->secret, sizeof e->secret);
    for (uint64_t epoch = from->epoch; epoch < e->epoch; epoch++)
        if (!wt_traffic_update(s, e->secret))
            return false;
    e->secret_length = from->secret_length;
    return true;
}

static void make_keys13(struct wt_dtls_reading *r, struct wt_dtls_epoch *e)
{
    struct wt_step_sink sink;
    struct wt_schedule s;
    if (!may_ask(r, e))
        return;
    if (!wt_keys13_schedule(&r->tls->handshake->common, wt_keyring_steps(&sink, r->o, r->tls, r->from), &s))
        return;
    if (e->epoch <= TRAFFIC)
        e->secret_length = (uint8_t)wt_keyring_traffic(r->o, r->tls, r->from,
                                                       e->epoch == EARLY       ? WT_EPOCH_EARLY
                                                       : e->epoch == HANDSHAKE ? WT_EPOCH_HANDSHAKE
                                                                               : WT_EPOCH_TRAFFIC,
                                                       e->secret);
    else if (!secret_of_next(r, &s, e))
        return;
    if (!keys_of_secret(r, &s, e) || e->epoch < TRAFFIC)
        return;
    struct wt_opener *op = &r->tls->keys->by[r->from];
    memcpy(op->secret, e->secret, sizeof op->secret); /* proofs after the handshake are made with it */
    op->secret_length = e->secret_length;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* RFC 9146, 4: "content … real_type … zeros": as TLS 1.3's inside. */
static bool take_inner_type(struct wt_dtls_reading *r)
{
    size_t n = r->text.n;
    while (n && !r->text.p[n - 1])
        n--;
    if (!n)
        return false;
    r->type = r->text.p[n - 1];
    r->text.n = n - 1;
    return true;
}

/* Up to 1.2: header and number are in the clear. */
static enum wt_dtls_opening open12(struct wt_dtls_reading *r)
{
    const struct wt_dtls_record *h = &r->header;
    struct wt_dtls_epoch *e = place_of(r->way, r->epoch);
    struct wt_opened opened;
    if (!e->protector)
        make_keys12(r, e);
    if (!opens12(e))
        return WT_DTLS_CLOSED;
    const struct wt_protect_header header = {wt_span_of(r->wire.p, (size_t)(h->fragment.p - r->wire.p)),
                                             r->epoch << 48 | r->sequence};
    if (h->fragment.n > WT_LIMIT_RECORD ||
        wt_protector_open(e->protector, &header, h->fragment, r->o->record, true, &opened, NULL) != WT_OPENED)
        return WT_DTLS_FAILED;
    r->text = opened.text;
    r->type = opened.type;
    return h->type != WT_CONTENT_TLS12_CID || take_inner_type(r) ? WT_DTLS_OPENED : WT_DTLS_FAILED;
}

/* The header without the mask of its number. RFC 9147, 4.2.3, of ChaCha20: "Mask = ChaCha20(sn_key, Ciphertext[0..3],
 * Ciphertext[4..15])", the first four bytes being a counter, which RFC 8439, 2.3 counts from its lowest byte on.
 * `swapped`: from its highest one on, as a library does (older wolfSSL). */
static bool unmask(struct wt_dtls_epoch *e, const struct wt_dtls_record *h, bool swapped, uint8_t *header)
{
    uint8_t sample[WT_MASK_SAMPLE];
    if (h->fragment.n < sizeof sample)
        return false;
    memcpy(sample, h->fragment.p, sizeof sample);
    for (unsigned i = 0; swapped && i < 4; i++)
        sample[i] = h->fragment.p[3 - i];
    return wt_dtls13_mask(e->mask, wt_span_of(sample, sizeof sample), header + h->sequence_at, h->sequence_length);
}

static bool try_as(struct wt_dtls_reading *r, struct wt_dtls_epoch *e, bool swapped)
{
    const struct wt_dtls_record *h = &r->header;
    const size_t n = (size_t)(h->fragment.p - r->wire.p);
    uint8_t header[HEADER_MOST];
    struct wt_opened opened;
    if (n > sizeof header || h->fragment.n > WT_LIMIT_RECORD)
        return false;
    memcpy(header, r->wire.p, n);
    if (!unmask(e, h, swapped, header))
        return false;
    const uint32_t low = h->sequence_length == 2 ? wt_get16(header + h->sequence_at) : (uint32_t)header[h->sequence_at];
    const struct wt_protect_header under = {wt_span_of(header, n),
                                            wt_dtls13_sequence(e->next, low, h->sequence_length)};
    if (wt_protector_open(e->protector, &under, h->fragment, r->o->record, true, &opened, NULL) != WT_OPENED)
        return false;
    r->text = opened.text;
    r->type = opened.type;
    r->epoch = e->epoch;
    r->sequence = under.sequence;
    return true;
}

/* Which of both a side does shows with its first record. */
static bool try13(struct wt_dtls_reading *r, struct wt_dtls_epoch *e)
{
    struct wt_dtls_way *way = r->way;
    if (try_as(r, e, way->swapped))
        return true;
    const struct wt_suite *suite = wt_suite_find(r->tls->agreed.suite);
    const bool counts = suite && wt_cipher_of((enum wt_cipher_id)suite->cipher)->mode == WT_MODE_POLY1305;
    if (!counts || way->swapped || way->highest || !try_as(r, e, true))
        return false;
    way->swapped = true;
    wt_finding_add(r->tls, WT_FINDING_DTLS_NUMBER_MASK, r->o->frame, wt_tls_sender(r->from), 0, 0);
    return true;
}

/* The header has "the low-order two bits of the epoch" (RFC 9147, 4): of those that it can be, from the highest seen on
 * downwards (4.2.2), and the next one: RFC 9147, 8: "implementations MUST NOT send records with the new keys or send a
 * new KeyUpdate until the previous KeyUpdate has been acknowledged", so that it is never two ahead. */
static enum wt_dtls_opening open13(struct wt_dtls_reading *r)
{
    const uint64_t bits = r->header.epoch & WT_DTLS13_EPOCH;
    uint64_t epoch = r->way->highest + 1 > TRAFFIC ? r->way->highest + 1 : TRAFFIC;
    bool any = false;
    while ((epoch & WT_DTLS13_EPOCH) != bits)
        epoch--;
    while (epoch && epoch + WT_LIMIT_DTLS_EPOCHS > r->way->highest) {
        struct wt_dtls_epoch *e = find(r->way, epoch);
        if (!e && (epoch <= TRAFFIC || find(r->way, epoch - 1)))
            e = place_of(r->way, epoch);
        if (e && !e->protector)
            make_keys13(r, e);
        if (e && opens13(e)) {
            any = true;
            if (try13(r, e))
                return WT_DTLS_OPENED;
        }
        epoch = epoch > WT_DTLS13_EPOCH ? epoch - WT_DTLS13_EPOCH - 1 : 0;
    }
    r->epoch = bits;
    return any ? WT_DTLS_FAILED : WT_DTLS_CLOSED;
}

/* Whether what leads to the keys may still come: the hellos, and up to 1.2, where a secret is exchanged, its message.
 */
static bool may_come(const struct wt_dtls_reading *r)
{
    const struct wt_flow *flow = &r->tls->flow;
    if (r->dtls->last || !wt_keyring_awaited(r->o))
        return false;
    if (!wt_flow_has(flow, WT_FACT_SERVER_HELLO) || !wt_flow_has(flow, WT_FACT_CLIENT_HELLO))
        return true;
    return !wt_tls_is_13(r->tls) && !wt_flow_has(flow, WT_FACT_CLIENT_KEYS) && !wt_flow_has(flow, WT_FACT_RESUMED) &&
           r->epoch == r->way->base + 1;
}

/* RFC 5246, 6.2.3.1: with the NULL cipher "encryption consists of the identity operation": it is read without
 * keys, too, if unverified. */
static bool is_bare(struct wt_dtls_reading *r)
{
    const struct wt_suite *suite = r->tls->agreed.has_suite ? wt_suite_find(r->tls->agreed.suite) : NULL;
    if (r->header.unified || r->header.type == WT_CONTENT_TLS12_CID || !suite || r->tls->agreed.compression ||
        r->epoch != r->way->base + 1 || wt_cipher_of((enum wt_cipher_id)suite->cipher)->mode != WT_MODE_NULL)
        return false;
    const size_t mac = wt_hash_info_of((enum wt_hash_id)suite->mac)->length;
    r->text.n = r->text.n > mac ? r->text.n - mac : 0;
    return true;
}

enum wt_dtls_opening wt_dtls_epochs_open(struct wt_dtls_reading *r)
{
    r->epoch = r->header.epoch;
    r->sequence = r->header.sequence;
    r->type = r->header.type;
    r->text = r->header.fragment;
    if (!r->header.unified && !r->epoch)
        return WT_DTLS_CLEAR;
    const enum wt_dtls_opening opening = !wt_keyring_awaited(r->o) ? WT_DTLS_CLOSED
                                         : r->header.unified       ? open13(r)
                                                                   : open12(r);
    if (opening != WT_DTLS_CLOSED)
        return opening;
    return may_come(r) ? WT_DTLS_LATER : is_bare(r) ? WT_DTLS_CLEAR : WT_DTLS_CLOSED;
}
