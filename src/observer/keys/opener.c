/* Records that pass under keys: which are wanted, opening them, and what is to be said of those that do not open. */
#include "observer/keys/opener.h"

#include "base/thread.h"
#include "http/http.h"
#include "observer/state.h"

/* TLS 1.3, also before a ServerHello has said so: early data (RFC 8446, 4.2.10). */
static bool is_13(const struct wt_tls *tls)
{
    return wt_tls_is_13(tls) || (!tls->agreed.version && wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED));
}

bool wt_opener_protected(const struct wt_tls *tls, unsigned from, const struct wt_record *record)
{
    if (record->flags & WT_RECORD_SSL2 || tls->agreed.version == WT_SSL2)
        return false;
    if (!is_13(tls))
        return tls->side[from].cover == WT_COVER_KEYS;
    if (record->type != WT_CONTENT_APPLICATION_DATA)
        return false;
    return wt_flow_has(&tls->flow, WT_FACT_SERVER_HELLO) || from == WT_CLIENT;
}

/* Where a failure may mean other keys, the ciphertext is needed once more. */
static bool is_trial(const struct wt_tls *tls, const struct wt_opener *op)
{
    return is_13(tls) && (op->trying || op->epoch != WT_EPOCH_TRAFFIC);
}

/* Of a connection that nobody asks for, what can only be application data: up to TLS 1.2 the type says so. In TLS 1.3
 * none does, but tickets, KeyUpdates and alerts are short. The record's number is all that its protection may hang on.
 */
static bool may_skip(const struct wt_tls *tls, struct wt_opener *op, const struct wt_record *record)
{
    enum { SHORT = 4096 };
    return tls->unwanted && op->now && record->type == WT_CONTENT_APPLICATION_DATA && !is_trial(tls, op) &&
           (!is_13(tls) || record->length >= SHORT) &&
           wt_record_protector_set_sequence(op->now, wt_record_protector_sequence(op->now));
}

bool wt_opener_wants(struct wt_observer *o, struct wt_tls *tls, unsigned from, const struct wt_record *record)
{
    struct wt_keyring *s = wt_keyring_of(o, tls);
    struct wt_opener *op = s ? &s->by[from] : NULL;
    if (!op || !tls->handshake)
        return false;
    op->partial.n = 0;
    op->in_pieces = op->skips = false;
    if (!op->stopped &&
        (op->now || (is_13(tls) ? wt_keyring_prepare13(o, tls, from) : wt_keyring_prepare12(o, tls, from)))) {
        op->skips = may_skip(tls, op, record);
        return true;
    }
    op->passed++;
    op->unopened++;
    return false;
}

/* The first piece has come: whether the record is deciphered as its pieces come, rather than when all are there, which
 * took half as long again: by then the first ones are no longer at hand. Steps are shown of whole records. */
static bool begins_in_pieces(const struct wt_observer *o, const struct wt_tls *tls, const struct wt_opener *op,
                             const struct wt_record *record, struct wt_span first)
{
    return op->now && !is_trial(tls, op) && !o->options.record && !o->options.keep_record_steps &&
           wt_record_protector_open_begin(op->now, record->type, record->version, record->length, first);
}

/* Bytes of a mapped capture have been touched by nobody. What comes some packets later is asked for, supposing that
 * packets are alike, so that it is there when it is deciphered. An address beyond all that is mapped does no harm. */
static void ask_for_later(struct wt_span piece)
{
    enum { HEADERS = 82 /* pcap's, Ethernet's, IPv4's, TCP's with time stamps */, PACKETS = 4, LINE = 64 };
    const uintptr_t later = (uintptr_t)piece.p + PACKETS * (piece.n + HEADERS);
    for (size_t i = 0; i < piece.n; i += LINE)
        __builtin_prefetch((const void *)(later + i)); /* NOLINT(performance-no-int-to-ptr): beyond the piece */
}

void wt_opener_body(struct wt_observer *o, struct wt_tls *tls, unsigned from, const struct wt_record *record,
                    struct wt_span piece)
{
    struct wt_opener *op = &tls->keys->by[from];
    const bool fits = op->partial.n + piece.n <= WT_LIMIT_RECORD;
    uint8_t *room = fits ? wt_buffer_room(&op->partial, op->partial.n ? piece.n : record->length) : NULL;
    o->lost[WT_LOST_MESSAGES] += !fits;
    if (!room)
        return;
    if (!op->partial.n)
        op->in_pieces = begins_in_pieces(o, tls, op, record, piece);
    if (op->in_pieces) {
        ask_for_later(piece);
        wt_record_protector_open_more(op->now, piece, room);
    } else {
        memcpy(room, piece.p, piece.n);
    }
    op->partial.n += piece.n;
}

static enum wt_opening open_with(struct wt_observer *o, struct wt_tls *tls, unsigned from,
                                 struct wt_record_protector *p, const struct wt_record *record, struct wt_span body,
                                 bool trial, struct wt_opened *opened)
{
    unsigned side = from;
    const bool shown =
        (o->options.record || o->options.keep_record_steps) && wt_keyring_shows(o, tls, side, record->number, body.n);
    /* what was put together is opened in its place; a packet's own bytes are not ours to write */
    struct wt_buffer *partial = &tls->keys->by[from].partial;
    struct wt_step_sink sink;
    return wt_record_protector_open(p, record->type, record->version, body,
                                    body.p == partial->p ? partial->p : o->record, trial, opened,
                                    shown ? wt_keyring_record_steps(&sink, o, tls, side, record->number) : NULL);
}

/* Where records passed before there was a secret, nobody knows how many of them were of this epoch: its first, or one
 * of the next. */
static bool open_somewhere(struct wt_observer *o, struct wt_tls *tls, unsigned from, struct wt_record_protector *p,
                           const struct wt_record *record, struct wt_span body, struct wt_opened *opened)
{
    const struct wt_opener *op = &tls->keys->by[from];
    uint64_t most = op->trying && op->passed < WT_LIMIT_LATE ? op->passed : op->trying ? WT_LIMIT_LATE : 0;
    for (uint64_t n = 0; n <= most && wt_record_protector_set_sequence(p, n); n++)
        if (open_with(o, tls, from, p, record, body, true, opened) == WT_OPENED)
            return true;
    return false;
}

/* TLS 1.3: a record that does not open may pass under the keys of a later epoch: early data were rejected (RFC
 * 8446, 4.2.10: "the server … skips past early data by attempting to deprotect received records using the handshake
 * traffic key"), a secret in between is not known, or the Finished was in a record that did not open. */
static bool open_later(struct wt_observer *o, struct wt_tls *tls, unsigned from, const struct wt_record *record,
                       struct wt_span body, struct wt_opened *opened)
{
    struct wt_opener *op = &tls->keys->by[from];
    struct wt_opener found = {0};
    bool ok = false;
    for (unsigned epoch = op->epoch; !ok && epoch <= WT_EPOCH_TRAFFIC; epoch++) {
        struct wt_record_protector *p;
        /* the first was tried, though with the first number only */
        size_t i = epoch == op->epoch && !(op->trying && op->passed) ? 1 : 0;
        for (; !ok && (p = wt_keyring_try(o, tls, from, (enum wt_epoch)epoch, i, &found)); i++) {
            ok = open_somewhere(o, tls, from, p, record, body, opened);
            if (!ok) {
                wt_record_protector_free(p);
                continue;
            }
            wt_record_protector_free(op->now);
            op->now = p;
            memcpy(op->secret, found.secret, sizeof op->secret);
            op->secret_length = found.secret_length;
            op->epoch = (uint8_t)epoch;
        }
    }
    wt_wipe(&found, sizeof found);
    return ok;
}

static void failed(struct wt_observer *o, struct wt_tls *tls, unsigned from, enum wt_opening opening)
{
    struct wt_opener *op = &tls->keys->by[from];
    op->unopened++;
    op->passed++;
    /* RFC 8446, 4.2.10: unless early data are known to have been accepted, what follows them may pass under the
     * handshake's keys at any record. */
    bool after_early = op->epoch == WT_EPOCH_EARLY && tls->agreed.early_data != WT_EARLY_ACCEPTED;
    if (op->trying || after_early) { /* perhaps of another epoch, whose keys are not known */
        op->stopped = op->passed > WT_LIMIT_TRIALS;
        o->lost[WT_LOST_TRIALS] += op->stopped;
        return;
    }
    op->failed++;
    wt_opener_lost(tls, from);
    if (!op->failed_record) {
        op->failed_frame = o->frame;
        op->failed_record = wt_tls_record_count(tls, from);
        op->opening = (uint8_t)opening;
    }
    if (++op->failures_in_row > WT_LIMIT_FAILURES)
        op->stopped = true;
}

void wt_opener_lost(struct wt_tls *tls, unsigned from)
{
    if (tls->keys && tls->keys->http)
        wt_http_gap(tls->keys->http, (enum wt_side)from);
}

bool wt_opener_end(struct wt_observer *o, struct wt_tls *tls, unsigned from, const struct wt_record *record,
                   struct wt_span whole, struct wt_opened *opened)
{
    struct wt_opener *op = &tls->keys->by[from];
    struct wt_span body = whole.n ? whole : wt_buffer_span(&op->partial);
    const bool trial = is_trial(tls, op);
    if (op->skips && !(record->flags & WT_RECORD_TORN)) {
        op->opened++;
        *opened = (struct wt_opened){.type = WT_CONTENT_APPLICATION_DATA};
        return wt_record_protector_set_sequence(op->now, wt_record_protector_sequence(op->now) + 1);
    }
    if (record->flags & WT_RECORD_TORN || body.n != record->length) {
        op->unopened++;
        if (!op->stopped)
            wt_keyring_gap(tls, from, record->length - body.n);
        return false;
    }
    const enum wt_opening opening = op->in_pieces ? wt_record_protector_open_end(op->now, record->type, record->version,
                                                                                 op->partial.p, body.n, opened)
                                                  : open_with(o, tls, from, op->now, record, body, trial, opened);
    if (opening != WT_OPENED && !(trial && open_later(o, tls, from, record, body, opened))) {
        /* a failure while trying left the number as it was */
        if (trial && !op->trying)
            (void)wt_record_protector_set_sequence(op->now, wt_record_protector_sequence(op->now) + 1);
        failed(o, tls, from, opening);
        return false;
    }
    op->opened++;
    op->failures_in_row = 0;
    op->trying = false;
    return true;
}

/* --- what was said --------------------------------------------------------------------------------------------------
 */

void wt_opener_tell(struct wt_observer *o, const struct wt_conversation *c, const struct wt_plaintext *what)
{
    const struct wt_tls *tls = c->tls;
    struct wt_plaintext piece = *what;
    piece.file = o->file ? o->file : "";
    piece.stream = c->stream;
    piece.frame = o->frame;
    piece.time = o->now;
    memcpy(piece.client.ip, c->ip[tls->client], 16);
    memcpy(piece.server.ip, c->ip[!tls->client], 16);
    piece.client.port = c->port[tls->client];
    piece.server.port = c->port[!tls->client];
    wt_observer_quiet(o, false);
    o->options.plaintext(o->options.context, &piece);
    wt_observer_quiet(o, true);
}

static void tell_plaintext(struct wt_observer *o, const struct wt_conversation *c, unsigned from, bool early,
                           struct wt_span bytes)
{
    const struct wt_plaintext piece = {.from = (uint8_t)from, .early = early, .bytes = bytes};
    wt_opener_tell(o, c, &piece);
}

/* RFC 8446, 4.2.10: early data that the server rejects never reached its application, and comes again: it waits until
 * the EncryptedExtensions have said. */
static void settle_early(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_keyring *s = tls->keys;
    if (!s->early.n || tls->agreed.early_data == WT_EARLY_NONE)
        return;
    if (tls->agreed.early_data == WT_EARLY_ACCEPTED)
        wt_http_feed(s->http, WT_CLIENT, wt_buffer_span(&s->early), s->early_frame, s->early_time);
    wt_buffer_wipe(&s->early);
    (void)o;
}

static void read_application(struct wt_observer *o, struct wt_tls *tls, unsigned from, struct wt_span bytes)
{
    struct wt_keyring *s = tls->keys;
    if (!s->http && !(s->http = wt_http_new(&s->exchanges)))
        return;
    settle_early(o, tls);
    if (is_13(tls) && s->by[from].epoch == WT_EPOCH_EARLY && tls->agreed.early_data == WT_EARLY_NONE) {
        if (!s->early.n) {
            s->early_frame = o->frame;
            s->early_time = o->now;
        }
        if (s->early.n + bytes.n > WT_LIMIT_HTTP_HELD)
            o->lost[WT_LOST_MESSAGES]++;
        else
            (void)wt_buffer_add(&s->early, bytes.p, bytes.n);
        return;
    }
    wt_http_feed(s->http, (enum wt_side)from, bytes, o->frame, o->now);
}

/* Of little it is made at once: nobody would gain by handing it over. */
static bool may_be_aside(struct wt_observer *o, const struct wt_opener *op)
{
    const uint64_t little = 65536;
    if (!o->options.second_thread || o->no_hasher || op->plaintext <= little)
        return false;
    if (!o->hasher)
        o->hasher = wt_thread_is_worth_it() ? wt_hasher_new() : NULL;
    o->no_hasher = !o->hasher;
    return o->hasher;
}

static void digest(struct wt_observer *o, struct wt_opener *op, struct wt_span bytes)
{
    if (!op->digest)
        op->digest = wt_hash_new(o->crypto, WT_HASH_SHA256);
    if (!op->digest)
        return;
    if (!op->hasher && may_be_aside(o, op))
        op->hasher = o->hasher;
    if (op->hasher)
        wt_hasher_add(op->hasher, op->digest, bytes);
    else
        wt_hash_add(op->digest, bytes);
}

void wt_opener_finish_digest(struct wt_opener *op)
{
    if (op->hasher)
        wt_hasher_finish(op->hasher);
    op->hasher = NULL;
}

void wt_opener_plaintext(struct wt_observer *o, struct wt_conversation *c, unsigned from, struct wt_span bytes)
{
    struct wt_tls *tls = c->tls;
    struct wt_opener *op = &tls->keys->by[from];
    op->plaintext += bytes.n;
    if (is_13(tls) && op->epoch == WT_EPOCH_EARLY)
        tls->seen.early_frame = o->frame;
    if (tls->unwanted)
        return;
    if (o->options.digest_plaintext)
        digest(o, op, bytes);
    if (o->options.plaintext && bytes.n)
        tell_plaintext(o, c, from, is_13(tls) && op->epoch == WT_EPOCH_EARLY, bytes);
    if (o->options.read_application && !tls->dtls)
        read_application(o, tls, from, bytes);
}

/* --- the end
 * ---------------------------------------------------------------------------------------------------------- */

static bool peer_says_bad_record(const struct wt_tls *tls, unsigned from)
{
    for (const struct wt_list_alert *a = tls->report.alerts; a; a = a->next)
        if (a->alert.readable && a->alert.from != from &&
            (a->alert.description == WT_ALERT_BAD_RECORD_MAC || a->alert.description == WT_ALERT_DECRYPTION_FAILED))
            return true;
    return false;
}

/* Records that fail although others under the same secret open were changed on their way; where none opens, it is the
 * secret that does not belong here, unless the peer found the same. Up to TLS 1.2 both directions hang on one secret.
 */
static void judge(struct wt_tls *tls, unsigned from)
{
    const struct wt_keyring *s = tls->keys;
    const struct wt_opener *op = &s->by[from];
    if (!op->failed)
        return;
    bool fits = op->opened || peer_says_bad_record(tls, from) || (!wt_tls_is_13(tls) && s->by[!from].opened);
    wt_finding_add(tls, fits ? WT_FINDING_RECORD_CORRUPTED : WT_FINDING_KEYS_DO_NOT_FIT, op->failed_frame,
                   wt_tls_sender_within(from), op->failed_record, op->failed);
    /* RFC 6347, 4.1.2.7: "invalid records SHOULD be silently discarded, thus preserving the association" */
    const struct wt_list_finding *f = tls->dtls ? wt_finding_of(tls, WT_FINDING_RECORD_CORRUPTED) : NULL;
    if (f)
        wt_finding_grade(f, WT_WARNING);
}

void wt_opener_settle(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    struct wt_keyring *s = tls->keys;
    if (!s)
        return;
    if (s->in_log) {
        o->fits.stream = c->stream;
        o->fits.file = o->file_number;
    }
    o->lost[WT_LOST_STEPS] += s->steps_lost + s->record_steps_lost;
    judge(tls, WT_CLIENT);
    judge(tls, WT_SERVER);
    if (s->http) {
        settle_early(o, tls);
        wt_http_end(s->http, WT_CLIENT);
        wt_http_end(s->http, WT_SERVER);
    }
    if (o->options.plaintext && !tls->unwanted && (s->by[0].plaintext || s->by[1].plaintext))
        wt_opener_tell(o, c, &(struct wt_plaintext){.end = true, .quic = tls->quic != NULL});
}
