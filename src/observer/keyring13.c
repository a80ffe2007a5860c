/* TLS 1.3's secrets of a connection: out of a key log by their labels, or out of a PSK by the schedule (RFC 8446, 7.1).
 */
#include "observer/state.h"

#include "codec/ext/ext.h"

/* What a direction's epoch is called in a key log. */
static const uint8_t labels[2][3] = {
    [WT_CLIENT] = {WT_LABEL_EARLY_TRAFFIC, WT_LABEL_CLIENT_HANDSHAKE, WT_LABEL_CLIENT_TRAFFIC},
    [WT_SERVER] = {WT_LABEL_COUNT, WT_LABEL_SERVER_HANDSHAKE, WT_LABEL_SERVER_TRAFFIC},
};

static const uint8_t branches[2][3] = {
    [WT_CLIENT] = {WT_BRANCH_CLIENT_EARLY, WT_BRANCH_CLIENT_HANDSHAKE, WT_BRANCH_CLIENT_TRAFFIC},
    [WT_SERVER] = {0, WT_BRANCH_SERVER_HANDSHAKE, WT_BRANCH_SERVER_TRAFFIC},
};

bool wt_keyring_schedule(struct wt_observer *o, struct wt_tls *tls, struct wt_schedule *schedule)
{
    const struct wt_suite *suite = tls->has_suite ? wt_suite_find(tls->suite) : NULL;
    return suite && wt_schedule_start(schedule, o->crypto, (enum wt_hash_id)suite->prf, tls->version,
                                      wt_keyring_steps(o, tls, 2));
}

/* --- PSKs -------------------------------------------------------------------------------------------------------- */

bool wt_keyring_psk(struct wt_observer *o, struct wt_span identity, struct wt_span *psk, bool *external)
{
    const struct wt_session_secret *session = wt_keyring_recall(o, wt_session_hash(identity));
    *external = !session;
    if (session) {
        *psk = wt_span_of(session->bytes, session->length);
        return true;
    }
    return o->options.keys && wt_keys_psk(o->options.keys, identity, 0, psk);
}

/* The ClientHello that the schedule goes on from: the newest. */
static bool client_hello(const struct wt_tls *tls, struct wt_client_hello *out)
{
    const struct wt_transcript *t = &tls->handshake->transcript;
    size_t at = wt_transcript_find(t, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO);
    struct wt_codec_context context = {0};
    struct wt_message_body m;
    struct wt_error error;
    if (at == SIZE_MAX || t->entries[at].length < 4)
        return false;
    struct wt_span body =
        wt_span_cut(wt_buffer_span(&t->bytes), t->entries[at].offset + 4u, t->entries[at].length - 4u);
    if (wt_message_decode(&context, WT_HANDSHAKE_CLIENT_HELLO, body, NULL, &m, &error) != WT_OK)
        return false;
    *out = m.client_hello;
    return true;
}

/* The PSK of the i-th identity that the client offers. */
static bool offered_psk(struct wt_observer *o, const struct wt_tls *tls, unsigned index, struct wt_span *psk)
{
    struct wt_codec_context context = {0};
    struct wt_client_hello hello;
    union wt_ext_body e;
    struct wt_error error;
    struct wt_span body, identity = {0};
    uint32_t age = 0;
    bool external = false;
    if (!client_hello(tls, &hello) || !wt_extensions_find(&hello.extensions, WT_EXT_PRE_SHARED_KEY, &body) ||
        wt_extension_decode(WT_EXT_PRE_SHARED_KEY, &context, WT_IN_CH, body, NULL, &e, &error) != WT_OK)
        return false;
    struct wt_span rest = e.pre_shared_key.identities;
    for (unsigned i = 0; i <= index; i++)
        if (!wt_ext_psk_identity_next(&rest, &identity, &age))
            return false;
    return wt_keyring_psk(o, identity, psk, &external);
}

/* Transcript-Hash over all messages of the handshake up to and including the newest of a side and type. What
 * authenticates later (RFC 8446, 4.6.2) is no part of it. */
static size_t hash_through(struct wt_observer *o, const struct wt_tls *tls, enum wt_hash_id hash, unsigned side,
                           uint8_t type, uint8_t out[WT_DIGEST_MOST])
{
    const struct wt_transcript *t = &tls->handshake->transcript;
    size_t at = t->count;
    while (at && (t->entries[at - 1].place >= WT_PLACE_LATER || t->entries[at - 1].side != side ||
                  t->entries[at - 1].type != type))
        at--;
    if (!at || t->broken)
        return 0;
    return wt_digest(o->crypto, hash, wt_transcript_before(t, at, &o->text), out);
}

/* From the PSK up the trunk to the epoch's own secret, where no (EC)DHE secret goes in: psk_ke (RFC 8446, 4.2.9), or
 * early data, which are before it. */
static bool climb(struct wt_observer *o, struct wt_tls *tls, const struct wt_schedule *s, enum wt_epoch epoch,
                  uint8_t trunk[WT_DIGEST_MOST])
{
    const struct wt_tls_handshake *hs = tls->handshake;
    struct wt_span psk;
    unsigned index = epoch == WT_EPOCH_EARLY ? 0 : hs->selected_psk;
    if (epoch != WT_EPOCH_EARLY && (hs->has_key_share || !hs->has_selected_psk))
        return false;
    return offered_psk(o, tls, index, &psk) && wt_early_secret(s, psk, trunk) &&
           (epoch < WT_EPOCH_HANDSHAKE || wt_handshake_secret(s, trunk, (struct wt_span){0}, trunk)) &&
           (epoch < WT_EPOCH_TRAFFIC || wt_master_secret13(s, trunk, trunk));
}

static size_t from_psk(struct wt_observer *o, struct wt_tls *tls, const struct wt_schedule *s, unsigned side,
                       enum wt_epoch epoch, uint8_t secret[WT_DIGEST_MOST])
{
    static const struct {
        uint8_t side, type;
    } last[3] = {{WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO},
                 {WT_SERVER, WT_HANDSHAKE_SERVER_HELLO},
                 {WT_SERVER, WT_HANDSHAKE_FINISHED}};
    uint8_t trunk[WT_DIGEST_MOST], hash[WT_DIGEST_MOST];
    size_t n = hash_through(o, tls, s->hash, last[epoch].side, last[epoch].type, hash);
    bool ok = n && climb(o, tls, s, epoch, trunk) &&
              wt_branch_secret(s, (enum wt_branch)branches[side][epoch], trunk, wt_span_of(hash, n), secret);
    wt_wipe(trunk, sizeof trunk);
    return ok ? s->length : 0;
}

void wt_keyring_ticket13(struct wt_observer *o, struct wt_tls *tls, struct wt_span ticket, struct wt_span nonce)
{
    struct wt_schedule s;
    uint8_t secret[WT_DIGEST_MOST], hash[WT_DIGEST_MOST];
    if (!tls->keys || !tls->handshake || !wt_keyring_schedule(o, tls, &s))
        return;
    size_t n = hash_through(o, tls, s.hash, WT_CLIENT, WT_HANDSHAKE_FINISHED, hash);
    if (n && climb(o, tls, &s, WT_EPOCH_TRAFFIC, secret) &&
        wt_branch_secret(&s, WT_BRANCH_RESUMPTION, secret, wt_span_of(hash, n), secret) &&
        wt_ticket_psk(&s, secret, nonce, secret))
        wt_keyring_remember(o, wt_session_hash(ticket), wt_span_of(secret, s.length), WT_SOURCE_PSK);
    wt_wipe(secret, sizeof secret);
}

/* --- traffic secrets ------------------------------------------------------------------------------------------------
 */

/* The secret of any length that the log holds for the epoch. */
static bool logged(struct wt_observer *o, const struct wt_tls *tls, unsigned side, enum wt_epoch epoch,
                   struct wt_secret *out)
{
    uint8_t label = labels[side][epoch];
    return label < WT_LABEL_COUNT && wt_keylog_find(wt_keys_keylog(o->options.keys), (enum wt_label)label,
                                                    wt_span_of(tls->handshake->random[WT_CLIENT], 32), out);
}

static void note_why(struct wt_tls *tls, unsigned side, enum wt_why why, uint8_t label, uint64_t a, uint64_t b)
{
    struct wt_opener *op = &tls->keys->by[side == WT_CLIENT ? tls->client : !tls->client];
    op->why = (uint8_t)why;
    op->label = label;
    op->why_a = a;
    op->why_b = b;
}

static size_t traffic(struct wt_observer *o, struct wt_tls *tls, const struct wt_schedule *s, unsigned side,
                      enum wt_epoch epoch, uint8_t secret[WT_DIGEST_MOST])
{
    struct wt_secret found;
    if (logged(o, tls, side, epoch, &found)) {
        if (found.bytes.n != s->length) {
            note_why(tls, side, WT_WHY_LENGTH, labels[side][epoch], found.bytes.n, s->length);
            return 0;
        }
        memcpy(secret, found.bytes.p, found.bytes.n);
        tls->keys->source = found.source;
        return found.bytes.n;
    }
    size_t n = from_psk(o, tls, s, side, epoch, secret);
    if (n) {
        tls->keys->source = WT_SOURCE_PSK;
        wt_keyring_line(o, tls, (enum wt_label)labels[side][epoch], wt_span_of(secret, n));
        return n;
    }
    struct wt_span psk;
    if (tls->handshake->has_selected_psk && tls->handshake->has_key_share && epoch != WT_EPOCH_EARLY &&
        offered_psk(o, tls, tls->handshake->selected_psk, &psk)) {
        note_why(tls, side, WT_WHY_FRESH, 0, 0, 0);
        return 0;
    }
    bool any = wt_keylog_has(wt_keys_keylog(o->options.keys), tls->handshake->random[WT_CLIENT]);
    note_why(tls, side, any ? WT_WHY_NO_LABEL : WT_WHY_NO_SECRET, labels[side][epoch], 0, 0);
    return 0;
}

size_t wt_keyring_traffic(struct wt_observer *o, struct wt_tls *tls, unsigned side, enum wt_epoch epoch,
                          uint8_t secret[WT_DIGEST_MOST])
{
    struct wt_schedule s;
    if (!tls->keys || !tls->handshake || !wt_keyring_schedule(o, tls, &s))
        return 0;
    return traffic(o, tls, &s, side, epoch, secret);
}

static struct wt_record_protector *protector(struct wt_observer *o, struct wt_tls *tls, const struct wt_schedule *s,
                                             const struct wt_suite *suite, unsigned side, struct wt_span secret)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)suite->cipher);
    uint8_t key[64], iv[64];
    struct wt_schedule told = *s;
    struct wt_error error = {0};
    told.steps = wt_keyring_steps(o, tls, side);
    /* RFC 9150, 5: the suites without encryption take a nonce as long as their hash. */
    size_t iv_length = cipher->iv > 12 ? cipher->iv : 12;
    if (cipher->key > sizeof key || iv_length > sizeof iv || !wt_traffic_key(&told, secret, cipher->key, key, iv) ||
        (iv_length > 12 && !wt_expand_label(&told, "write_iv", secret, "iv", (struct wt_span){0}, iv, iv_length)))
        return NULL;
    struct wt_protection how = {
        .suite = suite, .version = s->version, .key = wt_span_of(key, cipher->key), .iv = wt_span_of(iv, iv_length)};
    struct wt_record_protector *p = wt_record_protector_new(o->crypto, &how, false, &error);
    wt_wipe(key, sizeof key);
    if (!p)
        note_why(tls, side, WT_WHY_CIPHER, 0, 0, 0);
    return p;
}

/* Early data pass under the PSK's suite before any ServerHello names it (RFC 8446, 4.2.10): the i-th suite of TLS 1.3
 * that the client offers and whose hash has the secret's length. */
static const struct wt_suite *early_suite(struct wt_observer *o, const struct wt_tls *tls, size_t i, size_t length)
{
    struct wt_client_hello hello;
    (void)o;
    if (!client_hello(tls, &hello))
        return NULL;
    for (size_t k = 0; k < wt_codes_count(hello.cipher_suites); k++) {
        const struct wt_suite *suite = wt_suite_find(wt_codes_at(hello.cipher_suites, k));
        const struct wt_hash_info *hash =
            suite && suite->kx == WT_KX_TLS13 ? wt_hash_info_of((enum wt_hash_id)suite->prf) : NULL;
        if (hash && (!length || hash->length == length) && i-- == 0)
            return suite;
    }
    return NULL;
}

static struct wt_record_protector *try_early(struct wt_observer *o, struct wt_tls *tls, size_t i,
                                             struct wt_opener *candidate)
{
    struct wt_secret found = {0};
    struct wt_schedule s;
    bool have = logged(o, tls, WT_CLIENT, WT_EPOCH_EARLY, &found);
    const struct wt_suite *suite = early_suite(o, tls, i, have ? found.bytes.n : 0);
    uint16_t version = wt_version_is_tls13(tls->version) ? tls->version : tls->offered;
    if (!suite || !wt_schedule_start(&s, o->crypto, (enum wt_hash_id)suite->prf, version, wt_keyring_steps(o, tls, 2)))
        return NULL;
    candidate->secret_length = (uint8_t)traffic(o, tls, &s, WT_CLIENT, WT_EPOCH_EARLY, candidate->secret);
    if (!candidate->secret_length)
        return NULL;
    return protector(o, tls, &s, suite, WT_CLIENT, wt_span_of(candidate->secret, candidate->secret_length));
}

struct wt_record_protector *wt_keyring_try(struct wt_observer *o, struct wt_tls *tls, unsigned direction,
                                           enum wt_epoch epoch, size_t i, struct wt_opener *candidate)
{
    unsigned side = wt_tls_side_of(tls, direction);
    struct wt_schedule s;
    candidate->epoch = (uint8_t)epoch;
    if (epoch == WT_EPOCH_EARLY)
        return side == WT_CLIENT ? try_early(o, tls, i, candidate) : NULL;
    if (i || !wt_flow_has(&tls->flow, WT_FACT_SERVER_HELLO))
        return NULL;
    if (!wt_keyring_schedule(o, tls, &s)) {
        note_why(tls, side, WT_WHY_CIPHER, 0, 0, 0);
        return NULL;
    }
    candidate->secret_length = (uint8_t)traffic(o, tls, &s, side, epoch, candidate->secret);
    if (!candidate->secret_length)
        return NULL;
    return protector(o, tls, &s, wt_suite_find(tls->suite), side,
                     wt_span_of(candidate->secret, candidate->secret_length));
}

/* --- epochs ---------------------------------------------------------------------------------------------------------
 */

bool wt_keyring_prepare13(struct wt_observer *o, struct wt_tls *tls, unsigned direction)
{
    struct wt_opener *op = &tls->keys->by[direction];
    struct wt_opener found = {0};
    uint64_t passed = op->passed;
    if (passed) /* asked again: the store may have grown */
        op->why = WT_WHY_NONE;
    unsigned why = op->why, label = op->label;
    for (unsigned epoch = op->epoch; !op->now && epoch <= WT_EPOCH_TRAFFIC; epoch++) {
        op->now = wt_keyring_try(o, tls, direction, (enum wt_epoch)epoch, 0, &found);
        if (op->now) {
            memcpy(op->secret, found.secret, sizeof op->secret);
            op->secret_length = found.secret_length;
            op->trying = epoch != op->epoch || op->passed;
            op->epoch = (uint8_t)epoch;
        } else if (why == WT_WHY_NONE) { /* the first thing that lacks is what there is to say */
            why = op->why;
            label = op->label;
        }
    }
    wt_wipe(&found, sizeof found);
    if (why != WT_WHY_NONE) {
        op->why = (uint8_t)why;
        op->label = (uint8_t)label;
    } else if (passed) {
        op->why = WT_WHY_LATE;
        op->why_a = passed;
    }
    return op->now != NULL;
}

void wt_keyring_epoch(struct wt_tls *tls, unsigned direction, enum wt_epoch epoch)
{
    struct wt_opener *op = tls->keys ? &tls->keys->by[direction] : NULL;
    if (!op || op->epoch >= epoch)
        return;
    wt_record_protector_free(op->now);
    op->now = NULL;
    op->epoch = (uint8_t)epoch;
    op->trying = false;
    op->passed = 0;
}

/* RFC 8446, 4.6.3: the sender of a KeyUpdate seals what follows "using the new keys". */
void wt_keyring_update(struct wt_observer *o, struct wt_tls *tls, unsigned direction)
{
    struct wt_opener *op = tls->keys ? &tls->keys->by[direction] : NULL;
    unsigned side = wt_tls_side_of(tls, direction);
    struct wt_schedule s;
    if (!op || !op->now || !op->secret_length || !wt_keyring_schedule(o, tls, &s))
        return;
    s.steps = wt_keyring_steps(o, tls, side);
    if (!wt_traffic_update(&s, op->secret))
        return;
    wt_record_protector_free(op->now);
    op->now = protector(o, tls, &s, wt_suite_find(tls->suite), side, wt_span_of(op->secret, op->secret_length));
    op->stopped = op->now == NULL;
}
