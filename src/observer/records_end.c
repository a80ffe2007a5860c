/* What a record says once it is whole: alerts, ChangeCipherSpec, and what keys opened. */
#include "base/i18n.h"
#include "observer/breaches.h"
#include "observer/detect/ssl2.h"
#include "observer/facts.h"
#include "observer/keys/opener.h"
#include "observer/message/log.h"
#include "observer/message/message.h"
#include "observer/places.h"
#include "observer/records.h"

/* A record as a message of its own; handshake messages are told by message.c. */
struct wt_message *wt_records_log(struct wt_seat *s, const struct wt_record *r, unsigned flags, struct wt_span body)
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

void wt_records_handshake(void *context, uint8_t type, struct wt_span body, uint32_t length, unsigned records)
{
    struct wt_seat *s = context;
    const struct wt_message_place place = {s->record, records};
    wt_message_take(s->o, s->c, s->from, type, body, length, &place, s->flags);
    s->from = wt_tls_side_of(s->c->tls, s->direction); /* a hello may have shown that it is the other */
}

/* RFC 5246, 7.4 and A.4; RFC 8446, 4 and B.3: each message begins with its HandshakeType. */
void wt_records_alien(struct wt_seat *s, const struct wt_record *r, uint32_t at)
{
    struct wt_tls *tls = s->c->tls;
    const struct wt_framing *reader = &tls->handshake->reader[s->direction];
    const uint32_t rest = reader->alien_bytes < at ? reader->alien_bytes : at;
    const uint8_t type = reader->alien_type;
    const char *rule = wt_tls_is_13(tls) ? "RFC 8446, 4: HandshakeType" : "RFC 5246, 7.4: HandshakeType";
    const struct wt_list_finding *f = wt_finding_say(
        tls, WT_FINDING_MALFORMED, s->o->frame,
        _("A handshake record from %s contains no handshake message (type %u) from byte %u of its fragment on (%s)."),
        _(wt_tls_sender_within(s->from)), type, at - rest, rule);
    if (f)
        wt_finding_blame(tls, f, s->from == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER, WT_NOTICED_BY_NONE, false);
    struct wt_message *m = wt_records_log(s, r, WT_MESSAGE_MALFORMED, (struct wt_span){0});
    if (!m)
        return;
    m->content_type = WT_CONTENT_HANDSHAKE;
    m->type = type;
    m->length = r->type == WT_CONTENT_HANDSHAKE ? r->length - (at - rest) : rest;
    m->error = (struct wt_error){.code = WT_UNSUPPORTED, .field = "msg_type", .value = type, .rule = rule};
}

static void add_alert(struct wt_seat *s, bool readable, uint8_t level, uint8_t description)
{
    const struct wt_alert_seen alert = {s->o->frame, (uint8_t)s->from, readable, level, description};
    struct wt_list_alert *a = wt_tls_alert(s->c->tls, &alert);
    if (a)
        a->acknowledgment = wt_outcome_acknowledgment(s->o, s->c);
}

/* RFC 8446, 6: "Alert messages convey … a description of the alert and a legacy field that conveyed the severity". */
void wt_records_alert(struct wt_seat *s, const struct wt_record *r, struct wt_span body)
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
        m = wt_records_log(s, r, WT_MESSAGE_TYPED, body);
        if (m)
            m->content_type = WT_CONTENT_ALERT;
    }
}

void wt_records_hidden_alert(struct wt_seat *s)
{
    add_alert(s, false, 0, 0);
}

/* What there is of a record's body, without the MAC of a suite that does not encrypt. */
static struct wt_span plain_body(const struct wt_seat *s, const struct wt_record *r)
{
    const uint8_t mac = s->c->tls->side[s->from].mac;
    return wt_span_cut(s->body, 0, r->length > mac ? r->length - mac : 0);
}

static void end_alert(struct wt_seat *s, const struct wt_record *r)
{
    struct wt_tls_side *side = &s->c->tls->side[s->from];
    struct wt_span body = plain_body(s, r);
    if (side->cover == WT_COVER_KEYS || r->flags & WT_RECORD_TORN || body.n > 2 || body.n + side->mac != r->length) {
        add_alert(s, false, 0, 0);
        (void)wt_records_log(s, r, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
        return;
    }
    wt_records_alert(s, r, body);
}

static void activate_keys(struct wt_seat *s)
{
    struct wt_tls *tls = s->c->tls;
    unsigned from = s->from;
    struct wt_tls_side *side = &tls->side[from];
    /* RFC 8446, 5: whoever receives a change_cipher_spec during the handshake "MUST simply drop it without further
     * processing": in TLS 1.3 it changes nothing. Before the version is known it may be either. */
    if (wt_tls_is_13(tls))
        return;
    if (tls->agreed.version)
        wt_keyring_change(s->o, tls, from);
    const struct wt_suite *suite = tls->agreed.has_suite ? wt_suite_find(tls->agreed.suite) : NULL;
    if (suite && wt_cipher_of((enum wt_cipher_id)suite->cipher)->mode == WT_MODE_NULL && !tls->agreed.compression &&
        !(tls->keys && tls->keys->by[from].now)) {
        /* RFC 5246, 6.2.3.1: with the NULL cipher "encryption consists of the identity operation": it is
         * read without keys too, if unverified. What is compressed is not: a guess at its stream would be one. */
        side->mac = wt_hash_info_of((enum wt_hash_id)suite->mac)->length;
        side->flags |= WT_SIDE_HELLO;
        return;
    }
    side->cover = tls->agreed.version ? WT_COVER_KEYS : WT_COVER_MAYBE;
}

static void end_ccs(struct wt_seat *s, const struct wt_record *r, struct wt_span body)
{
    struct wt_tls *tls = s->c->tls;
    unsigned flags = 0;
    if (!wt_tls_is_13(tls) && tls->agreed.version && !wt_order_step(s->o, s->c, s->from, WT_FLOW_CCS, 0))
        flags |= WT_MESSAGE_UNEXPECTED;
    struct wt_message *m = wt_records_log(s, r, flags, body);
    if (m)
        m->content_type = WT_CONTENT_CHANGE_CIPHER_SPEC;
    activate_keys(s);
}

/* A handshake record that nobody can read: up to TLS 1.2 the first behind the CCS is Finished, by its place. */
static void end_hidden(struct wt_seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    if (tls->log)
        (void)wt_records_log(s, r, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
    if (side->cover == WT_COVER_NONE)
        return;
    side->cover = WT_COVER_KEYS;
    if (tls->outcome.ready_ns)
        side->flags |= WT_SIDE_AGAIN;
    wt_facts_hidden_handshake(s->o, tls, s->from);
    (void)wt_flow_step(&tls->flow, s->from, WT_FLOW_HIDDEN, 0, WT_FLOW_LENIENT, NULL);
    side->flags |= WT_SIDE_FINISHED;
    wt_outcome_finished(s->o, s->c);
    if (tls->outcome.ready_ns && !wt_tls_is_13(tls)) {
        wt_proofs_settle(s->o, s->c, false);
        if (!tls->keys)
            wt_tls_end_handshake(tls);
    }
}

/* Application data of a suite that does not encrypt: all but the MAC. */
static void read_plain_data(struct wt_seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    struct wt_span all = s->body.n ? s->body : wt_buffer_span(&tls->keys->by[s->from].partial);
    if (all.n == r->length && r->length >= side->mac)
        wt_opener_plaintext(s->o, s->c, s->from, wt_span_cut(all, 0, all.n - side->mac));
}

/* A record that was opened: what is inside goes the way of what passes in the clear. */
static void end_opened(struct wt_seat *s, const struct wt_record *r, const struct wt_opened *opened)
{
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    struct wt_message *m;
    wt_places_opened(s->c, s->direction, opened->type, opened->text.n, opened->padding);
    if (wt_tls_is_13(tls))
        wt_outcome_opened_record(s->o, s->c, s->from, opened->type, opened->text);
    s->flags = WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED;
    if (r->type != opened->type && (m = wt_records_log(s, r, 0, (struct wt_span){0})))
        m->inner_type = opened->type;
    switch (opened->type) {
    case WT_CONTENT_APPLICATION_DATA:
        side->data.records++;
        side->data.bytes += r->length;
        if ((m = wt_records_log(s, r, 0, (struct wt_span){0})))
            m->plaintext_length = (uint32_t)opened->text.n;
        wt_opener_plaintext(s->o, s->c, s->from, opened->text);
        break;
    case WT_CONTENT_HANDSHAKE:
        if (!tls->handshake)
            break;
        s->record = r;
        wt_framing_record(&tls->handshake->reader[s->direction]);
        wt_places_fragment(s->o, s->c, s->direction, 0, opened->text.n, &tls->handshake->reader[s->direction]);
        if (!wt_framing_feed(&tls->handshake->reader[s->direction], opened->text, wt_records_handshake, s))
            wt_records_alien(s, r, (uint32_t)opened->text.n);
        break;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        end_ccs(s, r, opened->text);
        break;
    case WT_CONTENT_ALERT:
        wt_records_alert(s, r, opened->text);
        break;
    default:
        if (opened->type == WT_CONTENT_HEARTBEAT)
            wt_facts_heartbeat(s->o, tls, s->from, opened->text, (uint32_t)opened->text.n);
        m = wt_records_log(s, r, opened->text.n ? WT_MESSAGE_TYPED : 0, opened->text);
        if (m) {
            m->content_type = opened->type;
            m->type = opened->text.n ? opened->text.p[0] : 0;
        }
    }
    s->flags = 0;
}

bool wt_records_is_shown(const struct wt_seat *s)
{
    return s->o->options.record && s->o->options.record == wt_tls_record_count(s->c->tls, s->from) &&
           s->o->options.record_side == s->from;
}

/* One that was not opened is shown as it stands. */
static void show_plain(struct wt_seat *s, const struct wt_record *r)
{
    struct wt_tls *tls = s->c->tls;
    const uint8_t head[5] = {r->type, (uint8_t)(r->version >> 8), (uint8_t)r->version, (uint8_t)(r->length >> 8),
                             (uint8_t)r->length};
    if (!wt_keyring_make(s->o, tls))
        return;
    struct wt_step_sink sink;
    const struct wt_steps *steps =
        wt_keyring_record_steps(&sink, s->o, tls, s->from, (uint32_t)wt_tls_record_count(tls, s->from));
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

void wt_records_end(void *context, const struct wt_record *r)
{
    struct wt_seat *s = context;
    struct wt_tls *tls = s->c->tls;
    struct wt_tls_side *side = &tls->side[s->from];
    if (r->flags & WT_RECORD_SSL2) {
        wt_ssl2_end(s->o, s->c, s->direction, r);
        return;
    }
    if (r->flags & WT_RECORD_OVERLONG) {
        wt_breaches_record(s->o, tls, s->from, r, wt_records_log(s, r, 0, (struct wt_span){0}));
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
    if (wt_records_is_shown(s) && !(tls->keys && tls->keys->record_steps))
        show_plain(s, r);
    switch (r->type) {
    case WT_CONTENT_APPLICATION_DATA:
        if (side->flags & WT_SIDE_WHOLE)
            read_plain_data(s, r);
        side->data.records++;
        side->data.bytes += r->length;
        side->flags &= (uint16_t)~WT_SIDE_LAST_ALERT;
        wt_outcome_hidden_record(s->o, s->c, s->from, r->length);
        if (tls->log)
            (void)wt_records_log(s, r, WT_MESSAGE_ENCRYPTED, (struct wt_span){0});
        break;
    case WT_CONTENT_HANDSHAKE:
        if (tls->handshake && r->length > tls->handshake->longest[s->from])
            tls->handshake->longest[s->from] = (uint16_t)r->length;
        if ((side->flags & (WT_SIDE_HIDDEN_NOW | WT_SIDE_ALIEN_NOW)) == WT_SIDE_HIDDEN_NOW)
            end_hidden(s, r);
        break;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        end_ccs(s, r, tls->log && wt_records_is_plain_ccs(side, r) ? plain_body(s, r) : (struct wt_span){0});
        break;
    case WT_CONTENT_ALERT:
        end_alert(s, r);
        break;
    default: {
        if (r->type == WT_CONTENT_HEARTBEAT && side->cover != WT_COVER_KEYS)
            wt_facts_heartbeat(s->o, tls, s->from, s->body, r->length > side->mac ? r->length - side->mac : 0);
        else if (r->type == WT_CONTENT_HEARTBEAT)
            wt_facts_hidden_heartbeat(s->o, tls, s->from, r->length);
        struct wt_message *m = wt_records_log(s, r, s->body.n ? WT_MESSAGE_TYPED : 0, s->body);
        if (m && s->body.n)
            m->type = s->body.p[0];
    }
    }
}
