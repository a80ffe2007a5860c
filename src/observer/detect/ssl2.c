/* SSL 2.0: the compatible hello of RFC 5246, E.2, and connections that stay with it. Its messages are one to a record;
 * behind CLIENT-MASTER-KEY all passes under keys. */
#include "observer/detect/ssl2.h"

#include "observer/message/hello.h"
#include "observer/message/log.h"
#include "observer/message/message.h"
#include "observer/state.h"

bool wt_ssl2_begin(struct wt_observer *o, struct wt_conversation *c, unsigned direction)
{
    (void)o;
    struct wt_tls *tls = c->tls;
    if (!tls->handshake || tls->side[wt_tls_side_of(tls, direction)].cover == WT_COVER_KEYS)
        return false;
    tls->handshake->reader[direction].held.n = 0;
    return true;
}

void wt_ssl2_body(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span piece)
{
    (void)o;
    if (c->tls->handshake)
        (void)wt_buffer_add(&c->tls->handshake->reader[direction].held, piece.p, piece.n);
}

/* SSL 2.0's CLIENT-HELLO, with cipher kinds of three bytes: those that begin with zero are TLS's suites. */
static void client_hello(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span body)
{
    struct wt_tls *tls = c->tls;
    struct wt_decode decode;
    struct wt_ssl2_client_hello hello = {0};
    struct wt_codec_context context = {0};
    struct wt_reader r = wt_reader_start(&decode, body, NULL);
    wt_ssl2_client_hello_read(&r, &context, &hello);
    if (hello.challenge.n >= 16 && hello.challenge.n <= 32) {
        /* RFC 5246, E.2: "If the challenge length is less than 32, the TLS server will pad the data with leading (note:
         * not trailing) zero bytes"; for Finished "the msg_length field is not considered to be a part of the handshake
         * message", which begins with its type. */
        struct wt_ssl2_client_hello padded = hello;
        struct wt_messages *m = &tls->handshake->common.messages;
        struct wt_handshake_message *message = wt_messages_read(m->pool, &context, WT_HANDSHAKE_CLIENT_HELLO,
                                                                wt_span_of(body.p - 1, body.n + 1), true, NULL);
        uint8_t random[32] = {0};
        memcpy(random + 32 - hello.challenge.n, hello.challenge.p, hello.challenge.n);
        padded.challenge = wt_span_of(random, 32);
        wt_hello_ssl2(o, tls, &padded);
        if (message && tls->handshake->keeps_transcript) {
            message->frame = o->frame;
            (void)wt_messages_add(m, message, WT_CLIENT, WT_PLACE_HELLO);
        } else {
            wt_messages_drop(m->pool, message);
        }
    }
    wt_tls_take_role(tls, direction);
    tls->agreed.offered = hello.version;
    tls->agreed.suites_offered = (uint16_t)(hello.cipher_specs.n / 3);
    tls->side[WT_CLIENT].flags |= WT_SIDE_HELLO;
    /* an id that it may have offered has no place to be compared with: what it resumes is believed */
    (void)wt_flow_step(&tls->flow, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO,
                       hello.session_id.n ? WT_FACT_TICKET_OFFERED : 0, WT_FLOW_LENIENT, NULL);
}

static void server_hello(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span body)
{
    struct wt_tls *tls = c->tls;
    struct wt_decode decode;
    struct wt_ssl2_server_hello hello;
    struct wt_codec_context context = {.from_server = 1};
    struct wt_reader r = wt_reader_start(&decode, body, NULL);
    wt_ssl2_server_hello_read(&r, &context, &hello);
    wt_tls_take_role(tls, !direction);
    tls->agreed.version = WT_SSL2;
    tls->agreed.protocol = WT_PROTOCOL_SSL2;
    tls->side[WT_SERVER].flags |= WT_SIDE_HELLO;
    (void)wt_flow_step(&tls->flow, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 0, WT_FLOW_LENIENT, NULL);
    if (hello.certificate.n)
        wt_message_add_certificate(o, c, WT_SERVER, hello.certificate);
}

/* What each message changes: who is covered by keys from here on, and that a side has finished. */
static void follow(struct wt_conversation *c, unsigned from, uint8_t type)
{
    struct wt_tls_side *side = c->tls->side;
    if (type == WT_SSL2_CLIENT_MASTER_KEY) {
        /* "CLIENT-MASTER-KEY … all following messages are encrypted" in both directions. */
        side[0].cover = side[1].cover = WT_COVER_KEYS;
    } else if (type == WT_SSL2_ERROR && side[from].cover == WT_COVER_NONE) {
        side[from].flags |= WT_SIDE_FATAL;
    }
}

void wt_ssl2_end(struct wt_observer *o, struct wt_conversation *c, unsigned direction, const struct wt_record *record)
{
    struct wt_tls *tls = c->tls;
    unsigned from = wt_tls_side_of(tls, direction);
    bool open = tls->side[from].cover != WT_COVER_KEYS && tls->handshake && !(record->flags & WT_RECORD_TORN);
    struct wt_span body = open ? wt_buffer_span(&tls->handshake->reader[direction].held) : (struct wt_span){0};
    struct wt_message m = {.from = (uint8_t)from,
                           .content_type = WT_CONTENT_HANDSHAKE,
                           .flags = WT_MESSAGE_SSL2,
                           .record_version = WT_SSL2,
                           .records = 1,
                           .length = record->length,
                           .record_length = record->length,
                           .shape = {WT_SSL2, 0, 0}};
    if (body.n) {
        m.flags |= WT_MESSAGE_TYPED;
        m.type = body.p[0];
        m.length = (uint32_t)body.n - 1;
        body = wt_span_cut(body, 1, body.n);
        if (m.type == WT_SSL2_CLIENT_HELLO)
            client_hello(o, c, direction, body);
        else if (m.type == WT_SSL2_SERVER_HELLO)
            server_hello(o, c, direction, body);
    } else {
        m.flags |= WT_MESSAGE_ENCRYPTED;
        tls->side[from].hidden++;
        tls->side[from].flags |= WT_SIDE_FINISHED;
        tls->side[from].data.records++;
        tls->side[from].data.bytes += record->length;
    }
    m.from = (uint8_t)(from = wt_tls_side_of(tls, direction)); /* a hello may have shown that it is the other */
    if (tls->log)
        (void)wt_log_add(o, c, m, body);
    if (m.flags & WT_MESSAGE_TYPED)
        follow(c, from, m.type);
    if (tls->handshake)
        wt_framing_clear(&tls->handshake->reader[direction]);
}
