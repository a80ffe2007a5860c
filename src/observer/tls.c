/* A TLS connection's two streams: records, alerts, and what of them is to be read. */
#include "diagnosis/causes.h"
#include "observer/facts.h"
#include "observer/places.h"
#include "observer/state.h"

#include "base/i18n.h"

#include <stdlib.h>

/* What a record callback needs. */
struct seat {
    struct wt_observer *o;
    struct wt_conversation *c;
    unsigned direction;  /* of the transport */
    unsigned from;       /* side that sends in it */
    struct wt_span body; /* alert and heartbeat records: what there is of the current one's beginning; records that are
                            opened: all of it, when it came in one piece */
    unsigned flags;      /* WT_MESSAGE_... of what is read now */
    const struct wt_record *record; /* whose handshake content is read */
};

static struct wt_tls_handshake *new_handshake(struct wt_observer *o)
{
    struct wt_tls_handshake *hs = calloc(1, sizeof *hs);
    if (hs)
        wt_handshake_start(&hs->common, o->crypto, false); /* breaches.c knows which is the first */
    else
        o->lost[WT_LOST_MEMORY]++;
    return hs;
}

struct wt_tls *wt_tls_new(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = calloc(1, sizeof *tls);
    if (!tls)
        o->lost[WT_LOST_MEMORY]++;
    else
        tls->handshake = new_handshake(o);
    if (!tls || !tls->handshake) {
        free(tls);
        return NULL;
    }
    tls->arena.first = 96; /* SNI, ALPN and a chain's pointers: most connections need no second block */
    wt_flow_start(&tls->flow);
    tls->outcome.start_ns = o->now.ns;
    if (o->options.keep_messages && (!o->options.keep_connections || o->kept < o->options.keep_connections)) {
        tls->log = wt_log_new();
        o->kept += tls->log != NULL;
    }
    c->tls = tls;
    c->phase = WT_PHASE_TLS;
    return tls;
}

struct wt_tls_handshake *wt_tls_handshake(struct wt_observer *o, struct wt_tls *tls)
{
    if (!tls->handshake)
        tls->handshake = new_handshake(o);
    return tls->handshake;
}

void wt_tls_end_handshake(struct wt_tls *tls)
{
    if (!tls->handshake)
        return;
    wt_framing_clear(&tls->handshake->reader[0]);
    wt_framing_clear(&tls->handshake->reader[1]);
    wt_handshake_end(&tls->handshake->common);
    free(tls->handshake);
    tls->handshake = NULL;
}

void wt_tls_free(struct wt_tls *tls)
{
    if (!tls)
        return;
    wt_tls_end_handshake(tls);
    wt_keyring_free(tls->keys);
    wt_log_free(tls->log);
    wt_carrier_free(tls->carrier);
    wt_arena_free(&tls->arena);
    free(tls);
}

const char *wt_tls_sender(unsigned side)
{
    return side == WT_CLIENT ? N_("The client") : N_("The server");
}

const char *wt_tls_sender_within(unsigned side)
{
    return side == WT_CLIENT ? N_("the client") : N_("the server");
}

void wt_tls_take_role(struct wt_tls *tls, unsigned client)
{
    bool turn = !tls->client_known && tls->client != client;
    if (tls->client_known)
        return;
    tls->client = (uint8_t)client;
    tls->client_known = true;
    if (!turn)
        return;
    const struct wt_tls_side side = tls->side[0];
    tls->side[0] = tls->side[1];
    tls->side[1] = side;
    const uint16_t heartbeat = tls->seen.heartbeat[0];
    tls->seen.heartbeat[0] = tls->seen.heartbeat[1];
    tls->seen.heartbeat[1] = heartbeat;
    const uint32_t cut = tls->seen.flags & (WT_SEEN_CUT | WT_SEEN_CUT << 1);
    tls->seen.flags = (tls->seen.flags & ~cut) | (cut & WT_SEEN_CUT) << 1 | (cut >> 1 & WT_SEEN_CUT);
    tls->pace.from = !tls->pace.from;
    tls->pace.last_from = !tls->pace.last_from;
    for (struct wt_list_alert *a = tls->report.alerts; a; a = a->next)
        a->alert.from = !a->alert.from;
    if (tls->log)
        wt_log_turn(tls->log);
    if (tls->keys)
        wt_keyring_turn(tls->keys);
}

/* A record as a message of its own; handshake messages are told by message.c. */
static struct wt_message *log_record(struct seat *s, const struct wt_record *r, unsigned flags, struct wt_span body)
{
    struct wt_tls *tls = s->c->tls;
    if (!tls->log)
        return NULL;
    if (tls->side[s->from].cover == WT_COVER_KEYS && r->type != WT_CONTENT_CHANGE_CIPHER_SPEC)
        flags |= WT_MESSAGE_ENCRYPTED;
    flags |= s->flags;
    return wt_log_add(s->o, s->c,
                      (struct wt_message){.from = (uint8_t)s->from,
                                          .content_type = r->type,
                                          .flags = (uint16_t)(flags | (r->flags & WT_RECORD_TORN ? WT_MESSAGE_CUT : 0)),
                                          .record_version = r->version,
                                          .records = 1,
                                          .record = r->number,
                                          .length = r->length,
                                          .record_length = r->length,
                                          .shape = {tls->agreed.version, tls->agreed.kx, 0}},
                      body);
}

static void on_handshake(void *context, uint8_t type, struct wt_span body, uint32_t length, unsigned records)
{
    struct seat *s = context;
    const struct wt_message_place place = {s->record, records};
    wt_tls_message(s->o, s->c, s->from, type, body, length, &place, s->flags);
    s->from = wt_tls_side_of(s->c->tls, s->direction); /* a hello may have shown that it is the other */
}

static void add_alert(struct seat *s, bool readable, uint8_t level, uint8_t description)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_list_alert **at = &tls->report.alerts, *a;
    if (!readable)
        tls->side[s->from].flags |= WT_SIDE_LAST_ALERT;
    if (readable && level == 2 && description != WT_ALERT_CLOSE_NOTIFY)
        tls->side[s->from].flags |= WT_SIDE_FATAL;
    if (readable && description == WT_ALERT_CLOSE_NOTIFY)
        tls->side[s->from].flags |= WT_SIDE_CLOSE_NOTIFY;
    if (tls->report.alert_count >= WT_LIMIT_ALERTS || !(a = wt_arena_alloc(&tls->arena, sizeof *a)))
        return;
    while (*at)
        at = &(*at)->next;
    a->alert = (struct wt_alert_seen){s->o->frame, (uint8_t)s->from, readable, level, description};
    *at = a;
    tls->report.alert_count++;
}

/* RFC 8446, 6: "Alert messages convey … a description of the alert and a legacy field that conveyed the severity". */
static void read_alert(struct seat *s, const struct wt_record *r, struct wt_span body)
{
    struct wt_tls_side *side = &s->c->tls->side[s->from];
    /* RFC 5246, 6.2.1 lets an alert be split over records, byte by byte. */
    uint8_t two[2] = {side->alert_level, 0};
    if (side->flags & WT_SIDE_ALERT_HALF && body.n == 1) {
        two[1] = body.p[0];
        body = wt_span_of(two, 2);
        side->flags &= (uint16_t)~WT_SIDE_ALERT_HALF;
    } else if (body.n == 1) {
        side->alert_level = body.p[0];
        side->flags |= WT_SIDE_ALERT_HALF;
        return;
    }
    if (body.n == 2) {
        struct wt_message *m;
        add_alert(s, true, body.p[0], body.p[1]);
        m = log_record(s, r, WT_MESSAGE_TYPED, body);
        if (m)
            m->content_type = WT_CONTENT_ALERT;
    }
}

static void end_alert(struct seat *s, const struct wt_record *r)
{
    struct wt_tls_side *side = &s->c->tls->side[s->from];
    struct wt_span body = wt_span_cut(s->body, 0, r->length > side->mac ? r->length - side->mac : 0);
    if (side->cover == WT_COVER_KEYS || r->flags & WT_RECORD_TORN || body.n > 2 || body.n + side->mac != r->length) {
        add_alert(s, false, 0, 0);
        (void)log_record(s, r, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
        return;
    }
    read_alert(s, r, body);
}

static void activate_keys(struct seat *s)
{
    struct wt_tls *tls = s->c->tls;
    unsigned from = s->from;
    struct wt_tls_side *side = &tls->side[from];
    /* RFC 8446, 5: change_cipher_spec "may be received at any time … and which MUST simply be dropped": in TLS 1.3 it
     * changes nothing. Before the version is known it may be either. */
    if (wt_tls_is_13(tls))
        return;
    if (tls->agreed.version)
        wt_keyring_change(s->o, tls, from);
    const struct wt_suite *suite = tls->agreed.has_suite ? wt_suite_find(tls->agreed.suite) : NULL;
    if (suite && wt_cipher_of((enum wt_cipher_id)suite->cipher)->mode == WT_MODE_NULL && !tls->agreed.compression &&
        !(tls->keys && tls->keys->by[from].now)) {
        /* RFC 5246, 6.2.3.1: with the NULL cipher "the encryption operation … consists of the identity operation": it
         * is read without keys too, if unverified. What is compressed is not: a guess at its stream would be one. */
        side->mac = wt_hash_info_of((enum wt_hash_id)suite->mac)->length;
        side->flags |= WT_SIDE_HELLO;
        return;
    }
    side->cover = tls->agreed.version ? WT_COVER_KEYS : WT_COVER_MAYBE;
}

static void end_ccs(struct seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    unsigned flags = 0;
    if (!wt_tls_is_13(tls) && tls->agreed.version && !wt_order_step(s->o, s->c, s->from, WT_FLOW_CCS, 0))
        flags |= WT_MESSAGE_UNEXPECTED;
    struct wt_message *m = log_record(s, r, flags, (struct wt_span){0});
    if (m)
        m->content_type = WT_CONTENT_CHANGE_CIPHER_SPEC;
    activate_keys(s);
}

/* A handshake record that nobody can read: up to TLS 1.2 the first behind the CCS is Finished, by its place. */
static void end_hidden(struct seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    if (tls->log)
        (void)log_record(s, r, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
    if (side->cover == WT_COVER_NONE)
        return;
    side->cover = WT_COVER_KEYS;
    if (tls->outcome.ready_ns)
        side->flags |= WT_SIDE_AGAIN;
    wt_facts_hidden_handshake(s->o, tls, s->from);
    (void)wt_flow_step(&tls->flow, s->from, WT_FLOW_HIDDEN, 0, WT_FLOW_LENIENT, NULL);
    side->flags |= WT_SIDE_FINISHED;
    wt_tls_finished(s->o, s->c);
    if (tls->outcome.ready_ns && !wt_tls_is_13(tls)) {
        wt_proofs_settle(s->o, s->c, false);
        if (!tls->keys)
            wt_tls_end_handshake(tls);
    }
}

/* Application data of a suite that does not encrypt: all but the MAC. */
static void read_plain_data(struct seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    struct wt_span all = s->body.n ? s->body : wt_buffer_span(&tls->keys->by[s->from].partial);
    if (all.n == r->length && r->length >= side->mac)
        wt_opener_plaintext(s->o, s->c, s->from, wt_span_cut(all, 0, all.n - side->mac));
}

/* A record that was opened: what is inside goes the way of what passes in the clear. */
static void end_opened(struct seat *s, const struct wt_record *r, const struct wt_opened *opened)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    struct wt_message *m;
    wt_places_opened(s->c, s->direction, opened->type, opened->text.n, opened->padding);
    if (wt_tls_is_13(tls))
        wt_tls_opened_record(s->o, s->c, s->from, opened->type, opened->text);
    s->flags = WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED;
    if (r->type != opened->type && (m = log_record(s, r, 0, (struct wt_span){0})))
        m->inner_type = opened->type;
    switch (opened->type) {
    case WT_CONTENT_APPLICATION_DATA:
        side->data.records++;
        side->data.bytes += r->length;
        if ((m = log_record(s, r, 0, (struct wt_span){0})))
            m->plaintext_length = (uint32_t)opened->text.n;
        wt_opener_plaintext(s->o, s->c, s->from, opened->text);
        break;
    case WT_CONTENT_HANDSHAKE:
        if (!tls->handshake)
            break;
        s->record = r;
        wt_framing_record(&tls->handshake->reader[s->direction]);
        wt_places_fragment(s->o, s->c, s->direction, 0, opened->text.n, &tls->handshake->reader[s->direction]);
        if (!wt_framing_feed(&tls->handshake->reader[s->direction], opened->text, on_handshake, s))
            wt_finding_add(tls, WT_FINDING_MALFORMED, s->o->frame,
                           "a handshake record holds what is no handshake message", 0, 0);
        break;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        end_ccs(s, r);
        break;
    case WT_CONTENT_ALERT:
        read_alert(s, r, opened->text);
        break;
    default:
        if (opened->type == WT_CONTENT_HEARTBEAT)
            wt_facts_heartbeat(s->o, tls, s->from, opened->text, (uint32_t)opened->text.n);
        m = log_record(s, r, opened->text.n ? WT_MESSAGE_TYPED : 0, opened->text);
        if (m) {
            m->content_type = opened->type;
            m->type = opened->text.n ? opened->text.p[0] : 0;
        }
    }
    s->flags = 0;
}

/* The record that `record` of the options asks for. */
static bool is_shown(const struct seat *s)
{
    return s->o->options.record && s->o->options.record == wt_tls_record_count(s->c->tls, s->from) &&
           s->o->options.record_side == s->from;
}

/* One that was not opened is shown as it stands. */
static void show_plain(struct seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    const uint8_t head[5] = {r->type, (uint8_t)(r->version >> 8), (uint8_t)r->version, (uint8_t)(r->length >> 8),
                             (uint8_t)r->length};
    if (!wt_keyring_make(s->o, tls))
        return;
    const struct wt_steps *steps = wt_keyring_record_steps(s->o, tls, s->from);
    bool keys = wt_opener_protected(tls, s->from, r);
    struct wt_step_part part = {"fragment", wt_buffer_span(&s->o->shown), false};
    struct wt_step fragment = {keys ? "ciphertext" : "fragment",
                               "",
                               keys ? "ciphertext_unopened" : "fragment_plain",
                               "RFC 8446, 5.1; RFC 5246, 6.2.1",
                               NULL,
                               0,
                               part};
    struct wt_step header = {"header",
                             "",
                             "header",
                             "RFC 8446, 5.1; RFC 5246, 6.2.1",
                             &part,
                             1,
                             {"record header", wt_span_of(head, 5), false}};
    wt_steps_say(steps, &fragment);
    wt_steps_say(steps, &header);
}

/* A record that is not opened and whose bytes are wanted all the same: data of a suite that does not encrypt. */
static bool wants_whole(struct seat *s, const struct wt_tls_side *side, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    bool data = side->mac && r->type == WT_CONTENT_APPLICATION_DATA && side->cover != WT_COVER_KEYS;
    return data && wt_keyring_make(s->o, tls);
}

/* Whether the body of a record is read that passes in the clear, as far as one knows. */
static bool on_begin_plain(struct seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    switch (r->type) {
    case WT_CONTENT_HANDSHAKE:
        side->flags &= (uint16_t)~WT_SIDE_HIDDEN_NOW;
        if (side->cover == WT_COVER_KEYS || !tls->handshake) {
            side->flags |= WT_SIDE_HIDDEN_NOW;
            return false;
        }
        wt_framing_record(&tls->handshake->reader[s->direction]);
        /* Without a hello before it, or behind a CCS that may have meant keys, content is looked at before it is
         * believed; not the first that a side says at all. */
        bool first = r->number == 1 && wt_transport_opened(&s->c->transport, s->direction);
        if ((side->cover == WT_COVER_MAYBE || (!first && !(side->flags & WT_SIDE_HELLO))) &&
            tls->handshake->reader[s->direction].held.n == 0)
            tls->handshake->reader[s->direction].lost = true;
        return true;
    case WT_CONTENT_ALERT:
    case WT_CONTENT_HEARTBEAT:
        return side->cover != WT_COVER_KEYS;
    default:
        return false;
    }
}

static bool on_begin(void *context, const struct wt_record *r)
{
    struct seat *s = context;
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    s->body = (struct wt_span){0};
    side->head_length = 0;
    wt_places_record(s->o, s->c, s->direction, &tls->cursor[s->direction]);
    side->flags &= (uint16_t) ~(WT_SIDE_OPENING | WT_SIDE_WHOLE);
    if (r->flags & WT_RECORD_SSL2)
        return wt_ssl2_begin(s->o, s->c, s->direction);
    s->o->shown.n = 0;
    if (s->o->options.keys && wt_opener_protected(tls, s->from, r) && wt_opener_wants(s->o, tls, s->from, r)) {
        side->flags = (uint16_t)((side->flags | WT_SIDE_OPENING) & ~WT_SIDE_HIDDEN_NOW);
        return true;
    }
    if (wants_whole(s, side, r)) {
        side->flags |= WT_SIDE_WHOLE;
        tls->keys->by[s->from].partial.n = 0;
        return true;
    }
    return on_begin_plain(s, r) || is_shown(s);
}

/* An alert or heartbeat: read where it lies when it comes in one piece; else its first bytes are put together, which
 * are all that is asked of it. */
static void gather_body(struct seat *s, struct wt_tls_side *side, const struct wt_record *r, struct wt_span piece)
{
    if (piece.n == r->length) {
        s->body = piece;
        return;
    }
    for (size_t i = 0; i < piece.n && side->head_length < sizeof side->head; i++)
        side->head[side->head_length++] = piece.p[i];
    s->body = wt_span_of(side->head, side->head_length);
}

static void on_body(void *context, const struct wt_record *r, uint32_t at, struct wt_span piece)
{
    struct seat *s = context;
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    if (is_shown(s) && !wt_buffer_add(&s->o->shown, piece.p, piece.n))
        s->o->lost[WT_LOST_MEMORY]++;
    if (r->flags & WT_RECORD_SSL2) {
        wt_ssl2_body(s->o, s->c, s->direction, piece);
    } else if (side->flags & (WT_SIDE_OPENING | WT_SIDE_WHOLE)) {
        if (piece.n == r->length)
            s->body = piece;
        else
            wt_opener_body(s->o, tls, s->from, r, piece);
    } else if (r->type == WT_CONTENT_APPLICATION_DATA) {
        return; /* only to be shown */
    } else if (r->type != WT_CONTENT_HANDSHAKE) {
        gather_body(s, side, r, piece);
    } else if (!(side->flags & WT_SIDE_HIDDEN_NOW) && tls->handshake) {
        struct wt_framing *reader = &tls->handshake->reader[s->direction];
        /* Behind a CCS before any ServerHello only a hello can be in the clear: TLS 1.3's second ClientHello. */
        if (side->cover == WT_COVER_MAYBE && reader->lost && !reader->held.n &&
            piece.p[0] != WT_HANDSHAKE_CLIENT_HELLO && piece.p[0] != WT_HANDSHAKE_SERVER_HELLO) {
            side->flags |= WT_SIDE_HIDDEN_NOW;
            side->cover = WT_COVER_KEYS;
            return;
        }
        uint32_t end = r->length > side->mac ? r->length - side->mac : 0;
        piece = wt_span_cut(piece, 0, end > at ? end - at : 0);
        s->record = r;
        wt_places_fragment(s->o, s->c, s->direction, at, piece.n, reader);
        if (!wt_framing_feed(reader, piece, on_handshake, s)) {
            bool alien = side->cover == WT_COVER_NONE && side->flags & WT_SIDE_HELLO && !side->missing;
            side->flags |= WT_SIDE_HIDDEN_NOW;
            if (side->cover == WT_COVER_MAYBE)
                side->cover = WT_COVER_KEYS;
            if (alien)
                wt_finding_add(tls, WT_FINDING_MALFORMED, s->o->frame,
                               "a handshake record holds what is no handshake message", 0, 0);
        }
    }
}

static void on_end(void *context, const struct wt_record *r)
{
    struct seat *s = context;
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    if (r->flags & WT_RECORD_SSL2) {
        wt_ssl2_end(s->o, s->c, s->direction, r);
        return;
    }
    if (side->flags & WT_SIDE_OPENING) {
        struct wt_opened opened;
        if (wt_opener_end(s->o, tls, s->from, r, s->body, &opened)) {
            end_opened(s, r, &opened);
            return;
        }
        side->flags |= WT_SIDE_HIDDEN_NOW;
    }
    if (is_shown(s) && !(tls->keys && tls->keys->record_steps))
        show_plain(s, r);
    switch (r->type) {
    case WT_CONTENT_APPLICATION_DATA:
        if (side->flags & WT_SIDE_WHOLE)
            read_plain_data(s, r);
        side->data.records++;
        side->data.bytes += r->length;
        side->flags &= (uint16_t)~WT_SIDE_LAST_ALERT;
        wt_tls_hidden_record(s->o, s->c, s->from, r->length);
        if (tls->log)
            (void)log_record(s, r, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
        break;
    case WT_CONTENT_HANDSHAKE:
        if (side->flags & WT_SIDE_HIDDEN_NOW)
            end_hidden(s, r);
        break;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        end_ccs(s, r);
        break;
    case WT_CONTENT_ALERT:
        end_alert(s, r);
        break;
    default: {
        if (r->type == WT_CONTENT_HEARTBEAT && side->cover != WT_COVER_KEYS)
            wt_facts_heartbeat(s->o, tls, s->from, s->body, r->length > side->mac ? r->length - side->mac : 0);
        else if (r->type == WT_CONTENT_HEARTBEAT)
            wt_facts_hidden_heartbeat(s->o, tls, s->from, r->length);
        struct wt_message *m = log_record(s, r, s->body.n ? WT_MESSAGE_TYPED : 0, s->body);
        if (m && s->body.n)
            m->type = s->body.p[0];
    }
    }
}

static void on_lost(void *context, const uint8_t head[5])
{
    struct seat *s = context;
    (void)head;
    /* RFC 5246, 7.2.1: close_notify ends what the sender says in TLS; where the application provides for it the
     * connection goes on without (RFC 4217, 12.3: FTP's CCC). */
    if (wt_facts_has_closed(s->c->tls, 0) && wt_facts_has_closed(s->c->tls, 1))
        return;
    wt_finding_add(s->c->tls, WT_FINDING_NOT_A_RECORD, s->o->frame, wt_tls_sender_within(s->from), 0, 0);
}

static struct wt_carriage_sink sink_of(struct seat *s)
{
    return (struct wt_carriage_sink){on_begin, on_body, on_end, on_lost, s};
}

void wt_tls_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes)
{
    struct wt_tls *tls = c->tls;
    unsigned from = wt_tls_side_of(tls, direction);
    tls->pace.last_from = (uint8_t)from;
    if (tls->carrier)
        wt_carrier_data(o, c, direction, bytes);
    else if (!(tls->side[from].flags & WT_SIDE_STARTED))
        wt_detect_side(o, c, direction, bytes);
    else
        wt_tls_records(o, c, direction, bytes);
}

void wt_tls_records(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes)
{
    struct wt_record_cursor *cursor = &c->tls->cursor[direction];
    if (wt_record_skips(cursor, bytes.n))
        return;
    struct seat s = {o, c, direction, wt_tls_side_of(c->tls, direction), {0}, 0, NULL};
    struct wt_carriage_sink sink = sink_of(&s);
    wt_record_feed(cursor, bytes, &sink);
}

void wt_tls_gap(struct wt_observer *o, struct wt_conversation *c, unsigned direction, uint64_t n)
{
    struct wt_tls *tls = c->tls;
    struct wt_record_cursor *cursor = &tls->cursor[direction];
    unsigned from = wt_tls_side_of(tls, direction);
    struct wt_tls_side *side = &tls->side[from];
    side->missing += n;
    if (!(side->flags & WT_SIDE_STARTED)) {
        side->flags |= WT_SIDE_STARTED;
        cursor->state |= WT_RECORD_LOST | WT_RECORD_ANY_VERSION;
        return;
    }
    struct seat s = {o, c, direction, from, {0}, 0, NULL};
    struct wt_carriage_sink sink = sink_of(&s);
    bool in_handshake = cursor->state & WT_RECORD_WANTED && cursor->record.type == WT_CONTENT_HANDSHAKE;
    /* of a fragment that is nothing but handshake messages in the clear */
    bool clear = in_handshake && !(side->flags & (WT_SIDE_HIDDEN_NOW | WT_SIDE_OPENING)) && !side->mac;
    bool inside = wt_record_gap(cursor, n, &sink);
    clear = clear && inside;
    wt_keyring_gap(tls, from, n);
    if (tls->handshake && !tls->outcome.ready_ns)
        tls->handshake->common.messages.broken = true;
    if (tls->handshake && (!inside || in_handshake))
        (void)wt_framing_gap(&tls->handshake->reader[direction], clear ? n : 0);
}

void wt_tls_end(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    for (unsigned d = 0; d < 2; d++) {
        unsigned side = wt_tls_side_of(tls, d);
        if (tls->side[side].missing)
            wt_finding_add(tls, WT_FINDING_CAPTURE_GAP, 0, wt_tls_sender(side), tls->side[side].missing, 0);
    }
    /* what was sent twice before anything was known to be TLS was told to nobody then */
    for (unsigned d = 0; d < 2; d++)
        if (wt_transport_conflicts(&c->transport, d) && !wt_finding_of(tls, WT_FINDING_TCP_CONFLICT))
            wt_finding_add(tls, WT_FINDING_TCP_CONFLICT, 0, wt_tls_sender(wt_tls_side_of(tls, d)), 0, 0);
    wt_order_end(c);
    /* a message that could not be opened is missing from what the proofs cover */
    for (unsigned d = 0; d < 2 && tls->keys && tls->handshake && !tls->outcome.ready_ns; d++)
        if (tls->keys->by[d].opened && tls->keys->by[d].failed)
            tls->handshake->common.messages.broken = true;
    wt_proofs_settle(o, c, true);
    wt_opener_settle(o, c);
    wt_tls_settle(o, c);
    if (!(tls->flow.facts & WT_FACT_CLIENT_HELLO) && !wt_transport_opened(&c->transport, 0))
        wt_finding_add(tls, WT_FINDING_CAPTURE_STARTS_LATE, 0, "", 0, 0);
    wt_servers_learn(o, c);
    wt_judge_settle(o, c);
    wt_causes_settle(o, c);
    wt_observations_settle(o, c);
    wt_tls_end_handshake(tls);
}
